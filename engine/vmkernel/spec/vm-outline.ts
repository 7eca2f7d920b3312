import type { VmOutline, VmSpec } from './spec.ts';

/** A specification without its images, which may be large. */
export function vmOutline(spec: VmSpec): VmOutline {
  const { firmware, kernel: _kernel, initrd: _initrd, modules: _modules, ...rest } = spec;
  return firmware ? { ...rest, firmware: { sizeKiB: firmware.sizeKiB } } : rest;
}
