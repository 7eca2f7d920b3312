// The guest "linux": Debian's own i386 kernel (linux-image-686, uniprocessor-capable, no PAE needed) and an initramfs of
// busybox-static with the scripts of this folder. No modules: what is needed to boot to a shell is built into the kernel.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'fflate';
import type { Package, PrivateApt } from '../apt.ts';
import { busyboxApplets } from '../busybox.ts';
import { type CpioEntry, writeCpio } from '../cpio.ts';
import { GuestBuildError } from '../errors.ts';

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
  const kernel = await extract(apt.download(kernelPackage), `./boot/vmlinuz-${release}`);
  const busybox = await extract(apt.download(busyboxPackage), './bin/busybox');
  return {
    kernel,
    initrd: gzipSync(writeCpio(initramfs(busybox)), { level: 9, mtime: 0 }),
    release,
    packages: [kernelPackage, busyboxPackage],
  };
}

function initramfs(busybox: Uint8Array): CpioEntry[] {
  const directory = (path: string, mode = 0o755): CpioEntry => ({ kind: 'directory', path, mode });
  const script = (path: string, name: string, mode: number): CpioEntry => ({
    kind: 'file',
    path,
    mode,
    data: readFileSync(new URL(name, import.meta.url)),
  });
  const text = (path: string, data: string): CpioEntry => ({
    kind: 'file',
    path,
    mode: 0o644,
    data: new TextEncoder().encode(data),
  });
  const symlink = (path: string, target: string): CpioEntry => ({ kind: 'symlink', path, target });
  return [
    ...['bin', 'dev', 'etc', 'proc', 'sys', 'usr', 'var'].map((path) => directory(path)),
    directory('root', 0o700),
    directory('tmp', 0o1777),
    // One folder of programs; the other customary paths lead to it.
    ...['sbin', 'usr/bin', 'usr/sbin'].map((path) => symlink(path, path.includes('/') ? '../bin' : 'bin')),
    { kind: 'character-device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
    { kind: 'file', path: 'bin/busybox', mode: 0o755, data: busybox },
    ...busyboxApplets(busybox)
      .filter((name) => name !== 'busybox')
      .map((name) => symlink(`bin/${name}`, 'busybox')),
    script('init', 'init', 0o755),
    script('etc/inittab', 'inittab', 0o644),
    script('bin/workload', 'workload', 0o755),
    script('etc/profile', 'profile', 0o644),
    text('etc/debian_release', 'Debian 12 (bookworm)\n'),
    text('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'),
    text('etc/group', 'root:x:0:\ntty:x:5:\n'),
    text('etc/hosts', '127.0.0.1 localhost\n'),
  ];
}

/** One file of a .deb; `path` as its archive spells it. */
async function extract(deb: string, path: string): Promise<Uint8Array> {
  const unpack = spawn('dpkg-deb', ['--fsys-tarfile', deb], { stdio: ['ignore', 'pipe', 'ignore'] });
  const pick = spawn('tar', ['--extract', '--to-stdout', '--occurrence=1', path], {
    stdio: [unpack.stdout, 'pipe', 'pipe'],
  });
  // This process holds no end of the pipe, so dpkg-deb ends as soon as tar has what it wants.
  unpack.stdout.destroy();
  const chunks: Buffer[] = [];
  for await (const chunk of pick.stdout) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.length === 0) throw new GuestBuildError(`${deb} holds no ${path}, or could not be unpacked.`);
  return bytes;
}
