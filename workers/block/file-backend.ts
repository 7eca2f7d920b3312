// A file or a block device of the computer, in Node: read and written in place, or read only.

import { type FileHandle, open, readFile } from 'node:fs/promises';
import { SECTOR } from '../../engine/pc/bus/block.ts';
import { type Begin, type BlockBackend, MediumError } from '../../engine/vmkernel/block/block-backend.ts';

/** Zeros are written in pieces of that size, bytes. */
const ZEROS = new Uint8Array(256 * 1024);

/** Rejects with an Error for the user. */
export async function openFile(path: string, readOnly: boolean): Promise<BlockBackend> {
  try {
    const file = await open(path, readOnly ? 'r' : 'r+');
    return new FileBackend(file, await sizeOf(file, path), readOnly);
  } catch (error) {
    throw new Error(`The disk image ${path} cannot be opened: ${reasonOf(error)}.`);
  }
}

async function sizeOf(file: FileHandle, path: string): Promise<number> {
  const stat = await file.stat();
  if (stat.isFile()) return stat.size;
  if (!stat.isBlockDevice()) throw new Error('it is neither a file nor a block device');
  // The size of a block device is not in its inode (sysfs, /sys/dev/block/MAJOR:MINOR/size, in units of 512 bytes).
  const [major, minor] = deviceNumbers(stat.rdev);
  const sectors = Number(await readFile(`/sys/dev/block/${major}:${minor}/size`, 'utf8'));
  if (!Number.isSafeInteger(sectors)) throw new Error(`the size of ${path} is not known`);
  return sectors * SECTOR;
}

/** As glibc's <sys/sysmacros.h> splits a dev_t of up to 32 bits. */
function deviceNumbers(device: number): [major: number, minor: number] {
  return [(device >>> 8) & 0xfff, (device & 0xff) | ((device >>> 12) & 0xfff00)];
}

class FileBackend implements BlockBackend {
  readonly size: number;
  readonly readOnly: boolean;
  readonly overlayBytes = 0;
  readonly #file: FileHandle;

  constructor(file: FileHandle, size: number, readOnly: boolean) {
    this.#file = file;
    this.size = size;
    this.readOnly = readOnly;
  }

  async read(offset: number, into: Uint8Array): Promise<void> {
    // Behind the end of the last sector there is nothing in the file.
    const end = Math.min(into.length, Math.max(this.size - offset, 0));
    for (let at = 0; at < end; ) {
      const { bytesRead } = await told(this.#file.read(into, at, end - at, offset + at));
      if (bytesRead === 0) throw new MediumError('gone', 'the file has become shorter');
      at += bytesRead;
    }
    into.fill(0, end);
  }

  async write(offset: number, bytes: Uint8Array, begin: Begin): Promise<void> {
    await begin();
    await this.#write(offset, bytes);
  }

  async writeZeroes(offset: number, length: number, begin: Begin): Promise<void> {
    await begin();
    for (let at = 0; at < length; at += ZEROS.length)
      await this.#write(offset + at, ZEROS.subarray(0, Math.min(ZEROS.length, length - at)));
  }

  /** The file keeps its blocks: Node cannot free them. */
  async discard(): Promise<void> {}

  async flush(begin: Begin): Promise<void> {
    await begin();
    if (!this.readOnly) await told(this.#file.datasync());
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #write(offset: number, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await told(this.#file.write(bytes, at, bytes.length - at, offset + at));
      at += bytesWritten;
    }
  }
}

async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new MediumError('failed', reasonOf(error));
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a directory';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'it may not be opened in this way';
  if (code === 'ENOSPC') return 'there is no room on its file system';
  return message;
}
