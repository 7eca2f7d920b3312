// Guest-physical addresses that are not RAM. Ranges never overlap; an address in none of them reads as all ones and drops
// what is written to it, as on a bus where no device answers. VGA memory is such a hole until there is a display adapter.

import { PlaceTakenError } from './device.ts';

/** Sizes are bytes: 1, 2 or 4. `offset` counts from the range's first address. Reads return unsigned values. */
export interface MmioHandler {
  read(offset: number, size: number): number;
  write(offset: number, size: number, value: number): void;
}

interface Range {
  first: number;
  last: number;
  handler: MmioHandler;
}

export class MmioBus {
  #ranges: Range[] = [];

  /** Throws if an address of the range is taken. */
  register(first: number, size: number, handler: MmioHandler): void {
    if (!this.isFree(first, size)) {
      throw new PlaceTakenError(`memory range 0x${first.toString(16)} + 0x${size.toString(16)} is already taken`);
    }
    this.#ranges.push({ first, last: first + size - 1, handler });
  }

  isFree(first: number, size: number): boolean {
    return !this.#ranges.some((range) => first <= range.last && range.first <= first + size - 1);
  }

  /** Releases the range that begins at `first`. */
  unregister(first: number): void {
    this.#ranges = this.#ranges.filter((range) => range.first !== first);
  }

  read(address: number, size: number): number {
    const range = this.#find(address, size);
    return range ? range.handler.read(address - range.first, size) >>> 0 : 2 ** (8 * size) - 1;
  }

  write(address: number, size: number, value: number): void {
    const range = this.#find(address, size);
    range?.handler.write(address - range.first, size, value >>> 0);
  }

  #find(address: number, size: number): Range | undefined {
    return this.#ranges.find((range) => address >= range.first && address + size - 1 <= range.last);
  }
}
