import type { DriveOutline, DriveSpec, FirmwareOutline, FirmwareSpec, VmOutline, VmSpec } from './spec.ts';

/** A specification without its images and media, which may be large. */
export function vmOutline(spec: VmSpec): VmOutline {
  const { firmware, kernel: _kernel, initrd: _initrd, vgaBios: _vgaBios, modules: _modules, drives, ...rest } = spec;
  return {
    ...rest,
    ...(firmware && { firmware: firmwareOutline(firmware) }),
    ...(drives && { drives: drives.map(driveOutline) }),
  };
}

function firmwareOutline({ sizeKiB, roms }: FirmwareSpec): FirmwareOutline {
  return roms ? { sizeKiB, roms: roms.map(({ image: _image, ...rom }) => rom) } : { sizeKiB };
}

function driveOutline({ medium, ...drive }: DriveSpec): DriveOutline {
  if (!medium) return drive;
  const { source, ...rest } = medium;
  return { ...drive, medium: { ...rest, ...(source.kind === 'held' && { tab: source.tab }) } };
}
