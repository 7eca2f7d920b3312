// The pages of a VM that move with it to another host: those of RAM, numbered as the guest sees them, and behind them those of
// its ROM, which the dirty log does not cover since nothing writes them.

import { PAGE_SIZE } from '../../base/sizes.ts';
import type { GuestMemory } from './guest-memory.ts';

export class VmPages {
  readonly count: number;
  readonly #guest: GuestMemory;
  readonly #rom: Uint8Array;

  constructor(guest: GuestMemory, rom: Uint8Array) {
    this.#guest = guest;
    this.#rom = rom;
    this.count = guest.pages + rom.length / PAGE_SIZE;
  }

  isZero(page: number): boolean {
    return page < this.#guest.pages ? this.#guest.isZero(page) : this.#romPage(page).every((byte) => byte === 0);
  }

  read(page: number, into: Uint8Array): void {
    if (page < this.#guest.pages) this.#guest.readPage(page, into);
    else into.set(this.#romPage(page));
  }

  write(page: number, contents: Uint8Array): void {
    if (page < this.#guest.pages) this.#guest.writePage(page, contents);
    else this.#romPage(page).set(contents);
  }

  zero(page: number): void {
    if (page < this.#guest.pages) this.#guest.zeroPage(page);
    else this.#romPage(page).fill(0);
  }

  #romPage(page: number): Uint8Array {
    if (page >= this.count) throw new RangeError(`The VM has ${this.count} pages; there is no page ${page}.`);
    const start = (page - this.#guest.pages) * PAGE_SIZE;
    return this.#rom.subarray(start, start + PAGE_SIZE);
  }
}
