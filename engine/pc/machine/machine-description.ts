// What tables and firmware are told of a machine, from the models of its devices: the same for a machine that runs as for
// the images that are placed in its memory before.

import type { DeviceSpec } from '../bus/device-model.ts';
import type { AcpiMachine } from '../firmware/acpi.ts';
import { planDevices } from './device-models.ts';

/** `devices`: beside those of every machine. Throws DeviceSpecError as `planDevices`. */
export function acpiMachine(devices: readonly DeviceSpec[], memoryMiB: number): AcpiMachine {
  const planned = planDevices(devices);
  return {
    memoryMiB,
    hasDisplay: planned.some(({ model }) => model.isDisplay),
    nodes: planned.flatMap(({ model, values }) => model.acpi?.(values) ?? []),
    interruptControllers: planned.flatMap(({ model, values }) => model.interruptControllers?.(values) ?? []),
  };
}
