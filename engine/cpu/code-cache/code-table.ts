// The code table and the jump cache from the JavaScript side (layout.ts draws both; cpu/monitor/dispatch/code-table.ts reads
// them): what is published here runs without asking again, so whatever makes an entry wrong must withdraw it.

import { PAGE_MASK, PAGE_SIZE } from '../../base/sizes.ts';
import * as L from '../abi/layout.ts';

export const CODE_TABLE_SIZE = L.CT_ENTRIES * L.CT_ENTRY_SIZE;
const ENTRY_WORDS = L.CT_ENTRY_SIZE >>> 2;
const SET_WORDS = L.CT_WAYS * ENTRY_WORDS;

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

  /** The first place of the set that an entry is in, as an index of words. */
  #set(physical: number, mode: number): number {
    const index = Math.imul(physical ^ (mode << 24), L.CT_HASH) >>> (32 - L.CT_BITS);
    return (this.#base + (index & -L.CT_WAYS) * L.CT_ENTRY_SIZE) >>> 2;
  }

  /** The place of the entry, as an index of words; -1 if there is none. */
  #find(physical: number, mode: number): number {
    const first = this.#set(physical, mode);
    for (let place = first; place < first + SET_WORDS; place += ENTRY_WORDS)
      if (this.#isFor(place, physical, mode)) return place;
    return -1;
  }

  /** Frees the first place of a set: its entries move one place on, as far as to one that is free, else the last one goes. */
  #makeRoom(first: number): void {
    let last = first;
    while (last < first + SET_WORDS - ENTRY_WORDS && this.#words[last + (L.CT_MODE >>> 2)] !== 0) last += ENTRY_WORDS;
    this.#words.copyWithin(first + ENTRY_WORDS, first, last);
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
    let entry = this.#find(physical, mode);
    if (entry < 0) {
      entry = this.#set(physical, mode);
      this.#makeRoom(entry);
    }
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
    const place = this.#find(physical, mode);
    if (place >= 0) this.#words[place + (L.CT_MODE >>> 2)] = 0;
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
