// The code a vCPU has decoded: which blocks and regions exist, by guest-physical address and mode, and which pages they
// were read from, so that a write to them voids exactly what it touches.
//
// Invariant: CODE_MAP[page] is 1 exactly while some block or region here was read from the page; then no TLB entry of that
// page has a write tag, so that every write to it is seen.

import * as L from '../isa/layout.ts';

export interface CodeRange {
  /** Guest-physical, [start, end) within one page. */
  start: number;
  end: number;
}

export interface Code {
  readonly key: number;
  readonly ranges: readonly CodeRange[];
  /** Machine address of the records, 0 when they are gone. */
  records: number;
  /** Table slot of the region that starts here, 0 when there is none. */
  region: number;
  /** Guest-physical address of the page that follows by linear address, if the code reaches into it; else -1. */
  readonly secondPage: number;
}

const PAGE_SHIFT = 12;
/** Every write to a page with code is slow: past this many, with no new code read between, the code is not worth it. */
const WRITES_UNTIL_DATA = 64;

export function codeKey(physical: number, mode: number): number {
  return (physical >>> 0) * 256 + mode;
}

export class CodeCache {
  readonly #codes = new Map<number, Code>();
  readonly #byPage = new Map<number, Set<Code>>();
  readonly #writes = new Map<number, number>();
  readonly #codeMap: Uint8Array;
  readonly #onPageMarked: (physical: number) => void;

  /** `codeMap`: the VM's CODE_MAP. `onPageMarked` must take the write tags of the page away. */
  constructor(codeMap: Uint8Array, onPageMarked: (physical: number) => void) {
    this.#codeMap = codeMap;
    this.#onPageMarked = onPageMarked;
  }

  get size(): number {
    return this.#codes.size;
  }

  find(physical: number, mode: number): Code | undefined {
    return this.#codes.get(codeKey(physical, mode));
  }

  add(code: Code): void {
    this.#codes.set(code.key, code);
    for (const { start } of code.ranges) {
      const page = start >>> PAGE_SHIFT;
      let codes = this.#byPage.get(page);
      if (!codes) {
        codes = new Set();
        this.#byPage.set(page, codes);
        if (page < this.#codeMap.length) this.#codeMap[page] = 1;
        this.#onPageMarked(start);
      }
      codes.add(code);
      this.#writes.delete(page);
    }
  }

  remove(code: Code): void {
    if (this.#codes.get(code.key) === code) this.#codes.delete(code.key);
    for (const { start } of code.ranges) {
      const page = start >>> PAGE_SHIFT;
      const codes = this.#byPage.get(page);
      if (!codes?.delete(code) || codes.size > 0) continue;
      this.#byPage.delete(page);
      this.#writes.delete(page);
      if (page < this.#codeMap.length) this.#codeMap[page] = 0;
    }
  }

  /** Removes all code read from [physical, physical + size); returns what was removed, each once. */
  invalidate(physical: number, size: number): Code[] {
    const from = physical >>> 0;
    const to = from + size;
    const removed = new Set<Code>();
    for (let page = from >>> PAGE_SHIFT; page <= (to - 1) >>> PAGE_SHIFT; page++) {
      for (const code of this.#byPage.get(page) ?? [])
        if (code.ranges.some((range) => range.start < to && from < range.end)) removed.add(code);
    }
    for (const code of removed) this.remove(code);
    return [...removed];
  }

  /** Records are gone: code without a region goes, the rest keeps only its region. */
  forgetRecords(): void {
    for (const code of [...this.#codes.values()]) {
      if (code.region === 0) this.remove(code);
      else code.records = 0;
    }
  }

  /**
   * Notes a write to a page that holds code; true when so many came since code was last read from it that the page is
   * taken for data again and all its code should go.
   */
  countWrite(physical: number): boolean {
    const page = physical >>> PAGE_SHIFT;
    if (!this.#byPage.has(page)) return false;
    const count = (this.#writes.get(page) ?? 0) + 1;
    this.#writes.set(page, count);
    return count > WRITES_UNTIL_DATA;
  }

  /** Everything goes; returns what there was. */
  clear(): Code[] {
    const all = [...this.#codes.values()];
    for (const page of this.#byPage.keys()) if (page < this.#codeMap.length) this.#codeMap[page] = 0;
    this.#codes.clear();
    this.#byPage.clear();
    this.#writes.clear();
    return all;
  }
}

/** Index of a jump-cache entry, as the dispatcher computes it. */
export function jumpCacheIndex(linear: number, mode: number): number {
  return (linear ^ (linear >>> 12) ^ ((mode & L.MODE_SINGLE) << 3)) & (L.JC_ENTRIES - 1);
}
