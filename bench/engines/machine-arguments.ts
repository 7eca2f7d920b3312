// A guest of the bench as options of QEMU's command line, which our runner shares.
import type { DriveModel, GuestImage } from '../images/guest-image.ts';

const INTERFACES: Record<DriveModel, string> = { floppy: 'floppy', 'ide-hd': 'ide', 'virtio-blk': 'virtio' };

export function machineArguments({ linux, drives = [], memoryMiB }: GuestImage): string[] {
  return [
    ...['-m', String(memoryMiB), '-nic', 'none', '-no-reboot'],
    ...(linux ? ['-kernel', linux.kernel.path, '-initrd', linux.initrd.path, '-append', linux.commandLine] : []),
    ...drives.flatMap(({ model, image }) => [
      '-drive',
      // A comma in the file's name is written twice.
      `file=${image.path.replaceAll(',', ',,')},format=raw,if=${INTERFACES[model]},snapshot=on`,
    ]),
  ];
}
