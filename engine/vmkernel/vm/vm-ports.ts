// What a VM needs of its host, and what it reports to it.

import type { Timebase } from '../../base/timebase.ts';
import type { BootImage } from '../../pc/firmware/boot-image.ts';
import type { DriveStore } from '../block/drive-store.ts';
import type { MachineMemory } from '../memory/machine-memory.ts';
import type { PageSupply } from '../memory/page-supply.ts';
import type { VmMemory } from '../memory/vm-memory.ts';
import type { VmNetwork } from '../nic/vm-network.ts';
import type { PowerState, VmSpec } from '../spec/spec.ts';
import type { GuestEvent } from './guest-event.ts';
import type { LaunchVcpu } from './vcpu-control.ts';

export type VmEvent =
  /** COM1 has printed: Vm.output. */
  | { type: 'serial'; position: number; bytes: Uint8Array<ArrayBuffer> }
  /** Another output has: Vm.output. */
  | { type: 'output'; channel: string; bytes: Uint8Array<ArrayBuffer> }
  /** A serial port that had refused input has room again. */
  | { type: 'serial-room' }
  /** What it tells of keyboard and pointing devices is something else: Vm.input. */
  | { type: 'input' }
  /** The PC speaker sounds otherwise: Vm.input. */
  | { type: 'speaker' }
  /** What its agent says of it is something else: Vm.agent. */
  | { type: 'agent' }
  /** There is something to read of its screen for who waits for that. */
  | { type: 'screen' }
  | { type: 'power'; power: PowerState }
  /** What the guest did by itself. Comes before what follows from it, a change of the power state for instance. */
  | { type: 'guest'; event: GuestEvent }
  | { type: 'problem'; title: string; detail: string };

export interface VmPorts {
  host: MachineMemory;
  launch: LaunchVcpu;
  /** Fetches and checks the VM's images, until it is aborted. Rejects with a user-facing message. */
  prepareBoot(spec: VmSpec, signal: AbortSignal): Promise<BootImage>;
  timebase: Timebase;
  onEvent(event: VmEvent): void;
  /** What the guest's reset does, as QEMU's -no-reboot. */
  onGuestReset: 'restart' | 'power-off';
  /** Default: the VM has crashed, for inspection. A PC, as QEMU's, resets. */
  onTripleFault?: 'reset';
  /** Where network cards are connected; without it their frames are dropped. */
  network?: VmNetwork;
  /** Keeps the contents of drives; without it a VM that has any does not start. */
  drives?: DriveStore;
  /** Brings the pages of a VM's memory that are absent; without it all are there. */
  pageSupply?(host: MachineMemory, memory: VmMemory): PageSupply | undefined;
}

export interface InputOptions {
  /** What still waits at the port is forgotten first. */
  discard?: boolean;
  /** It is meant for this run only (Vm.run). */
  run?: number;
}

/** The VM cannot do what was asked, in its present state. The message is user-facing. */
export class VmStateError extends Error {
  override name = 'VmStateError';
}
