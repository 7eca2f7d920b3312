// Guest memory on a bench: a plain array behind DmaMemory, of which pages can be absent for devices. Tests only.
import { PAGE_SIZE } from '../../../../base/sizes.ts';
import { type DmaMemory, PageAbsentError } from '../../../bus/device.ts';

export class GuestRam implements DmaMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Page numbers. */
  readonly absent = new Set<number>();
  /** Calls of a device. */
  accesses = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  get pages(): number {
    return Math.ceil(this.bytes.length / PAGE_SIZE);
  }

  read(physical: number, into: Uint8Array): boolean {
    if (!this.require(physical, into.length)) return false;
    into.set(this.bytes.subarray(physical, physical + into.length));
    return true;
  }

  write(physical: number, bytes: Uint8Array): boolean {
    if (!this.require(physical, bytes.length)) return false;
    this.bytes.set(bytes, physical);
    return true;
  }

  require(physical: number, size: number): boolean {
    this.accesses++;
    const end = physical + size;
    if (end > this.bytes.length) return false;
    if (this.absent.size === 0) return true;
    for (let page = Math.floor(physical / PAGE_SIZE); page * PAGE_SIZE < end; page++)
      if (this.absent.has(page)) throw new PageAbsentError(Math.max(physical, page * PAGE_SIZE));
    return true;
  }
}
