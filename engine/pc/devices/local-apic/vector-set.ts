// A set of the 256 interrupt vectors, as the APIC's request and in-service registers hold them.

export class VectorSet {
  readonly bits: Uint8Array<ArrayBuffer>;

  constructor(bits: Uint8Array<ArrayBuffer> = new Uint8Array(32)) {
    this.bits = bits;
  }

  add(vector: number): void {
    this.bits[vector >> 3] |= 1 << (vector & 7);
  }

  has(vector: number): boolean {
    return (this.bits[vector >> 3] & (1 << (vector & 7))) !== 0;
  }

  delete(vector: number): void {
    this.bits[vector >> 3] &= ~(1 << (vector & 7));
  }

  /** The highest vector, -1 if there is none. */
  get highest(): number {
    for (let byte = this.bits.length - 1; byte >= 0; byte--) {
      if (this.bits[byte] !== 0) return byte * 8 + 31 - Math.clz32(this.bits[byte]);
    }
    return -1;
  }

  /** The 32 vectors from 32 × `index` on. */
  word(index: number): number {
    return new DataView(this.bits.buffer).getUint32(index * 4, true);
  }
}
