// The command line as a VM's specification: what QEMU's options come to, once it is known what the files are that they name.

import type { DeviceSpec } from '../engine/pc/bus/device-model.ts';
import type { VmSpec } from '../engine/vmkernel/spec/spec.ts';
import { checkVmSpec } from '../engine/vmkernel/spec/spec-check.ts';
import type { Boot } from './boot.ts';
import type { RunnerOptions } from './options.ts';

/** What firmware and bare kernels look for, and Linux does without. */
const BARE_METAL = ['fw-cfg', 'text-memory', 'local-apic'];

/** Throws SpecError. */
export function vmSpec(options: RunnerOptions, { images, bareMetal }: Boot, id: string, name: string): VmSpec {
  const { memoryMiB, cpu, devices, drives, commandLine, bootOrder } = options;
  return checkVmSpec({
    ...{ id, name, guestOs: '' },
    ...images,
    ...{ memoryMiB, cpu, commandLine, bootOrder },
    ...(drives.length > 0 && { drives }),
    devices: bareMetal ? withBareMetal(devices) : devices,
  });
}

function withBareMetal(devices: readonly DeviceSpec[]): DeviceSpec[] {
  const missing = BARE_METAL.filter((name) => !devices.some(({ model }) => model === name));
  return [...devices, ...missing.map((model) => ({ model }))];
}
