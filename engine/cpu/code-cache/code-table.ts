// The code table and the jump cache from the JavaScript side (layout.ts draws both; cpu/monitor/dispatch/code-table.ts reads
// them): what is published here runs without asking again, so whatever makes an entry wrong must withdraw it.

import { PAGE_MASK, PAGE_SIZE } from '../../base/sizes.ts';
import * as L from '../abi/layout.ts';

export const CODE_TABLE_SIZE = L.CT_ENTRIES * L.CT_ENTRY_SIZE;

export class CodeTable {
  readonly #words: Uint32Array;
  readonly #base: number;
  readonly #cpu: number;

  /** The table lies at machine address `base`. */
  constructor(words: Uint32Array, base: number, cpu: number) {
    this.#words = words;
    this.#base = base;
    this.#cpu = cpu;
    words[(cpu + L.CODE_TABLE) >>> 2] = base;
    this.clear();
  }

  clear(): void {
    this.#words.fill(0, this.#base >>> 2, (this.#base + CODE_TABLE_SIZE) >>> 2);
  }

  /** First and second place of an entry, as indices of words. */
  #places(physical: number, mode: number): [number, number] {
    const index = Math.imul(physical ^ (mode << 24), L.CT_HASH) >>> (32 - L.CT_BITS);
    const at = (place: number): number => (this.#base + place * L.CT_ENTRY_SIZE) >>> 2;
    return [at(index), at(index ^ 1)];
  }

  #isFor(place: number, physical: number, mode: number): boolean {
    if (this.#words[place + (L.CT_PHYSICAL >>> 2)] !== physical >>> 0) return false;
    return this.#words[place + (L.CT_MODE >>> 2)] === (mode | L.CT_VALID);
  }

  /**
   * From now on code at guest-physical `physical` in `mode` is run by `target` (and `region`, else 0), as long as the `others`
   * of its pages, counted from the entry's by linear address, lie where they are said to. At most CT_MAXIMUM_PAGES.
   */
  publish(
    physical: number,
    mode: number,
    target: number,
    region: number,
    others: readonly { delta: number; physical: number }[],
  ): void {
    const [entry, second] = this.#places(physical, mode);
    if (this.#isFor(second, physical, mode)) this.#words[second + (L.CT_MODE >>> 2)] = 0;
    if (!this.#isFor(entry, physical, mode)) this.#words.copyWithin(second, entry, entry + (L.CT_ENTRY_SIZE >>> 2));
    this.#words[entry + (L.CT_PHYSICAL >>> 2)] = physical;
    this.#words[entry + (L.CT_MODE >>> 2)] = mode | L.CT_VALID;
    this.#words[entry + (L.CT_TARGET >>> 2)] = target;
    this.#words[entry + (L.CT_REGION >>> 2)] = region;
    for (let n = 0; n < L.CT_MAXIMUM_PAGES; n++) {
      const page = others[n];
      const at = entry + ((L.CT_PAGES + n * L.CT_PAGE_SIZE) >>> 2);
      this.#words[at] = page ? page.physical | 1 : 0;
      this.#words[at + 1] = page ? page.delta * PAGE_SIZE : 0;
    }
  }

  /** The code at `physical` is asked for again the next time. */
  withdraw(physical: number, mode: number): void {
    for (const place of this.#places(physical, mode))
      if (this.#isFor(place, physical, mode)) this.#words[place + (L.CT_MODE >>> 2)] = 0;
  }

  /** The same for what the jump cache says of `linear`. */
  forgetJump(linear: number, mode: number): void {
    const index = (linear ^ (linear >>> 12) ^ ((mode & L.MODE_SINGLE) << 3)) & (L.JC_ENTRIES - 1);
    for (const at of [index, index ^ 1]) this.#words[(this.#cpu + L.JC + at * L.JC_ENTRY_SIZE + L.JC_KEY) >>> 2] = 0;
  }
}

/** Guest-physical page address of `physical`, unsigned. */
export function pageOf(physical: number): number {
  return (physical & PAGE_MASK) >>> 0;
}
