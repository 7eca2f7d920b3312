// A queue of frames in shared memory, from one thread to one other, without locks.
//
//   word 0  bytes ever written   (the producer's; modulo 2^32)
//   word 1  bytes ever read      (the consumer's)
//   then `capacity` bytes: per frame its length u32 and its bytes, padded to 4; SKIP instead of a length sends the reader on
//   to the start, where a frame would not fit in one piece before the end.
//
// A position is published (Atomics.store) only when what it covers is complete.

const WRITTEN = 0;
const READ = 1;
const HEADER_BYTES = 8;
const LENGTH_BYTES = 4;
const SKIP = 0xffffffff;

export class FrameRing {
  readonly #capacity: number;
  readonly #positions: Int32Array;
  readonly #words: Uint32Array;
  readonly #bytes: Uint8Array;
  /** What advance() will skip: a filler and the frame that peek() showed. */
  #pending = 0;

  /** Bytes of shared memory that a ring of `capacity` bytes (a power of two) takes. */
  static bytesFor(capacity: number): number {
    return HEADER_BYTES + capacity;
  }

  /** `offset`: a multiple of 4. */
  constructor(buffer: SharedArrayBuffer, offset: number, capacity: number) {
    this.#capacity = capacity;
    this.#positions = new Int32Array(buffer, offset, 2);
    this.#words = new Uint32Array(buffer, offset + HEADER_BYTES, capacity / 4);
    this.#bytes = new Uint8Array(buffer, offset + HEADER_BYTES, capacity);
  }

  get empty(): boolean {
    return Atomics.load(this.#positions, WRITTEN) === Atomics.load(this.#positions, READ);
  }

  /** For the producer: is there certainly room for a frame of `length` bytes? */
  hasRoom(length: number): boolean {
    return this.#spaceFor(length) !== undefined;
  }

  /** For the producer. False when there is no room. */
  push(frame: Uint8Array): boolean {
    const filler = this.#spaceFor(frame.length);
    if (filler === undefined) return false;
    const written = Atomics.load(this.#positions, WRITTEN);
    let at = written & (this.#capacity - 1);
    if (filler > 0) {
      this.#words[at / 4] = SKIP;
      at = 0;
    }
    this.#words[at / 4] = frame.length;
    this.#bytes.set(frame, at + LENGTH_BYTES);
    Atomics.store(this.#positions, WRITTEN, (written + filler + recordBytes(frame.length)) | 0);
    return true;
  }

  /** For the consumer: the next frame, in place, until advance() is called; undefined when there is none. */
  peek(): Uint8Array | undefined {
    if (this.empty) return undefined;
    let at = Atomics.load(this.#positions, READ) & (this.#capacity - 1);
    this.#pending = 0;
    if (this.#words[at / 4] === SKIP) {
      this.#pending = this.#capacity - at;
      at = 0;
    }
    const length = this.#words[at / 4];
    this.#pending += recordBytes(length);
    return this.#bytes.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length);
  }

  /** For the consumer: leaves the frame that peek() showed behind. */
  advance(): void {
    Atomics.store(this.#positions, READ, (Atomics.load(this.#positions, READ) + this.#pending) | 0);
    this.#pending = 0;
  }

  /** Bytes to skip before a frame of `length` bytes; undefined when there is no room. */
  #spaceFor(length: number): number | undefined {
    const written = Atomics.load(this.#positions, WRITTEN);
    const used = (written - Atomics.load(this.#positions, READ)) >>> 0;
    const untilEnd = this.#capacity - (written & (this.#capacity - 1));
    const filler = recordBytes(length) > untilEnd ? untilEnd : 0;
    return used + filler + recordBytes(length) <= this.#capacity ? filler : undefined;
  }
}

function recordBytes(length: number): number {
  return LENGTH_BYTES + ((length + 3) & ~3);
}
