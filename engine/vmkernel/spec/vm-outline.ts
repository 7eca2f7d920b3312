import type { VmOutline, VmSpec } from './spec.ts';

/** A specification without its images, which may be large. */
export function vmOutline({ firmware, kernel: _kernel, initrd: _initrd, ...rest }: VmSpec): VmOutline {
  return firmware ? { ...rest, firmware: { sizeKiB: firmware.sizeKiB } } : rest;
}
