// Images of disks that are not what a drive shows the guest: QEMU would find their format out and read it, here they are sectors as they are.

import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { recognize } from '../../engine/pc/images/recognize.ts';
import type { RecognizedImage } from '../../engine/pc/images/recognized.ts';

/**
 * Rejects with an Error for the user where a guest would see, and write over, the structure of a format such as qcow2.
 * @param warn is told what is compressed or an archive
 */
export async function checkImage(path: string, warn: (text: string) => void = () => {}): Promise<void> {
  const image = await recognized(path);
  if (image?.kind === 'disk-format') {
    const problem = image.problems.map(({ text }) => text).join(' ');
    throw new Error(`${basename(path)}: ${problem} (With the format raw it is used as it is.)`);
  }
  // A tar archive is given as a disk to guests that read it from there.
  if (image?.kind === 'packed' && image.format !== 'tar')
    warn(`${basename(path)} is packed (${image.title}): the guest sees it as it is. Unpack it first.`);
}

/** Undefined where there is no file that can be read: opening it says why. */
async function recognized(path: string): Promise<RecognizedImage | undefined> {
  const file = await open(path).catch(() => undefined);
  if (!file) return undefined;
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return undefined;
    const read = async (offset: number, length: number) => {
      const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    };
    return await recognize({ name: path, size: stat.size, read });
  } finally {
    await file.close();
  }
}
