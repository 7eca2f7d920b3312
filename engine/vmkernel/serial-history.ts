// The last part of what a VM has printed, for consoles that come later. Bytes are numbered from the VM's creation on, across
// power cycles and migrations.

const CAPACITY = 256 * 1024;

export interface SerialText {
  /** Number of the first byte. */
  position: number;
  bytes: Uint8Array<ArrayBuffer>;
}

export class SerialHistory {
  private readonly ring = new Uint8Array(CAPACITY);
  private first = 0;
  private next = 0;

  /** Number of the byte to be printed next. */
  get end(): number {
    return this.next;
  }

  append(bytes: Uint8Array): void {
    const kept = bytes.subarray(Math.max(0, bytes.length - CAPACITY));
    const start = (this.next + bytes.length - kept.length) % CAPACITY;
    const head = Math.min(kept.length, CAPACITY - start);
    this.ring.set(kept.subarray(0, head), start);
    this.ring.set(kept.subarray(head), 0);
    this.next += bytes.length;
    this.first = Math.max(this.first, this.next - CAPACITY);
  }

  read(): SerialText {
    const bytes = new Uint8Array(this.next - this.first);
    const start = this.first % CAPACITY;
    const head = Math.min(bytes.length, CAPACITY - start);
    bytes.set(this.ring.subarray(start, start + head), 0);
    bytes.set(this.ring.subarray(0, bytes.length - head), head);
    return { position: this.first, bytes };
  }

  /** A new power-on: what was printed before is no longer kept. */
  forget(): void {
    this.first = this.next;
  }

  /** Takes over another host's history. */
  restore(text: SerialText): void {
    this.first = text.position;
    this.next = text.position;
    this.append(text.bytes);
  }
}
