// The code of one vCPU: decodes guest code into records, has what is hot translated into regions, publishes both to the dispatcher,
// and invalidates what the guest overwrites. Called from within run(), and between two runs.

import { PAGE_MASK, PAGE_SIZE } from '../../base/sizes.ts';
import * as L from '../abi/layout.ts';
import { decodeInstructions, MAXIMUM_BLOCK } from '../code-cache/block-decoder.ts';
import type { CodeAnswers } from '../code-cache/code-answers.ts';
import {
  type Block,
  type Code,
  CodeCache,
  codeKey,
  type Entry,
  modeOf,
  physicalOf,
  type Region,
} from '../code-cache/code-cache.ts';
import { CODE_TABLE_SIZE, CodeTable } from '../code-cache/code-table.ts';
import { EvictedCode } from '../code-cache/evicted-code.ts';
import { NotedCode, type NotedPlace, type Remark } from '../code-cache/noted-code.ts';
import { HOT, NEVER, RecordArena } from '../code-cache/record-arena.ts';
import { Decoder } from '../isa/decoder.ts';
import { LiveRegions } from '../regions/live-regions.ts';
import { TRANSLATION_LIMITS, type TranslationLimits } from '../regions/region-budget.ts';
import { RegionBundles } from '../regions/region-bundles.ts';
import { REGION_COUNTERS_SIZE, RegionLog } from '../regions/region-log.ts';
import { type CodeView, RegionPlace } from '../regions/region-place.ts';
import { type Arrival, RegionRequests } from '../regions/region-requests.ts';
import type { BundleRequest, TranslationRequest, TranslatorPort } from '../regions/translation-service.ts';
import { type CompiledRegion, compileRegion } from '../translator/region-builder.ts';
import type { RegionTable } from '../translator/region-table.ts';
import { GuestCode } from './guest-code.ts';
import type { MonitorExports } from './monitor-link.ts';

/** Interpreted executions of a hot block whose region can't be used now, since a page of it is not mapped as it was. */
const HOT_AGAIN = 50;
/** The same while its region is being made. */
const HOT_WAITING = 500;
/** ms between two looks at which regions are in use. */
const LOOK_MS = 15_000;

/** What an instruction is noted for, by COLD_*. */
const REMARKS: Record<number, Remark> = {
  [L.COLD_STRADDLE]: 'straddles',
  [L.COLD_RARE]: 'rare',
  [L.COLD_PLANAR]: 'planar',
};

export interface ExecutorTuning {
  /** When blocks are translated: after HOT interpreted executions, never, or before the first (for tests). */
  translate?: 'hot' | 'never' | 'always';
  /** Have regions do all cases of floating point, not only where they were left often for one (for tests). */
  general?: boolean;
  /** What translations may take. */
  translationLimits?: TranslationLimits;
}

export interface VcpuCodeOptions {
  memory: WebAssembly.Memory;
  /** Machine address of the CPU block. */
  cpu: number;
  monitor: MonitorExports;
  /** Table slots of the interpreter's handlers. */
  slots: ConstructorParameters<typeof RecordArena>[3];
  regionTable: RegionTable;
  tuning: ExecutorTuning;
  translator: TranslatorPort | undefined;
  /** Monotonic ms. */
  now(): number;
}

export class VcpuCode {
  readonly log: RegionLog;
  readonly #cpu: number;
  readonly #monitor: MonitorExports;
  readonly #words: Uint32Array;
  readonly #code: GuestCode;
  readonly #arena: RecordArena;
  readonly #table: CodeTable;
  readonly #cache: CodeCache;
  readonly #decoder = new Decoder();
  readonly #regions: LiveRegions;
  readonly #evicted: EvictedCode;
  #nextLook = 0;
  #requests: RegionRequests | undefined;
  #bundles: RegionBundles | undefined;
  readonly #view: CodeView;
  readonly #noted = new NotedCode();
  readonly #now: () => number;
  readonly #translateWhen: 'hot' | 'never' | 'always';

