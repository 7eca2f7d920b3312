// The command line as a VM's specification: what QEMU's options come to, once it is known what the files are that they name.

import type { DeviceSpec } from '../engine/pc/bus/device-model.ts';
import { APIC_DEVICES } from '../engine/vmkernel/spec/machine-spec.ts';
import type { VmSpec } from '../engine/vmkernel/spec/spec.ts';
import { checkVmSpec } from '../engine/vmkernel/spec/spec-check.ts';
import type { BootFiles } from './boot.ts';
import { segmentGroup } from './net/connect-nics.ts';
import type { RunnerOptions } from './options.ts';

/** What firmware, what it starts, and bare kernels look for, and a Linux kernel that is started directly does without. */
const BARE_METAL = ['fw-cfg', ...APIC_DEVICES.map(({ model }) => model)];
/** -vga std. */
const SCREEN = 'VGA';
/** What takes its place in a machine without. */
const NO_SCREEN = 'text-memory';

/** Throws SpecError. */
export function vmSpec(options: RunnerOptions, { images, bareMetal }: BootFiles, id: string, name: string): VmSpec {
  const { memoryMiB, cpu, devices, drives, nics, commandLine, boot, vga } = options;
  const screen = vga === 'std' || (vga === undefined && images.firmware !== undefined);
  const bare = bareMetal ? BARE_METAL : [];
  return checkVmSpec({
    ...{ id, name, guestOs: '' },
    ...images,
    ...{ memoryMiB, cpu, commandLine, boot },
    ...(drives.length > 0 && { drives }),
    ...(nics.length > 0 && { nics: nics.map(({ spec }, n) => ({ ...spec, portGroup: segmentGroup(n).name })) }),
    devices: withDevices(devices, [...(screen ? [SCREEN] : []), ...bare], bareMetal),
  });
}

/** `bareMetal`: the guest expects memory for text where there is no screen. */
function withDevices(devices: readonly DeviceSpec[], wanted: readonly string[], bareMetal: boolean): DeviceSpec[] {
  const has = (name: string) => devices.some(({ model }) => model === name);
  const text = bareMetal && !wanted.includes(SCREEN) && !has(SCREEN) ? [NO_SCREEN] : [];
  const missing = [...wanted, ...text].filter((name) => !has(name));
  return [...devices, ...missing.map((model) => ({ model }))];
}
