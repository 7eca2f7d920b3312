// The guest "debian-disk": Debian 12 on a disk that boots by firmware. The packages are unpacked and the disk is made here, without
// root; their scripts run in a virtual machine (second-stage), with the kernel of the guest "linux".
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GuestBuildError } from '../packages/errors.ts';
import type { GuestRecipe } from '../packages/guest-recipe.ts';
import { systemFiles } from './configuration.ts';
import { FILE_SYSTEM_UUID, writeDiskImage } from './disk-image.ts';
import { runSecondStage } from './run-second-stage.ts';
import { unpackSystem } from './unpack.ts';

const DISK_BYTES = 1 << 30;
const IMAGE = 'debian.img';
const GRUB_MODULES = 'usr/lib/grub/i386-pc';
const PACKAGES = [
  '?essential',
  '?priority(required)',
  // Not usrmerge, which would bring all of Perl: /usr is merged from the start.
  'usr-is-merged',
  ...['apt', 'linux-image-686', 'initramfs-tools', 'busybox', 'grub-pc-bin', 'sysvinit-core', 'udev', 'kmod', 'procps'],
  ...['e2fsprogs', 'ifupdown', 'isc-dhcp-client', 'iproute2', 'qemu-guest-agent', 'acpid'],
];

export const debianDisk: GuestRecipe = {
  what: 'Debian 12 on a 1 GiB disk with GRUB (fetches 100 MB, takes some minutes)',
  make: async ({ apt, folder, cache, report }) => {
    report('fetching the packages of a whole system (100 MB)');
    const fetched = apt.downloadSystem(PACKAGES);
    const work = join(cache, 'debian-disk');
    rmSync(work, { recursive: true, force: true });
    const root = join(work, 'root');
    mkdirSync(root, { recursive: true });
    try {
      report(`unpacking ${fetched.length} packages`);
      const owners = unpackSystem(
        root,
        fetched.map(({ file }) => file),
      );
      const release = kernelRelease(root);
      for (const { path, text, mode } of systemFiles(release, FILE_SYSTEM_UUID)) put(root, path, text, mode);
      const script = readFileSync(new URL('second-stage', import.meta.url), 'utf8');
      put(root, 'second-stage', script, 0o755);
      cpSync(join(root, GRUB_MODULES), join(root, 'boot/grub/i386-pc'), { recursive: true });
      report('making the disk');
      const image = join(folder, IMAGE);
      writeDiskImage(image, root, owners, DISK_BYTES);
      report('configuring the packages in a virtual machine (some minutes)');
      await runSecondStage(image, report);
      return {
        os: `Debian 12 on a disk, Linux ${release}`,
        memoryMiB: 256,
        drives: [{ model: 'ide-hd', file: IMAGE }],
        packages: fetched.map((one) => one.package),
      };
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  },
};

function kernelRelease(root: string): string {
  const prefix = 'vmlinuz-';
  const kernel = readdirSync(join(root, 'boot')).find((name) => name.startsWith(prefix));
  if (kernel === undefined) throw new GuestBuildError("Debian's linux-image-686 brought no kernel.");
  return kernel.slice(prefix.length);
}

function put(root: string, path: string, text: string, mode: number): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}
