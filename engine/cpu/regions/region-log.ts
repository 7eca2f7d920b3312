// The regions of one vCPU, for inspection: what each cost to make, how much ran in it (the region counters,
// layout.ts), and on demand its code. Keeps no modules: a region is rebuilt from the answers that its discovery got, and
// the checksum shows whether that is what runs.

import { PAGE_SIZE } from '../../base/sizes.ts';
import * as L from '../abi/layout.ts';
import { answeredPages, type CodeAnswers, replayAnswers } from '../code-cache/code-answers.ts';
import { Decoder } from '../isa/decoder.ts';
import { branchTarget, disassemble } from '../isa/disassembler.ts';
import { checksum } from '../translator/region-builder.ts';
import type { PlacedInstruction } from '../translator/region-graph.ts';
import { listRegion, type RegionListing } from '../translator/region-listing.ts';
import type { ListedInstruction, RegionCode, RegionReport, RegionSummary } from './region-report.ts';
import type { CodeCopy } from './translation-service.ts';

export const REGION_COUNTERS_SIZE = L.RC_ENTRIES * L.RC_ENTRY_SIZE;

/** What is known of a region when it has been made. */
export interface MadeRegion {
  /** In the function table. */
  slot: number;
  /** Linear address of its home page. */
  home: number;
  /** Of the hot place, in the home page. */
  entry: number;
  mode: number;
  /** Guest-physical address of a page, by its place counted from the home page. */
  pageAt(delta: number): number;
  answers: CodeAnswers;
  instructions: number;
  entries: number;
  wasmBytes: number;
  checksum: number;
  /** ms */
  took: number;
}

interface Entry extends Omit<MadeRegion, 'pageAt'> {
  pages: ReadonlyMap<number, number>;
  id: number;
}

export class RegionLog {
  readonly #words: Uint32Array;
  readonly #cpu: number;
  readonly #counters: number;
  readonly #page: (physical: number) => Uint8Array;
  readonly #bySlot = new Map<number, Entry>();
  #lastId = 0;
  #wasmBytes = 0;
  /** Instructions executed in regions that are gone. */
  #executedBefore = 0;

  /** The region counters lie at machine address `counters`; `page` gives the bytes of a guest-physical page. */
  constructor(words: Uint32Array, cpu: number, counters: number, page: (physical: number) => Uint8Array) {
    this.#words = words;
    this.#cpu = cpu;
    this.#counters = counters;
    this.#page = page;
    words[(cpu + L.REGION_COUNTERS) >>> 2] = counters;
    words.fill(0, counters >>> 2, (counters + REGION_COUNTERS_SIZE) >>> 2);
    this.#showLive();
  }

