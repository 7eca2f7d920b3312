// Whether a machine with certain devices can be built, found out by building one that never runs: two devices may want the same
// ports, memory or PCI slot, which no description of a single device shows.

import { KIB } from '../../base/sizes.ts';
import { type BlockPort, MAXIMUM_DRIVES } from '../bus/block.ts';
import { PlaceTakenError } from '../bus/device.ts';
import { type DeviceSpec, DeviceSpecError } from '../bus/device-model.ts';
import { MAXIMUM_NICS, type NicPort } from '../bus/nic.ts';
import { deviceMemoryKiB } from './device-models.ts';
import { Machine } from './machine.ts';

const NO_CABLE: NicPort = { transmit: () => false, receiveReady() {} };
const CABLES = new Array<NicPort>(MAXIMUM_NICS).fill(NO_CABLE);
const NO_MEDIUM: BlockPort = {
  medium: undefined,
  mediumCount: 0,
  submit() {},
  abandon() {},
  eject() {},
  setLocked() {},
};
const DRIVES = new Array<BlockPort>(MAXIMUM_DRIVES).fill(NO_MEDIUM);

/** Why there can be no such machine, for the user, a sentence without its end; undefined if there can. */
export function deviceProblem(memoryMiB: number, devices: readonly DeviceSpec[]): string | undefined {
  try {
    new Machine({
      memoryMiB,
      devices,
      deviceMemory: { firstPage: 0, bytes: new Uint8Array(deviceMemoryKiB(devices) * KIB), write() {}, written() {} },
      memory: { read: () => false, write: () => false, require: () => false },
      cables: CABLES,
      drives: DRIVES,
      hostNow: () => 0,
      wallClock: () => 0,
      output: () => () => {},
      interruptLine() {},
      raiseNmi() {},
      a20Line() {},
      resetRequested() {},
      powerOff() {},
    });
    return undefined;
  } catch (error) {
    if (error instanceof DeviceSpecError || error instanceof PlaceTakenError) return error.message;
    throw error;
  }
}
