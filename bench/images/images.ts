// The guests of the bench: Debian as the console boots it, and the same with the workloads in it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'fflate';
import { writeCpio } from '../../guests/packages/cpio.ts';
import { compileWorkloads } from './compile.ts';
import { readFromCpio } from './cpio-reader.ts';
import type { GuestImage, ImageFile } from './guest-image.ts';

const GUESTS = fileURLToPath(new URL('../../public/guests/', import.meta.url));
const MADE = fileURLToPath(new URL('../../build/bench/images/', import.meta.url));

/** What the images' addresses are relative to: prefix → folder. */
export const IMAGE_FOLDERS = { '/guests/': GUESTS, '/images/': MADE };

/** What the shell of the guest prints when it waits for a command. */
export const PROMPT = 'root@guest:~# ';

const guestFile = (name: string): ImageFile => ({ path: join(GUESTS, name), url: `/guests/${name}` });

/** Throws what to do if the images are missing. */
export function plainImage(memoryMiB = 128): GuestImage {
  const image = {
    kernel: guestFile('linux/vmlinuz'),
    initrd: guestFile('linux/initrd.gz'),
    commandLine: 'console=ttyS0',
    memoryMiB,
  };
  if (!existsSync(image.kernel.path) || !existsSync(image.initrd.path)) {
    throw new Error('The guest images are missing: npm run guests');
  }
  return image;
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
  const initrd: ImageFile = { path: join(MADE, 'workloads-initrd.gz'), url: '/images/workloads-initrd.gz' };
  const busybox = join(MADE, 'busybox');
  mkdirSync(MADE, { recursive: true });

  const base = readFileSync(plain.initrd.path);
  const program = readFileSync(workloads);
  const addition = writeCpio([{ kind: 'file', path: 'bin/workloads', mode: 0o755, data: program }]);
  writeFileSync(initrd.path, Buffer.concat([base, gzipSync(addition, { mtime: 0 })]));
  const guestBusybox = readFromCpio(gunzipSync(base), 'bin/busybox');
  if (guestBusybox === undefined) throw new Error(`${plain.initrd.path} holds no bin/busybox.`);
  writeFileSync(busybox, guestBusybox, { mode: 0o755 });
  return { image: { ...plain, initrd }, native: { workloads, busybox } };
}
