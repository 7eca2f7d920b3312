// The last part of what a VM has printed. Each console reads from here, at its own pace. Bytes are numbered from the VM's
// creation on, across power cycles and migrations, so a reader says where it has got to and learns what it was too late for.

const CAPACITY = 256 * 1024;

export interface SerialText {
  /** Number of the first byte. */
  position: number;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface SerialChunk extends SerialText {
  /** Number of the byte to be printed next. There is more to read while it lies beyond these bytes. */
  end: number;
}

export class SerialHistory {
  readonly #ring = new Uint8Array(CAPACITY);
  /** The oldest byte that is kept. */
  #first = 0;
  #next = 0;
  /** Where the latest power-on stands. */
  #powerOn = 0;

  /** Number of the byte to be printed next. */
  get end(): number {
    return this.#next;
  }

  append(bytes: Uint8Array): void {
    const kept = bytes.subarray(Math.max(0, bytes.length - CAPACITY));
    const start = (this.#next + bytes.length - kept.length) % CAPACITY;
    const head = Math.min(kept.length, CAPACITY - start);
    this.#ring.set(kept.subarray(0, head), start);
    this.#ring.set(kept.subarray(head), 0);
    this.#next += bytes.length;
    this.#first = Math.max(this.#first, this.#next - CAPACITY);
  }

  /**
   * At most `limit` bytes from `position` on, or from the oldest kept if that one is gone: the chunk says where it begins.
   * Without a position, from the latest power-on.
   */
  read(position = this.#powerOn, limit = CAPACITY): SerialChunk {
    const from = Math.min(Math.max(position, this.#first), this.#next);
    const bytes = new Uint8Array(Math.min(limit, this.#next - from));
    const start = from % CAPACITY;
    const head = Math.min(bytes.length, CAPACITY - start);
    bytes.set(this.#ring.subarray(start, start + head), 0);
    bytes.set(this.#ring.subarray(0, bytes.length - head), head);
    return { position: from, bytes, end: this.#next };
  }

  /** The VM is powered on: who begins to read now is not interested in what was before. */
  markPowerOn(): void {
    this.#powerOn = this.#next;
  }

  /** What a migration takes along: everything kept since power-on. */
  save(): SerialText {
    const { position, bytes } = this.read();
    return { position, bytes };
  }

  /** Takes over another host's history. */
  restore(text: SerialText): void {
    this.#first = text.position;
    this.#next = text.position;
    this.#powerOn = text.position;
    this.append(text.bytes);
  }
}