  made({ pageAt, ...region }: MadeRegion): void {
    this.gone(region.slot);
    this.#lastId++;
    this.#bySlot.set(region.slot, {
      ...region,
      pages: new Map(Array.from(answeredPages(region.answers), (delta) => [delta, pageAt(delta)])),
      id: this.#lastId,
    });
    const counters = this.#countersOf(region.slot) >>> 2;
    this.#words.fill(0, counters, counters + (L.RC_ENTRY_SIZE >>> 2));
    this.#wasmBytes += region.wasmBytes;
    this.spent(region.took);
    this.#showLive();
  }

  /** The region of this slot is no more. */
  gone(slot: number): void {
    const entry = this.#bySlot.get(slot);
    if (!entry) return;
    this.#executedBefore += this.executed(slot);
    this.#bySlot.delete(slot);
    this.#wasmBytes -= entry.wasmBytes;
    this.#showLive();
  }

  /** Instructions executed in the region of this slot since it was made. */
  executed(slot: number): number {
    return this.#count(slot, L.RC_INSTRUCTIONS);
  }

  /** How often the region of this slot was entered since it was made. */
  runs(slot: number): number {
    return this.#count(slot, L.RC_RUNS);
  }

  /** What the regions of these slots were made from, with copies of the pages as they are now. */
  copies(slots: readonly number[]): (CodeCopy & { instructions: number })[] {
    const copied = new Map<number, Uint8Array<ArrayBuffer>>();
    const copyOf = (physical: number): Uint8Array<ArrayBuffer> => {
      const copy = copied.get(physical) ?? this.#page(physical).slice();
      copied.set(physical, copy);
      return copy;
    };
    return slots.map((slot) => {
      const { entry, mode, answers, pages, instructions } = this.#bySlot.get(slot)!;
      const copies = new Map(Array.from(pages, ([delta, physical]) => [delta, copyOf(physical)]));
      return { entry, mode, answers, pages: copies, instructions };
    });
  }

  /** Making regions has taken so many ms. */
  spent(ms: number): void {
    const spent = (this.#cpu + L.N_TRANSLATION_NS) >>> 2;
    this.#write64(spent, this.#read64(spent) + Math.round(ms * 1e6));
  }

  /** The modules of all regions take so many bytes of memory, estimated. */
  showMemory(bytes: number): void {
    this.#write64((this.#cpu + L.N_LIVE_REGION_MEMORY) >>> 2, Math.round(bytes));
  }

  report(limit: number): RegionReport {
    const executed = [...this.#bySlot.values()].map((entry) => ({
      entry,
      count: this.executed(entry.slot),
    }));
    executed.sort((a, b) => b.count - a.count || a.entry.id - b.entry.id);
    return {
      regions: executed.slice(0, limit).map(({ entry }) => this.#summary(entry)),
      live: this.#bySlot.size,
      executed: executed.reduce((sum, { count }) => sum + count, this.#executedBefore),
    };
  }

  /** Undefined when there is no such region (any more). */
  code(id: number): RegionCode | undefined {
    const entry = [...this.#bySlot.values()].find((one) => one.id === id);
    if (!entry) return undefined;
    const source = replayAnswers(entry.answers, (delta) => this.#page(entry.pages.get(delta)!));
    const listing = listRegion(new Decoder(), source, entry.entry, entry.mode);
    if (!listing) return { id, instructions: [], wasm: undefined, marks: [] };
    const same = listing.bytes.length === entry.wasmBytes && checksum(listing.bytes) === entry.checksum;
    return {
      id,
      instructions: this.#instructions(entry, listing),
      wasm: same ? listing.bytes : undefined,
      marks: same
        ? listing.marks.map(({ at, offset }) =>
            offset === undefined ? { at } : { at, address: (entry.home + offset) >>> 0 },
          )
        : [],
    };
  }

  #summary(entry: Entry): RegionSummary {
    return {
      id: entry.id,
      linear: (entry.home + entry.entry) >>> 0,
      physical: entry.pages.get(0)! + entry.entry,
      user: (entry.mode & L.MODE_USER) !== 0,
      bits: (entry.mode & L.MODE_CS32) !== 0 ? 32 : 16,
      instructions: entry.instructions,
      entries: entry.entries,
      pages: entry.pages.size,
      wasmBytes: entry.wasmBytes,
      madeMs: entry.took,
      runs: this.#count(entry.slot, L.RC_RUNS),
      executed: this.executed(entry.slot),
    };
  }

  #instructions(entry: Entry, { graph }: RegionListing): ListedInstruction[] {
    const entered = new Set(graph.entries.map((block) => graph.blocks[block]!.offset));
    return graph.blocks
      .flatMap(({ instructions }) => instructions.map((placed, n) => ({ placed, leads: n === 0 })))
      .sort((a, b) => a.placed.offset - b.placed.offset)
      .map(({ placed, leads }) => {
        const address = (entry.home + placed.offset) >>> 0;
        const bytes = this.#bytes(entry, placed);
        const target = branchTarget(placed.instruction, address);
        return {
          address,
          bytes,
          text: disassemble(placed.instruction, bytes, address),
          leads,
          entry: leads && entered.has(placed.offset),
          ...(target !== undefined && { target }),
        };
      });
  }

  #bytes(entry: Entry, { offset, instruction }: PlacedInstruction): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length: instruction.length }, (_, n) => {
      const page = this.#page(entry.pages.get((offset + n) >> 12)!);
      return page[(offset + n) & (PAGE_SIZE - 1)]!;
    });
  }

  #countersOf(slot: number): number {
    return this.#counters + (slot & (L.RC_ENTRIES - 1)) * L.RC_ENTRY_SIZE;
  }

  #count(slot: number, counter: number): number {
    return this.#read64((this.#countersOf(slot) + counter) >>> 2);
  }

  #showLive(): void {
    this.#write64((this.#cpu + L.N_LIVE_REGIONS) >>> 2, this.#bySlot.size);
    this.#write64((this.#cpu + L.N_LIVE_WASM_BYTES) >>> 2, this.#wasmBytes);
  }

  #read64(index: number): number {
    return this.#words[index]! + this.#words[index + 1]! * 2 ** 32;
  }

  #write64(index: number, value: number): void {
    this.#words[index] = value;
    this.#words[index + 1] = Math.floor(value / 2 ** 32);
  }
}
