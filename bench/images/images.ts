// The guests of the bench: Debian as the console boots it, and the same with the workloads in it.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'fflate';
import { floppyImage } from '../../guests/lapwing/files.ts';
import { readManifest } from '../../guests/manifest.ts';
import { writeCpio } from '../../guests/packages/cpio.ts';
import { type AnimationMode, makeAnimation } from './animation.ts';
import { makeBootDisk } from './boot-disk.ts';
import { compileWorkloads } from './compile.ts';
import { readFromCpio } from './cpio-reader.ts';
import { withDiskDrivers } from './disk-drivers.ts';
import type { GuestImage, ImageFile, LinuxImage } from './guest-image.ts';

const GUESTS = fileURLToPath(new URL('../../public/guests/', import.meta.url));
const MADE = fileURLToPath(new URL('../../build/bench/images/', import.meta.url));

/** What the images' addresses are relative to: prefix → folder. */
export const IMAGE_FOLDERS = { '/guests/': GUESTS, '/images/': MADE };

/** Of the disk that dataDiskGuest has. */
export const DATA_DISK_MIB = 64;

/** What the shell of the guest prints when it waits for a command. */
export const PROMPT = 'root@guest:~# ';

const guestFile = (name: string): ImageFile => ({ path: join(GUESTS, name), url: `/guests/${name}` });

const madeFile = (name: string): ImageFile => ({ path: join(MADE, name), url: `/images/${name}` });

/** Throws what to do if the images are missing. */
export function plainLinux(): LinuxImage {
  const linux = {
    kernel: guestFile('linux/vmlinuz'),
    initrd: guestFile('linux/initrd.gz'),
    commandLine: 'console=ttyS0',
  };
  if (!existsSync(linux.kernel.path) || !existsSync(linux.initrd.path)) {
    throw new Error('The guest images are missing: npm run guests');
  }
  return linux;
}

/** Throws what to do if the images are missing. */
export function plainImage(memoryMiB = 128): GuestImage & { linux: LinuxImage } {
  return { linux: plainLinux(), memoryMiB };
}

export interface WorkloadImage {
  image: GuestImage;
  /** The same program and the same busybox, to run on this machine's processor. */
  native: { workloads: string; busybox: string };
}

/** The kernel unpacks one initramfs after the other, so the workloads are appended. Throws what to do if something is missing. */
export function workloadImage(): WorkloadImage {
  const plain = plainImage();
  const workloads = compileWorkloads(MADE);
  const initrd = madeFile('workloads-initrd.gz');
  const busybox = join(MADE, 'busybox');
  mkdirSync(MADE, { recursive: true });

  const base = readFileSync(plain.linux.initrd.path);
  const program = readFileSync(workloads);
  const addition = writeCpio([{ kind: 'file', path: 'bin/workloads', mode: 0o755, data: program }]);
  writeFileSync(initrd.path, Buffer.concat([base, gzipSync(addition, { mtime: 0 })]));
  const guestBusybox = readFromCpio(gunzipSync(base), 'bin/busybox');
  if (guestBusybox === undefined) throw new Error(`${plain.linux.initrd.path} holds no bin/busybox.`);
  writeFileSync(busybox, guestBusybox, { mode: 0o755 });
  return { image: { ...plain, linux: { ...plain.linux, initrd } }, native: { workloads, busybox } };
}

/** Lapwing, our own small system, on its floppy disk. */
export function floppyGuest(): GuestImage {
  const image = madeFile('lapwing.img');
  mkdirSync(MADE, { recursive: true });
  writeFileSync(image.path, floppyImage());
  return { drives: [{ model: 'floppy', image }], memoryMiB: 32 };
}

/** The same Linux as plainImage's, on a disk with a boot loader. Throws what is missing. */
export function diskGuest(): GuestImage {
  const image = madeFile('linux-disk.img');
  makeBootDisk(image.path, plainLinux());
  return { drives: [{ model: 'ide-hd', image }], memoryMiB: 128 };
}

/** Linux with drivers for a disk of either model, and the disk. Throws what is missing. */
export async function dataDiskGuest(model: 'ide-hd' | 'virtio-blk'): Promise<GuestImage> {
  const initrd = madeFile('disk-initrd.gz');
  const image = madeFile('data.img');
  mkdirSync(MADE, { recursive: true });
  const plain = plainImage();
  if (!isNewer(initrd.path, plain.linux.initrd.path))
    writeFileSync(initrd.path, await withDiskDrivers(readFileSync(plain.linux.initrd.path), kernelPackage()));
  if (!existsSync(image.path)) writeFileSync(image.path, noise(DATA_DISK_MIB << 20));
  return { ...plain, linux: { ...plain.linux, initrd }, drives: [{ model, image }] };
}

/** Throws what is missing. */
export function animationGuest(mode: AnimationMode): GuestImage {
  const name = makeAnimation(MADE, mode);
  return { drives: [{ model: 'floppy', image: madeFile(name) }], memoryMiB: 32 };
}

/** Of the guest "linux". */
function kernelPackage(): string {
  const guest = readManifest(GUESTS)?.guests.find(({ name }) => name === 'linux');
  const found = guest?.packages.find(({ name }) => name.startsWith('linux-image-'));
  if (!found) throw new Error('The manifest of the guest images names no kernel: npm run guests');
  return found.name;
}

function isNewer(path: string, than: string): boolean {
  return existsSync(path) && statSync(path).mtimeMs > statSync(than).mtimeMs;
}

/** The same each time (G. Marsaglia, "Xorshift RNGs", 2003). */
function noise(bytes: number): Uint8Array {
  const words = new Uint32Array(bytes / 4);
  let x = 1;
  for (const at of words.keys()) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[at] = x;
  }
  return new Uint8Array(words.buffer);
}
