// Every device model that a machine may have. The order is that in which devices are created, reset and restored: the
// chipset's before cards, and what takes ports away from others (isa-debugcon) behind them.

import {
  completeValues,
  type DeviceModel,
  type DeviceSpec,
  DeviceSpecError,
  type PropertyValues,
} from '../bus/device-model.ts';
import { acpiPmModel } from '../devices/acpi-pm/model.ts';
import { debugExitModel } from '../devices/debug-exit/model.ts';
import { debugconModel } from '../devices/debugcon/model.ts';
import { dmaModel } from '../devices/dma/model.ts';
import { floppyControllerModel, floppyModel } from '../devices/floppy/model.ts';
import { fpuErrorModel } from '../devices/fpu-error/model.ts';
import { fwCfgModel } from '../devices/fw-cfg/model.ts';
import { i8042Model } from '../devices/i8042/model.ts';
import { ideCdModel, ideHdModel, ideModel } from '../devices/ide/model.ts';
import { ioApicModel } from '../devices/ioapic/model.ts';
import { localApicModel } from '../devices/local-apic/model.ts';
import { ne2kModel } from '../devices/ne2k/model.ts';
import { parallelModel } from '../devices/parallel/model.ts';
import { pcTestdevModel } from '../devices/pc-testdev/model.ts';
import { pciTestdevModel } from '../devices/pci-testdev/model.ts';
import { pitModel } from '../devices/pit/model.ts';
import { port92Model } from '../devices/port92/model.ts';
import { postModel } from '../devices/post/model.ts';
import { pvpanicModel } from '../devices/pvpanic/model.ts';
import { rtcModel } from '../devices/rtc/model.ts';
import { textMemoryModel } from '../devices/text-memory/model.ts';
import { uartModel } from '../devices/uart/model.ts';
import { vgaModel } from '../devices/vga/model.ts';
import { virtioBlkModel } from '../devices/virtio-blk/model.ts';
import { virtioNetModel } from '../devices/virtio-net/model.ts';
import { virtioSerialModel, virtioSerialPortModel } from '../devices/virtio-serial/model.ts';
import { virtioTabletModel } from '../devices/virtio-tablet/model.ts';
import { vmmouseModel } from '../devices/vmmouse/model.ts';

export const DEVICE_MODELS: readonly DeviceModel[] = [
  pitModel,
  rtcModel,
  uartModel,
  i8042Model,
  vmmouseModel,
  port92Model,
  fpuErrorModel,
  acpiPmModel,
  dmaModel,
  floppyControllerModel,
  floppyModel,
  postModel,
  pvpanicModel,
  ideModel,
  ideHdModel,
  ideCdModel,
  virtioNetModel,
  ne2kModel,
  virtioSerialModel,
  virtioSerialPortModel,
  virtioTabletModel,
  virtioBlkModel,
  debugconModel,
  parallelModel,
  // Before cards that make room for it.
  vgaModel,
  pcTestdevModel,
  pciTestdevModel,
  fwCfgModel,
  textMemoryModel,
  localApicModel,
  ioApicModel,
  debugExitModel,
];

export const NIC_MODELS = DEVICE_MODELS.filter(({ role }) => role === 'network');

export const DRIVE_MODELS = DEVICE_MODELS.filter(({ role }) => role === 'drive');

/** With it CPUID reports a local APIC. */
export const LOCAL_APIC = localApicModel.name;
export const IO_APIC = ioApicModel.name;

/** By it firmware learns what the machine has. */
export const FW_CFG = fwCfgModel.name;

/** One device to be created, its values checked and complete. */
interface PlannedDevice {
  model: DeviceModel;
  values: PropertyValues;
  /** Among those of its model. */
  ordinal: number;
}

/**
 * The devices of a machine that was asked for `specs`, those of every machine included, in the order of creation.
 * Throws DeviceSpecError for what there is not, or not so often.
 */
export function planDevices(specs: readonly DeviceSpec[]): PlannedDevice[] {
  const unknown = specs.find(
    ({ model }) => !DEVICE_MODELS.some(({ name, role }) => name === model && role !== 'board'),
  );
  if (unknown) throw new DeviceSpecError(`there is no device "${unknown.model}"`);
  return DEVICE_MODELS.flatMap((model) => {
    const asked = specs.filter((spec) => spec.model === model.name).map(({ properties }) => properties);
    const all = [...(model.builtIn ?? []), ...asked].map((properties) => completeValues(model, properties));
    if (model.most !== undefined && all.length > model.most)
      throw new DeviceSpecError(`a machine has at most ${model.most} ${model.name}`);
    refuseTwins(model, all);
    return all.map((values, ordinal) => ({ model, values, ordinal }));
  });
}

/** KiB of memory that the devices of a machine have of their own. Throws DeviceSpecError as `planDevices`. */
export function deviceMemoryKiB(specs: readonly DeviceSpec[]): number {
  return planDevices(specs).reduce((sum, { model, values }) => sum + (model.memoryKiB?.(values) ?? 0), 0);
}

function refuseTwins({ name, properties }: DeviceModel, all: readonly PropertyValues[]): void {
  for (const [property, { unique }] of Object.entries(properties)) {
    if (!unique) continue;
    const seen = new Set<unknown>();
    for (const values of all) {
      if (seen.has(values[property]))
        throw new DeviceSpecError(`two devices ${name} cannot have the same ${property} (${values[property]})`);
      seen.add(values[property]);
    }
  }
}
