// Reads in chunks, keeps those used last, and fetches the next ones ahead when a reader goes on from chunk to chunk.

import { ReadOnlyBackend } from './block-backend.ts';

/** Fetched at once ahead of a sequential reader, when it has less than half as much before it. */
const AHEAD_BYTES = 1024 * 1024;

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
    const chunk = this.#kept(number) ?? this.#fetched(number, 1);
    if (this.#chunks.has(number - 1)) this.#fetchAhead(number + 1);
    return chunk;
  }

  /** The chunk, used last from now on. */
  #kept(number: number): Promise<Uint8Array> | undefined {
    const known = this.#chunks.get(number);
    if (known) {
      this.#chunks.delete(number);
      this.#chunks.set(number, known);
    }
    return known;
  }

  #fetchAhead(next: number): void {
    const ahead = Math.ceil(AHEAD_BYTES / this.#source.chunkBytes);
    let first = next;
    while (this.#chunks.has(first)) if (++first > next + ahead / 2) return;
    const end = Math.min(first + ahead, Math.ceil(this.size / this.#source.chunkBytes));
    let count = 0;
    while (first + count < end && !this.#chunks.has(first + count)) count++;
    if (count > 0) this.#fetched(first, count);
  }

  /** Fetches `count` chunks at once; the first is returned. Whoever reads one finds out whether it came. */
  #fetched(number: number, count: number): Promise<Uint8Array> {
    const { chunkBytes, limitBytes, fetch } = this.#source;
    const start = number * chunkBytes;
    const all = fetch(start, Math.min(start + count * chunkBytes, this.size));
    // Copies of their own, or one that is kept would keep the others.
    const copy = (n: number) => all.then((bytes) => bytes.slice(n * chunkBytes, (n + 1) * chunkBytes));
    const chunks = count === 1 ? [all] : Array.from({ length: count }, (_, n) => copy(n));
    for (const [n, chunk] of chunks.entries()) {
      this.#chunks.set(number + n, chunk);
      chunk.catch(() => {
        // The next reader tries again.
        if (this.#chunks.get(number + n) === chunk) this.#chunks.delete(number + n);
      });
    }
    for (const oldest of this.#chunks.keys()) {
      if (this.#chunks.size * chunkBytes <= limitBytes) break;
      this.#chunks.delete(oldest);
    }
    return chunks[0];
  }
}
