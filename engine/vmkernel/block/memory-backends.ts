// Media whose contents are at hand: bytes, and files that the user chose. Neither is ever modified.

import { MediumError, ReadOnlyBackend } from './block-backend.ts';
import { ReadCache } from './read-cache.ts';

export class BytesBackend extends ReadOnlyBackend {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super();
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  async read(offset: number, into: Uint8Array): Promise<void> {
    const there = this.#bytes.subarray(offset, offset + into.length);
    into.set(there);
    into.fill(0, there.length);
  }
}

/** A new disk: zeros. */
export class BlankBackend extends ReadOnlyBackend {
  readonly size: number;

  constructor(size: number) {
    super();
    this.size = size;
  }

  async read(_offset: number, into: Uint8Array): Promise<void> {
    into.fill(0);
  }
}

/** A slice that is read costs a message to another process, however small it is. */
const SLICE_BYTES = 64 * 1024;
const CACHE_BYTES = 16 * 1024 * 1024;

export function openBlob(blob: Blob): ReadCache {
  const { size } = blob;
  return new ReadCache(size, {
    chunkBytes: SLICE_BYTES,
    limitBytes: CACHE_BYTES,
    async fetch(start, end) {
      const bytes = new Uint8Array(await readSlice(blob, start, end));
      if (bytes.length !== end - start) throw new MediumError('gone', 'the file has become shorter');
      return bytes;
    },
  });
}

async function readSlice(blob: Blob, start: number, end: number): Promise<ArrayBuffer> {
  try {
    return await blob.slice(start, end).arrayBuffer();
  } catch (error) {
    // A browser reads no file that is not as it was when it was chosen (File API, §6: NotReadableError, NotFoundError).
    const reason = error instanceof Error ? error.message : String(error);
    throw new MediumError('gone', `the file was changed, moved or deleted since it was chosen (${reason})`);
  }
}