  constructor({ memory, cpu, monitor, slots, regionTable, tuning, translator, now }: VcpuCodeOptions) {
    this.#cpu = cpu;
    this.#monitor = monitor;
    this.#words = new Uint32Array(memory.buffer);
    this.#now = now;
    this.#evicted = new EvictedCode(now);
    this.#translateWhen = tuning.translate ?? 'hot';
    this.#code = new GuestCode(memory, cpu, monitor);
    const field = (offset: number): number => this.#words[(cpu + offset) >>> 2]!;
    // The code table and the region counters take the start of the arena.
    this.#table = new CodeTable(this.#words, field(L.ARENA_BASE), cpu);
    const counters = field(L.ARENA_BASE) + CODE_TABLE_SIZE;
    this.log = new RegionLog(this.#words, cpu, counters, (physical) => this.#code.page(physical));
    const taken = CODE_TABLE_SIZE + REGION_COUNTERS_SIZE;
    this.#arena = new RecordArena(memory, field(L.ARENA_BASE) + taken, field(L.ARENA_SIZE) - taken, slots);
    this.#cache = new CodeCache({
      codeMap: new Uint8Array(memory.buffer, field(L.CODE_MAP), field(L.MEM_PAGES)),
      memoryPage: (page) => this.#code.memoryPage(page),
      onPageMarked: (page) => monitor.tlb_withdraw_page_writes(cpu, monitor.readable_page(cpu, page)),
    });
    this.#regions = new LiveRegions(regionTable, this.log, tuning.translationLimits ?? TRANSLATION_LIMITS);
    this.#view = {
      peek: (linear) => this.#code.peek(linear),
      page: (physical) => this.#code.page(physical),
      cache: this.#cache,
      arena: this.#arena,
      noted: this.#noted,
      all: this.#translateWhen === 'always',
      general: tuning.general ?? false,
    };
    if (translator && this.#translateWhen === 'hot') this.#connect(translator);
  }

  #connect(translator: TranslatorPort): void {
    const post = (request: TranslationRequest | BundleRequest): void => translator.postMessage(request);
    const requests = new RegionRequests(post, this.#decoder, this.#now);
    const bundles = new RegionBundles(post, this.#regions, this.log);
    // From the event loop: at a safe point.
    translator.onmessage = ({ data }) => {
      if ('bundle' in data) {
        bundles.take(data);
        return;
      }
      const arrival = requests.take(data);
      if (arrival) this.#arrived(arrival);
    };
    this.#requests = requests;
    this.#bundles = bundles;
  }

  /** To be called before each run: evicts now and then what is not used any more. */
  tidy(): void {
    const now = this.#now();
    this.#bundles?.look(now);
    if (now < this.#nextLook) return;
    this.#nextLook = now + LOOK_MS;
    const unused = this.#regions.unused();
    this.#evict(unused);
    // One collection is enough, when all has gone that is going to.
    if (unused.length === 0) this.#regions.collect();
    for (const place of this.#noted.takeOld(now)) this.#rebuild(place);
  }

  /** Publishes what runs the code at `linear` in the code table, or leaves the fault of its fetch recorded. */
  find(linear: number, mode: number): void {
    const physical = this.#code.address(linear);
    if (physical < 0) return;
    const entry = this.#usableEntry(linear, physical, mode);
    if (entry) {
      const { region, word } = entry;
      const own = word >> 16;
      const others = region.pages.filter(({ delta }) => delta !== own);
      this.#table.publish(
        physical,
        mode,
        word,
        region.slot,
        others.map((page) => ({ ...page, delta: page.delta - own })),
      );
      return;
    }
    const known = this.#cache.block(physical, mode);
    if (known && known.secondPage >= 0) {
      const second = this.#code.address((linear & PAGE_MASK) + PAGE_SIZE);
      if (second < 0) return;
      if (second !== known.secondPage) this.#drop([known]);
    }
    // Looked up again: the walk has set accessed bits, perhaps in this very code.
    const block = this.#cache.block(physical, mode) ?? this.#decode(linear, physical, mode);
    if (!block) return;
    const others = block.secondPage >= 0 ? [{ delta: 1, physical: block.secondPage }] : [];
    this.#table.publish(physical, mode, block.records, 0, others);
  }

  /** The region to enter at `linear`, if all its pages are where they were when it was made. */
  #usableEntry(linear: number, physical: number, mode: number): Entry | undefined {
    let entry = this.#cache.entry(physical, mode);
    if (!entry && this.#translateWhen === 'always' && (mode & L.MODE_SINGLE) === 0) {
      this.#makeRegion(new RegionPlace(this.#view, linear, physical, mode));
      entry = this.#cache.entry(physical, mode);
    }
    return entry && this.#isMapped(entry, linear) ? entry : undefined;
  }

  #isMapped({ region, word }: Entry, linear: number): boolean {
    if (region.pages.length === 1) return true;
    const home = (linear & PAGE_MASK) - (word >> 16) * PAGE_SIZE;
    return region.pages.every(({ delta, physical }) => this.#code.peek(home + delta * PAGE_SIZE) === physical);
  }

  #decode(linear: number, physical: number, mode: number): Block | undefined {
    if (this.#arena.full) this.#makeRoom();
    let second = -1;
    const offset = physical & (PAGE_SIZE - 1);
    const single = (mode & L.MODE_SINGLE) !== 0;
    const decoded = decodeInstructions(
      this.#decoder,
      {
        page: this.#code.page(physical),
        offset,
        nextPage: () => {
          second = this.#code.address((linear & PAGE_MASK) + PAGE_SIZE);
          return second < 0 ? undefined : this.#code.page(second);
        },
      },
      mode & ~L.MODE_SINGLE,
      single ? 1 : MAXIMUM_BLOCK,
    );
    if (!decoded) return undefined;
    const records = this.#arena.write(decoded.instructions, single || this.#translateWhen === 'never' ? NEVER : HOT);
    const ranges = [{ start: physical, end: Math.min(physical + decoded.size, (physical & PAGE_MASK) + PAGE_SIZE) }];
    if (decoded.crosses) ranges.push({ start: second, end: second + ((offset + decoded.size) & (PAGE_SIZE - 1)) });
    const block: Block = {
      kind: 'block',
      key: codeKey(physical, mode),
      ranges,
      records,
      secondPage: decoded.crosses ? second : -1,
    };
    this.#cache.addBlock(block);
    this.#count(L.N_BLOCKS_DECODED);
    return block;
  }

  /** The block at `linear` has become hot. */
  translate(linear: number, mode: number): void {
    // The page may have gone since the block ran; nothing to translate then, and no fault of the guest's.
    const physical = this.#code.peek(linear);
    if (physical < 0) return;
    const block = this.#cache.block(physical, mode);
    if (!block) return;
    if (this.#cache.entry(physical, mode)) this.#arena.setHeat(block.records, HOT_AGAIN);
    else if (!this.#makeOrAsk(linear, physical, mode, block)) return;
    // The dispatcher asks again, and gets the region.
    this.#table.withdraw(physical, mode);
    this.#table.forgetJump(linear, mode);
  }

  /** Has the regions of this instruction rebuilt, when they are hot again, without the cause of their exits (COLD_*). */
  leftOften(linear: number, mode: number, reason: number): void {
    const physical = this.#code.peek(linear);
    const remark = REMARKS[reason];
    if (physical < 0 || !remark || this.#noted.has(physical, remark)) return;
    this.#noted.add({ physical, mode }, remark, this.#now());
    this.#rebuild({ physical, mode });
  }

  /** Drops the regions of this instruction, to be rebuilt soon if it still is hot. */
  #rebuild({ physical, mode }: NotedPlace): void {
    for (const region of this.#cache.regionsAt(physical, mode)) {
      this.#drop([region]);
      this.#warmUp(region, () => HOT_AGAIN);
    }
  }

  /** True if there is a region now. */
  #makeOrAsk(linear: number, physical: number, mode: number, block: Block): boolean {
    const advice = this.#requests?.advice(block.key) ?? 'make';
    if (advice === 'wait') {
      this.#arena.setHeat(block.records, HOT_WAITING);
      return false;
    }
    const place = new RegionPlace(this.#view, linear, physical, mode);
    if (advice === 'make') return this.#makeRegion(place);
    this.#requests?.ask(place);
    this.#arena.setHeat(block.records, HOT_WAITING);
    return false;
  }

  /** Translates the code of a place now; false if that can't be done. */
  #makeRegion(place: RegionPlace): boolean {
    const startedAt = this.#now();
    const compiled = compileRegion(this.#decoder, place.source, place.entry, place.mode);
    if (!compiled) return false;
    this.#install(place, place.answers(), compiled, this.#now() - startedAt);
    return true;
  }

  #arrived({ place, answers, region, took }: Arrival): void {
    const physical = place.physical(place.entry);
    const block = this.#cache.block(physical, place.mode);
    if (region && !this.#cache.entry(physical, place.mode)) this.#install(place, answers, region, took);
    else if (block) this.#arena.setHeat(block.records, HOT_AGAIN);
  }

  #install(place: RegionPlace, answers: CodeAnswers, compiled: CompiledRegion, took: number): void {
    const region = this.#regions.install(place, answers, compiled, took);
    this.#count(L.N_REGIONS);
    this.#withdraw(region);
    for (const { offset } of compiled.entries) this.#table.forgetJump(place.linear(offset), place.mode);
    this.#free(this.#cache.addRegion(region));
    const excess = this.#regions.excess();
    this.#evict(excess);
    for (const one of excess) this.#warmUp(one, (key) => this.#evicted.heatOf(key));
  }

  /** No region runs now: this is no work for code that a region calls. */
  #evict(regions: readonly Region[]): void {
    for (const region of regions) {
      this.#cache.remove(region);
      this.#count(L.N_EVICTIONS);
    }
    this.#free(regions);
  }

  /** Where a region that is gone was entered, blocks count as hot after `heat` more executions. */
  #warmUp(region: Region, heat: (key: number) => number): void {
    for (const key of region.entries.keys()) {
      const [physical, mode] = [physicalOf(key), modeOf(key)];
      const block = this.#cache.block(physical, mode);
      if (block && !this.#cache.entry(physical, mode)) this.#arena.setHeat(block.records, heat(key));
    }
  }

  #drop(codes: readonly Code[]): void {
    for (const code of codes) this.#cache.remove(code);
    if (codes.length === 0) return;
    this.#free(codes);
    this.#count(L.N_INVALIDATIONS);
  }

  /** No published entry leads to this code any more. */
  #withdraw(code: Code): void {
    const keys = code.kind === 'region' ? code.entries.keys() : [code.key];
    for (const key of keys) this.#table.withdraw(physicalOf(key), modeOf(key));
  }

  /** Removed code is not to be entered any more. */
  #free(codes: readonly Code[]): void {
    if (codes.length === 0) return;
    for (const code of codes) {
      this.#withdraw(code);
      if (code.kind !== 'region') continue;
      this.#regions.free(code);
      this.#warmUp(code, () => HOT / 2);
    }
    this.#monitor.code_mappings_changed(this.#cpu);
  }

  #makeRoom(): void {
    this.#cache.keepBlocks(this.#arena.compact(this.#cache.untranslatedBlocks()));
    this.#table.clear();
    this.#monitor.code_mappings_changed(this.#cpu);
  }

  /** Forgets everything. */
  dropAll(): void {
    this.#requests?.forget();
    this.#free(this.#cache.clear());
    this.#noted.clear();
    this.#arena.clear();
    this.#monitor.code_mappings_changed(this.#cpu);
  }

  /** Code goes by where it was fetched: what is written here may be seen elsewhere too. */
  written(physical: number, size: number): void {
    for (const place of this.#code.places(physical, size)) this.#codeChanged(place, size);
  }

  #codeChanged(physical: number, size: number): void {
    const dropped = this.#cache.invalidate(physical, size);
    if (this.#cache.countWrite(physical)) dropped.push(...this.#cache.invalidate(physical & PAGE_MASK, PAGE_SIZE));
    if (dropped.length === 0) return;
    this.#drop(dropped);
    this.#words[(this.#cpu + L.LEAVE) >>> 2] = 1;
  }

  #count(counter: number): void {
    const at = (this.#cpu + counter) >>> 2;
    const low = this.#words[at]! + 1;
    this.#words[at] = low;
    if (low > 0xffffffff) this.#words[at + 1]!++;
  }
}
