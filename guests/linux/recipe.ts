// The guest "linux": Debian's own i386 kernel (linux-image-686, uniprocessor-capable, no PAE needed) and an initramfs of
// busybox-static with the scripts of this folder. What is needed to boot to a shell is built into the kernel; the drivers of
// network cards, CD drives and the power button are modules (kernel-modules.ts).
import { readFileSync } from 'node:fs';
import { gzipSync } from 'fflate';
import type { Package, PrivateApt } from '../packages/apt.ts';
import { busyboxApplets } from '../packages/busybox.ts';
import { type CpioEntry, writeCpio } from '../packages/cpio.ts';
import { filesOfDeb } from '../packages/deb.ts';
import { GuestBuildError } from '../packages/errors.ts';
import { aliasTable, dependencyTable, describeModule, MODULES } from './kernel-modules.ts';

export interface LinuxImages {
  kernel: Uint8Array;
  /** gzip of a newc cpio. */
  initrd: Uint8Array;
  /** Of the kernel, e.g. 6.1.0-50-686. */
  release: string;
  packages: Package[];
}

const KERNEL_META_PACKAGE = 'linux-image-686';
const BUSYBOX_PACKAGE = 'busybox-static';

/** Throws GuestBuildError with what failed and what to do. `report` gets a line for a person per step. */
export async function makeLinux(apt: PrivateApt, report: (line: string) => void): Promise<LinuxImages> {
  const meta = apt.show(KERNEL_META_PACKAGE);
  const release = /(?:^|[ ,])linux-image-([0-9][0-9a-z.+-]*-686)(?= |,|$)/.exec(meta.depends)?.[1];
  if (release === undefined) {
    throw new GuestBuildError(`${KERNEL_META_PACKAGE} ${meta.version} depends on no kernel ("${meta.depends}").`);
  }
  const kernelPackage = apt.show(`linux-image-${release}`);
  const busyboxPackage = apt.show(BUSYBOX_PACKAGE);
  for (const { name, version, size } of [kernelPackage, busyboxPackage]) {
    report(`${name} ${version} (${(size / 1e6).toFixed(1)} MB)`);
  }
  const [kernel, ...modules] = await filesOfDeb(apt.download(kernelPackage), [
    `./boot/vmlinuz-${release}`,
    ...MODULES.map((file) => `*/${file}.ko`),
  ]);
  const [busybox] = await filesOfDeb(apt.download(busyboxPackage), ['./bin/busybox']);
  const entries = [...system(busybox), ...moduleFolder(release, modules), ...network()];
  return {
    kernel,
    initrd: gzipSync(writeCpio(entries), { level: 9, mtime: 0 }),
    release,
    packages: [kernelPackage, busyboxPackage],
  };
}

const directory = (path: string, mode = 0o755): CpioEntry => ({ kind: 'directory', path, mode });
const symlink = (path: string, target: string): CpioEntry => ({ kind: 'symlink', path, target });
const text = (path: string, contents: string): CpioEntry => ({
  kind: 'file',
  path,
  mode: 0o644,
  data: new TextEncoder().encode(contents),
});
/** A file of this folder. */
const own = (path: string, name: string, mode: number): CpioEntry => ({
  kind: 'file',
  path,
  mode,
  data: readFileSync(new URL(name, import.meta.url)),
});

function system(busybox: Uint8Array): CpioEntry[] {
  return [
    ...['bin', 'dev', 'etc', 'lib', 'media', 'proc', 'srv', 'sys', 'usr', 'var'].map((path) => directory(path)),
    directory('root', 0o700),
    directory('tmp', 0o1777),
    // One folder of programs; the other customary paths lead to it.
    ...['sbin', 'usr/bin', 'usr/sbin'].map((path) => symlink(path, path.includes('/') ? '../bin' : 'bin')),
    { kind: 'character-device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
    { kind: 'file', path: 'bin/busybox', mode: 0o755, data: busybox },
    ...busyboxApplets(busybox)
      .filter((name) => name !== 'busybox')
      .map((name) => symlink(`bin/${name}`, 'busybox')),
    own('init', 'init', 0o755),
    own('etc/inittab', 'inittab', 0o644),
    own('bin/workload', 'workload', 0o755),
    own('bin/guest-agent', 'guest-agent', 0o755),
    own('bin/agent', 'agent', 0o755),
    own('bin/cd-drives', 'cd-drives', 0o755),
    own('bin/cd-event', 'cd-event', 0o755),
    own('bin/eject', 'eject', 0o755),
    own('etc/profile', 'profile', 0o644),
    directory('etc/acpi'),
    directory('etc/acpi/PWRF'),
    own('etc/acpi/PWRF/00000080', 'power-button', 0o755),
    text('etc/debian_release', 'Debian 12 (bookworm)\n'),
    text('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'),
    text('etc/group', 'root:x:0:\ntty:x:5:\n'),
    text('etc/hosts', '127.0.0.1 localhost\n'),
  ];
}

function moduleFolder(release: string, contents: readonly Uint8Array[]): CpioEntry[] {
  const folder = `lib/modules/${release}`;
  const modules = contents.map((elf, n) => describeModule(MODULES[n], elf));
  return [
    directory('lib/modules'),
    directory(folder),
    ...contents.map((data, n): CpioEntry => ({ kind: 'file', path: `${folder}/${MODULES[n]}.ko`, mode: 0o644, data })),
    text(`${folder}/modules.dep`, dependencyTable(modules)),
    text(`${folder}/modules.alias`, aliasTable(modules)),
  ];
}

function network(): CpioEntry[] {
  return [
    directory('etc/network'),
    own('etc/network/start', 'network-start', 0o755),
    own('etc/network/dhcp', 'network-dhcp', 0o755),
    own('bin/web', 'web', 0o755),
    own('bin/client', 'client', 0o755),
    own('bin/transact', 'transact', 0o755),
    directory('srv/www'),
    directory('srv/www/cgi-bin'),
    own('srv/www/index.html', 'index.html', 0o644),
    own('srv/www/cgi-bin/work', 'page', 0o755),
    ...['random', 'random.sha256'].map((name) => symlink(`srv/www/${name}`, `/tmp/${name}`)),
  ];
}
