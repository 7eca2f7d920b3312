// The code a vCPU has decoded and translated: blocks and regions by guest-physical address and mode, and which pages they
// were read from, so that a write to them invalidates exactly what it touches.
//
// Invariant: CODE_MAP[page] is 1 exactly while some block or region here was read from that page of memory; then no TLB entry that
// leads to it has a write tag, so that every write to it is seen.

import { PAGE_SHIFT } from '../../base/sizes.ts';

export interface CodeRange {
  /** Guest-physical, [start, end) within one page. */
  start: number;
  end: number;
}

/** Records of the interpreter. */
export interface Block {
  readonly kind: 'block';
  readonly ranges: readonly CodeRange[];
  readonly key: number;
  /** Machine address of the records. */
  records: number;
  /** Guest-physical address of the page that follows by linear address, if the code reaches into it; else -1. */
  readonly secondPage: number;
}

export interface Region {
  readonly kind: 'region';
  readonly ranges: readonly CodeRange[];
  /** In the function table. */
  readonly slot: number;
  readonly instructions: number;
  /** The pages it was read from: place by linear address, counted from its home page, and guest-physical address. */
  readonly pages: readonly { delta: number; physical: number }[];
  /** Guest-physical addresses where its blocks start. */
  readonly starts: ReadonlySet<number>;
  /** Entry word by key. */
  readonly entries: ReadonlyMap<number, number>;
}

/** What was made from guest code. */
export type Code = Block | Region;

export interface Entry {
  readonly region: Region;
  readonly word: number;
}

/** Every write to a page with code is slow: past this many, with no new code read between, the code is not worth it. */
const WRITES_UNTIL_DATA = 64;

export function codeKey(physical: number, mode: number): number {
  return (physical >>> 0) * 256 + mode;
}

export function physicalOf(key: number): number {
  return Math.floor(key / 256);
}

export function modeOf(key: number): number {
  return key % 256;
}

/** How writes to the pages that code was read from come to be seen. Pages are guest-physical, but those of the map. */
export interface CodeMarks {
  /** The VM's CODE_MAP, by page of memory. */
  codeMap: Uint8Array;
  /** What a page shows now; undefined if that is no memory. */
  memoryPage(page: number): number | undefined;
  /** The page is in the map: takes its write tags away. */
  onPageMarked(page: number): void;
}

interface PageCode {
  codes: Set<Code>;
  /** What the page showed when the first of the codes was read. */
  memoryPage: number | undefined;
}

export class CodeCache {
  readonly #blocks = new Map<number, Block>();
  readonly #entries = new Map<number, Entry>();
  readonly #byPage = new Map<number, PageCode>();
  readonly #writes = new Map<number, number>();
  readonly #marks: CodeMarks;
  /** By page of memory, the guest-physical pages with code that show it: most are shown once. */
  readonly #shown = new Map<number, number>();

  constructor(marks: CodeMarks) {
    this.#marks = marks;
  }

  block(physical: number, mode: number): Block | undefined {
    return this.#blocks.get(codeKey(physical, mode));
  }

  /** The region that can be entered here. */
  entry(physical: number, mode: number): Entry | undefined {
    return this.#entries.get(codeKey(physical, mode));
  }

