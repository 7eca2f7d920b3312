import type { FirmwareOutline, FirmwareSpec, VmOutline, VmSpec } from './spec.ts';

/** A specification without its images, which may be large. */
export function vmOutline(spec: VmSpec): VmOutline {
  const { firmware, kernel: _kernel, initrd: _initrd, modules: _modules, ...rest } = spec;
  return firmware ? { ...rest, firmware: firmwareOutline(firmware) } : rest;
}

function firmwareOutline({ sizeKiB, roms }: FirmwareSpec): FirmwareOutline {
  return roms ? { sizeKiB, roms: roms.map(({ image: _image, ...rom }) => rom) } : { sizeKiB };
}
