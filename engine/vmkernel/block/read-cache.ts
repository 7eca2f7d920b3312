// Reads in chunks, keeps those used last, and fetches the next ones ahead when a reader goes on from chunk to chunk.

import { ReadOnlyBackend } from './block-backend.ts';

/** Chunks ahead of a sequential reader. */
const AHEAD = 4;

export interface CacheSource {
  chunkBytes: number;
  /** Chunks that are kept take as much together. */
  limitBytes: number;
  /** All bytes from `start` to before `end`. Rejects with MediumError. */
  fetch(start: number, end: number): Promise<Uint8Array>;
}

export class ReadCache extends ReadOnlyBackend {
  readonly size: number;
  readonly #source: CacheSource;
  /** By number, the one used last at the end. Chunks that are being fetched count as any. */
  readonly #chunks = new Map<number, Promise<Uint8Array>>();

  constructor(size: number, source: CacheSource) {
    super();
    this.size = size;
    this.#source = source;
  }

  async read(offset: number, into: Uint8Array): Promise<void> {
    const { chunkBytes } = this.#source;
    const end = Math.min(offset + into.length, this.size);
    into.fill(0, Math.max(end - offset, 0));
    const pieces: Promise<void>[] = [];
    for (let at = offset; at < end; ) {
      const start = at;
      const chunk = Math.floor(at / chunkBytes);
      const within = at - chunk * chunkBytes;
      const length = Math.min(chunkBytes - within, end - at);
      const copy = (bytes: Uint8Array) => into.set(bytes.subarray(within, within + length), start - offset);
      pieces.push(this.#chunk(chunk).then(copy));
      at += length;
    }
    await Promise.all(pieces);
  }

  override async close(): Promise<void> {
    this.#chunks.clear();
  }

  #chunk(number: number): Promise<Uint8Array> {
    const chunk = this.#fetched(number);
    if (this.#chunks.has(number - 1)) for (let n = 1; n <= AHEAD; n++) this.#fetchAhead(number + n);
    return chunk;
  }

  #fetchAhead(number: number): void {
    if (number * this.#source.chunkBytes >= this.size || this.#chunks.has(number)) return;
    // Whoever reads it finds out.
    this.#fetched(number).catch(() => {});
  }

  #fetched(number: number): Promise<Uint8Array> {
    const { chunkBytes, limitBytes, fetch } = this.#source;
    const known = this.#chunks.get(number);
    this.#chunks.delete(number);
    const start = number * chunkBytes;
    const chunk = known ?? fetch(start, Math.min(start + chunkBytes, this.size));
    this.#chunks.set(number, chunk);
    if (known) return chunk;
    chunk.catch(() => {
      // The next reader tries again.
      if (this.#chunks.get(number) === chunk) this.#chunks.delete(number);
    });
    for (const oldest of this.#chunks.keys()) {
      if (this.#chunks.size * chunkBytes <= limitBytes) break;
      this.#chunks.delete(oldest);
    }
    return chunk;
  }
}