  /** Is a block or a part of a region here that starts at this address? */
  hasRun(physical: number, mode: number): boolean {
    const key = codeKey(physical, mode);
    if (this.#blocks.has(key) || this.#entries.has(key)) return true;
    for (const code of this.#codesOf(physical >>> PAGE_SHIFT))
      if (code.kind === 'region' && code.starts.has(physical)) return true;
    return false;
  }

  /** The blocks that start in a page, of one mode. */
  *blocksOf(page: number, mode: number): Generator<{ physical: number; block: Block }> {
    for (const block of this.#codesOf(page >>> PAGE_SHIFT)) {
      if (block.kind !== 'block' || modeOf(block.key) !== mode) continue;
      const physical = physicalOf(block.key);
      if (physical >>> PAGE_SHIFT === page >>> PAGE_SHIFT) yield { physical, block };
    }
  }

  /** The regions made from the code at this address. */
  regionsAt(physical: number, mode: number): Region[] {
    return [...this.#codesOf(physical >>> PAGE_SHIFT)].filter(
      (code): code is Region =>
        code.kind === 'region' &&
        code.ranges.some(({ start, end }) => start <= physical && physical < end) &&
        [...code.entries.keys()].some((key) => modeOf(key) === mode),
    );
  }

  addBlock(block: Block): void {
    this.#blocks.set(block.key, block);
    this.#addRanges(block);
  }

  /** The region takes over the entries of others; returns those that have none left, removed. */
  addRegion(region: Region): Region[] {
    const robbed = new Set<Region>();
    for (const [key, word] of region.entries) {
      const before = this.#entries.get(key);
      if (before) robbed.add(before.region);
      this.#entries.set(key, { region, word });
    }
    this.#addRanges(region);
    const left = [...robbed].filter((other) => [...other.entries.keys()].every((key) => !this.#leadsTo(key, other)));
    for (const other of left) this.remove(other);
    return left;
  }

  #leadsTo(key: number, region: Region): boolean {
    return this.#entries.get(key)?.region === region;
  }

  #addRanges(code: Code): void {
    for (const { start } of code.ranges) {
      const page = start >>> PAGE_SHIFT;
      const there = this.#byPage.get(page) ?? this.#marked(page);
      there.codes.add(code);
      this.#writes.delete(page);
    }
  }

  remove(code: Code): void {
    if (code.kind === 'region') {
      for (const key of code.entries.keys()) if (this.#leadsTo(key, code)) this.#entries.delete(key);
    } else if (this.#blocks.get(code.key) === code) {
      this.#blocks.delete(code.key);
    }
    for (const { start } of code.ranges) {
      const page = start >>> PAGE_SHIFT;
      const there = this.#byPage.get(page);
      if (!there?.codes.delete(code) || there.codes.size > 0) continue;
      this.#byPage.delete(page);
      this.#writes.delete(page);
      this.#unmark(there);
    }
  }

  #codesOf(page: number): Iterable<Code> {
    return this.#byPage.get(page)?.codes ?? [];
  }

  #marked(page: number): PageCode {
    const { codeMap, memoryPage: shownBy, onPageMarked } = this.#marks;
    const memoryPage = shownBy(page);
    const there: PageCode = { codes: new Set(), memoryPage };
    this.#byPage.set(page, there);
    if (memoryPage === undefined) return there;
    this.#shown.set(memoryPage, (this.#shown.get(memoryPage) ?? 0) + 1);
    codeMap[memoryPage] = 1;
    onPageMarked(page);
    return there;
  }

  #unmark({ memoryPage }: PageCode): void {
    if (memoryPage === undefined) return;
    const shown = this.#shown.get(memoryPage)! - 1;
    if (shown > 0) {
      this.#shown.set(memoryPage, shown);
      return;
    }
    this.#shown.delete(memoryPage);
    this.#marks.codeMap[memoryPage] = 0;
  }

  /** Removes all code read from [physical, physical + size); returns what was removed, each once. */
  invalidate(physical: number, size: number): Code[] {
    const from = physical >>> 0;
    const to = from + size;
    const removed = new Set<Code>();
    for (let page = from >>> PAGE_SHIFT; page <= (to - 1) >>> PAGE_SHIFT; page++) {
      for (const code of this.#codesOf(page))
        if (code.ranges.some((range) => range.start < to && from < range.end)) removed.add(code);
    }
    for (const code of removed) this.remove(code);
    return [...removed];
  }

  /** The blocks where no region can be entered. */
  *untranslatedBlocks(): Generator<Block> {
    for (const block of this.#blocks.values()) if (!this.#entries.has(block.key)) yield block;
  }

  /** Removes all other blocks. */
  keepBlocks(kept: ReadonlySet<Block>): void {
    for (const block of [...this.#blocks.values()]) if (!kept.has(block)) this.remove(block);
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
    const all = new Set<Code>();
    for (const there of this.#byPage.values()) {
      for (const code of there.codes) all.add(code);
      this.#unmark(there);
    }
    this.#blocks.clear();
    this.#entries.clear();
    this.#byPage.clear();
    this.#writes.clear();
    return [...all];
  }
}
