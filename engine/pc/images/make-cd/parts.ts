// An image made of pieces that follow each other: bytes of ours, and contents that stay where they are until they are read.

import type { CdContent } from './cd-tree.ts';

export type CdPart<T> = Uint8Array<ArrayBuffer> | T;

/** Reads the bytes `[offset, offset + length)` of a content. */
export type ReadContent<T> = (content: T, offset: number, length: number) => Promise<Uint8Array>;

export class PartList<T extends CdContent> {
  /** In order. `new Blob(parts)` of contents that are Blobs is the image, by reference. */
  readonly parts: CdPart<T>[] = [];
  /** Where each begins. */
  readonly #starts: number[] = [];
  #size = 0;

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  add(part: CdPart<T>): void {
    const size = sizeOf(part);
    if (size === 0) return;
    this.parts.push(part);
    this.#starts.push(this.#size);
    this.#size += size;
  }

  /** The bytes of `[offset, offset + length)`; less at the end. Rejects when a content cannot be read, or has become shorter. */
  async read(offset: number, length: number, readContent: ReadContent<T>): Promise<Uint8Array> {
    const end = Math.min(offset + length, this.#size);
    const bytes = new Uint8Array(Math.max(0, end - offset));
    for (let i = this.#indexAt(offset), at = offset; at < end; i++) {
      const part = this.parts[i];
      const inPart = at - this.#starts[i];
      const count = Math.min(sizeOf(part) - inPart, end - at);
      const piece =
        part instanceof Uint8Array ? part.subarray(inPart, inPart + count) : await readContent(part, inPart, count);
      if (piece.length !== count) throw new Error('A file on the CD has changed since it was put there.');
      bytes.set(piece, at - offset);
      at += count;
    }
    return bytes;
  }

  /** Of the part that has the byte at `offset`. */
  #indexAt(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function sizeOf<T extends CdContent>(part: CdPart<T>): number {
  return part instanceof Uint8Array ? part.length : part.size;
}
