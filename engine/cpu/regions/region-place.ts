// Where a region is to be made: the guest's code around a hot place as its discovery sees it, and where the pages of that code
// lie in guest-physical memory.

import { PAGE_MASK, PAGE_SIZE } from '../../base/sizes.ts';
import { type CodeAnswers, recordAnswers } from '../code-cache/code-answers.ts';
import { type CodeCache, codeKey, type Region } from '../code-cache/code-cache.ts';
import { pageOf } from '../code-cache/code-table.ts';
import type { NotedCode, Remark } from '../code-cache/noted-code.ts';
import type { RecordArena } from '../code-cache/record-arena.ts';
import type { CompiledRegion } from '../translator/region-builder.ts';
import type { CodeSource } from '../translator/region-graph.ts';

/** Executions after which a block counts as a possible target of indirect jumps. */
const WARM = 16;
/** Instructions of a region that is rather copied into one that calls it: leaving for it and coming back costs about as many. */
const LARGEST_COPY = 40;

/** What the discovery of a region reads code through. */
export interface CodeView {
  /** Guest-physical address of code at `linear`, or -1, without a fault. */
  peek(linear: number): number;
  /** All bytes of a guest-physical page. */
  page(physical: number): Uint8Array;
  cache: CodeCache;
  arena: RecordArena;
  noted: NotedCode;
  /** Take code for seen that never ran (for tests). */
  all: boolean;
  /** Have all general cases in the region (for tests). */
  general: boolean;
}

export class RegionPlace {
  /** Linear address of the home page. */
  readonly home: number;
  /** Offset of the hot place in it. */
  readonly entry: number;
  readonly mode: number;
  readonly source: CodeSource;
  /** What `source` has answered so far. */
  readonly answers: () => CodeAnswers;
  readonly #physicalPages: Map<number, number>;
  readonly #view: CodeView;

  constructor(view: CodeView, linear: number, physical: number, mode: number) {
    this.home = linear & PAGE_MASK;
    this.entry = physical & ~PAGE_MASK;
    this.mode = mode;
    this.#view = view;
    this.#physicalPages = new Map([[0, pageOf(physical)]]);
    // The interpreter went on here when a region had been left: only as far as to where one can be entered again.
    const isRest = view.cache.regionsAt(physical, mode).length > 0;
    const { source, answers } = recordAnswers({
      page: (delta) => (this.pageAt(delta) === -1 ? undefined : this.page(delta)),
      seen: (offset) => view.all || (this.#has(offset) && view.cache.hasRun(this.physical(offset), mode)),
      called: (offset) => this.#isCalled(offset),
      resumed: (offset) => isRest && this.#isEntered(offset),
      straddles: (offset) => this.#isNoted(offset, 'straddles'),
      general: (offset) => view.general || this.#isNoted(offset, 'rare'),
      planar: (offset) => view.general || this.#isNoted(offset, 'planar'),
      targets: (delta) => this.#warmBlocks(delta),
    });
    this.source = source;
    this.answers = answers;
  }

  /** Guest-physical address of the page `delta` pages from home, -1 if it can't be fetched from. */
  pageAt(delta: number): number {
    let page = this.#physicalPages.get(delta);
    if (page === undefined) {
      page = this.#view.peek(this.home + delta * PAGE_SIZE);
      this.#physicalPages.set(delta, page);
    }
    return page;
  }

  /** The bytes of a page that can be fetched from, as they are now. */
  page(delta: number): Uint8Array {
    return this.#view.page(this.pageAt(delta));
  }

  /** Guest-physical address of what lies `offset` from home. */
  physical(offset: number): number {
    return (this.pageAt(offset >> 12) | (offset & ~PAGE_MASK)) >>> 0;
  }

  linear(offset: number): number {
    return (this.home + offset) >>> 0;
  }

  #has(offset: number): boolean {
    return this.pageAt(offset >> 12) !== -1;
  }

  #isNoted(offset: number, remark: Remark): boolean {
    return this.#has(offset) && this.#view.noted.has(this.physical(offset), remark);
  }

  #isEntered(offset: number): boolean {
    return this.#has(offset) && this.#view.cache.entry(this.physical(offset), this.mode) !== undefined;
  }

  #isCalled(offset: number): boolean {
    if (!this.#has(offset)) return false;
    const entry = this.#view.cache.entry(this.physical(offset), this.mode);
    return entry !== undefined && entry.region.instructions > LARGEST_COPY;
  }

  *#warmBlocks(delta: number): Generator<number> {
    const { cache, arena } = this.#view;
    for (const { physical, block } of cache.blocksOf(this.pageAt(delta), this.mode))
      if (arena.runs(block.records) >= WARM) yield delta * PAGE_SIZE + (physical & ~PAGE_MASK);
  }

  /** What was made from this place's code, as a region of guest-physical memory. */
  region({ extents, entries, instructions }: CompiledRegion, slot: number): Region {
    const deltas = new Set<number>();
    const ranges = extents.flatMap(({ start, end }) => {
      const parts: { start: number; end: number }[] = [];
      for (let from = start; from < end; ) {
        const to = Math.min(end, (from & PAGE_MASK) + PAGE_SIZE);
        deltas.add(from >> 12);
        parts.push({ start: this.physical(from), end: this.physical(from) + (to - from) });
        from = to;
      }
      return parts;
    });
    return {
      kind: 'region',
      slot,
      instructions,
      ranges,
      pages: [...deltas].map((delta) => ({ delta, physical: this.pageAt(delta) })),
      starts: new Set(extents.map(({ start }) => this.physical(start))),
      entries: new Map(entries.map(({ offset, word }) => [codeKey(this.physical(offset), this.mode), word])),
    };
  }
}
