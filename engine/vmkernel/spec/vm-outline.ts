import type { DriveOutline, DriveSpec, VmOutline, VmSpec } from './spec.ts';

/** A specification without its images and media, which may be large. */
export function vmOutline(spec: VmSpec): VmOutline {
  const { firmware, kernel: _kernel, initrd: _initrd, modules: _modules, drives, ...rest } = spec;
  return {
    ...rest,
    ...(firmware && { firmware: { sizeKiB: firmware.sizeKiB } }),
    ...(drives && { drives: drives.map(driveOutline) }),
  };
}

function driveOutline({ medium, ...drive }: DriveSpec): DriveOutline {
  if (!medium) return drive;
  const { source, ...rest } = medium;
  return { ...drive, medium: { ...rest, ...(source.kind === 'held' && { tab: source.tab }) } };
}
