// What is common to the formats: the compressed file is read piece by piece, what comes out goes into a Blob, which a browser keeps on disk
// when it is large, and both are counted.

import { sizeText } from '../../engine/pc/images/size-text.ts';
import { UnpackError } from './unpack-error.ts';

export interface UnpackProgress {
  /** Of the compressed file, bytes. */
  read: number;
  total: number;
  /** Unpacked so far, bytes. */
  written: number;
}

export interface UnpackOptions {
  /** More than this is refused, bytes. */
  limit?: number;
  signal?: AbortSignal;
  onProgress?(progress: UnpackProgress): void;
}

/** A small file can hold very much: what is larger than any disk that one would use here is refused. */
export const UNPACK_LIMIT = 32 * 2 ** 30;
/** Of the compressed file, bytes at a time. */
const PIECE = 64 << 10;
/** Collected before they are handed to the browser. */
const COLLECTED = 1 << 20;

export class UnpackJob {
  readonly file: Blob;
  readonly #options: UnpackOptions;
  readonly #blobs: Blob[] = [];
  #collected: Uint8Array<ArrayBuffer> | undefined;
  #filled = 0;
  #read = 0;
  #written = 0;

  constructor(file: Blob, options: UnpackOptions) {
    this.file = file;
    this.#options = options;
  }

  get signal(): AbortSignal | undefined {
    return this.#options.signal;
  }

  /** The file's bytes `[from, to)`, in pieces. Throws the signal's reason when it is aborted, an UnpackError when it cannot be read. */
  async *pieces(from = 0, to = this.file.size): AsyncGenerator<Uint8Array> {
    for (let at = from; at < to; at += PIECE) {
      this.#options.signal?.throwIfAborted();
      yield await this.bytes(at, Math.min(at + PIECE, to));
      this.progress(Math.min(at + PIECE, to));
    }
  }

  /** The file's bytes `[from, to)`. */
  async bytes(from: number, to: number): Promise<Uint8Array> {
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(await this.file.slice(from, to).arrayBuffer());
    } catch (error) {
      throw new UnpackError(`The file can no longer be read (${(error as Error).message}). Choose it again.`);
    }
    return bytes;
  }

  /** @param read of the file so far, bytes */
  progress(read: number): void {
    this.#read = read;
    this.#options.onProgress?.({ read: this.#read, total: this.file.size, written: this.#written });
  }

  /** Throws UnpackError if so many bytes are too many. */
  checkSize(size: number): void {
    const { limit = UNPACK_LIMIT } = this.#options;
    if (size > limit) throw new UnpackError(`It unpacks to more than ${sizeText(limit)}, which is the limit here.`);
  }

  /** The bytes may be used again when it returns. Throws UnpackError when they become too many. */
  write(bytes: Uint8Array): void {
    this.#written += bytes.length;
    this.checkSize(this.#written);
    this.#collected ??= new Uint8Array(COLLECTED);
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(bytes.length - at, COLLECTED - this.#filled);
      this.#collected.set(bytes.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled === COLLECTED) this.#flush();
    }
  }

  result(): Blob {
    this.#flush();
    return new Blob(this.#blobs);
  }

  #flush(): void {
    if (this.#collected && this.#filled > 0) this.#blobs.push(new Blob([this.#collected.subarray(0, this.#filled)]));
    this.#filled = 0;
  }
}
