// Guest memory on a bench: a plain array behind DmaMemory. Tests only.
import type { DmaMemory } from '../../../bus/device.ts';

export class GuestRam implements DmaMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  read(physical: number, into: Uint8Array): boolean {
    if (physical + into.length > this.bytes.length) return false;
    into.set(this.bytes.subarray(physical, physical + into.length));
    return true;
  }

  write(physical: number, bytes: Uint8Array): boolean {
    if (physical + bytes.length > this.bytes.length) return false;
    this.bytes.set(bytes, physical);
    return true;
  }
}
