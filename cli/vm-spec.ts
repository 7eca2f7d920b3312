// The command line as a VM's specification: what QEMU's options come to, once the files that they name are read.

import type { DeviceSpec } from '../engine/pc/bus/device-model.ts';
import type { VmSpec } from '../engine/vmkernel/spec/spec.ts';
import { checkVmSpec } from '../engine/vmkernel/spec/spec-check.ts';
import type { LoadedBoot } from './boot.ts';
import type { RunnerOptions } from './options.ts';

/** What firmware and bare kernels look for, and Linux does without. */
const BARE_METAL = ['fw-cfg', 'text-memory', 'local-apic'];

/** Throws SpecError. */
export function vmSpec(options: RunnerOptions, { image, bareMetal }: LoadedBoot, name: string): VmSpec {
  const { memoryMiB, cpu, devices, kernel, bios, commandLine, bootOrder } = options;
  const file = { kind: 'url', url: bios ?? kernel ?? '' } as const;
  return checkVmSpec({
    id: 'vm',
    name,
    guestOs: '',
    ...(image.rom ? { firmware: { image: file, sizeKiB: image.rom.length / 1024 } } : { kernel: file }),
    ...{ memoryMiB, cpu, commandLine, bootOrder },
    devices: bareMetal ? withBareMetal(devices) : devices,
  });
}

function withBareMetal(devices: readonly DeviceSpec[]): DeviceSpec[] {
  const missing = BARE_METAL.filter((name) => !devices.some(({ model }) => model === name));
  return [...devices, ...missing.map((model) => ({ model }))];
}
