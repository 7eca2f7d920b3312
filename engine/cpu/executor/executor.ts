// One vCPU's execution engine: instantiates monitor and interpreter over the host's memory, decodes code on demand, has hot
// code translated, and invalidates what the guest overwrites. Used only in the vCPU's worker, between and inside run().

import { failedIn } from '../../base/engine-failure.ts';
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
import { NotedCode, type NotedPlace } from '../code-cache/noted-code.ts';
import { HOT, NEVER, RecordArena } from '../code-cache/record-arena.ts';
import { handlerSlots } from '../interpreter/module.ts';
import { Decoder } from '../isa/decoder.ts';
import { LiveRegions } from '../regions/live-regions.ts';
import { TRANSLATION_LIMITS, type TranslationLimits } from '../regions/region-budget.ts';
import { REGION_COUNTERS_SIZE, RegionLog } from '../regions/region-log.ts';
import { type CodeEyes, RegionPlace } from '../regions/region-place.ts';
import type { RegionCode, RegionReport } from '../regions/region-report.ts';
import { type Arrival, RegionRequests } from '../regions/region-requests.ts';
import { type CompiledRegion, compileRegion } from '../translator/region-builder.ts';
import { RegionTable } from '../translator/region-table.ts';
import type { Executor, ExecutorOptions, ExitReason, PageNeed } from './executor-api.ts';
import { GuestCode } from './guest-code.ts';
import { type MonitorExports, monitorHost } from './monitor-link.ts';

/** Interpreted executions of a hot block whose region can't be used now, since a page of it is not mapped as it was. */
const HOT_AGAIN = 50;
/** The same while its region is being made. */
const HOT_WAITING = 500;
/** ms between two looks at which regions are in use. */
const LOOK_MS = 15_000;

export interface ExecutorTuning {
  /** When blocks are translated: after HOT interpreted executions, never, or before the first (for tests). */
  translate?: 'hot' | 'never' | 'always';
  /** Have regions do all cases of floating point, not only where they were left often for one (for tests). */
  general?: boolean;
  /** What translations may take. */
  translationLimits?: TranslationLimits;
}

class VcpuExecutor implements Executor {
  readonly cpu: number;
  readonly memory: WebAssembly.Memory;
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
  readonly #requests: RegionRequests | undefined;
  readonly #eyes: CodeEyes;
  readonly #noted = new NotedCode();
  readonly #log: RegionLog;
  readonly #now: () => number;
  readonly #translateWhen: 'hot' | 'never' | 'always';

  constructor(options: ExecutorOptions & { tuning?: ExecutorTuning }) {
    const { memory, cpu, host } = options;
    this.cpu = cpu;
    this.memory = memory;
    this.#words = new Uint32Array(memory.buffer);
    this.#now = options.now ?? (() => 0);
    this.#evicted = new EvictedCode(this.#now);
    this.#translateWhen = options.tuning?.translate ?? 'hot';
    const slots = handlerSlots(options.interpreterModule);
    const table = new WebAssembly.Table({ element: 'anyfunc', initial: slots.size + 1 });
    const env = { memory, table };
    const devices = monitorHost(host, (physical, size) => this.#codeWritten(physical, size));
    const blocks = {
      find_block: (linear: number, mode: number) => {
        try {
          this.#findBlock(linear >>> 0, mode);
        } catch (error) {
          throw failedIn(`while decoding the code at ${hex(linear)}`, error);
        }
      },
      hot_block: (linear: number, mode: number) => {
        try {
          this.#translate(linear >>> 0, mode);
        } catch (error) {
          throw failedIn(`while translating the code at ${hex(linear)}`, error);
        }
      },
      left_often: (linear: number, mode: number, reason: number) => this.#leftOften(linear >>> 0, mode, reason),
      acknowledge_interrupt: () => host.acknowledgeInterrupt(),
    };
    const monitor = new WebAssembly.Instance(options.monitorModule, { env, host: { ...devices }, blocks });
    this.#monitor = monitor.exports as unknown as MonitorExports;
    this.#code = new GuestCode(memory, cpu, this.#monitor);
    const interpreter = new WebAssembly.Instance(options.interpreterModule, { env, monitor: monitor.exports });
    const field = (offset: number): number => this.#words[(cpu + offset) >>> 2]!;
    // The code table and the region counters take the start of the arena.
    this.#table = new CodeTable(this.#words, field(L.ARENA_BASE), cpu);
    const counters = field(L.ARENA_BASE) + CODE_TABLE_SIZE;
    this.#log = new RegionLog(this.#words, cpu, counters, (physical) => this.#code.page(physical));
    const taken = CODE_TABLE_SIZE + REGION_COUNTERS_SIZE;
    this.#arena = new RecordArena(memory, field(L.ARENA_BASE) + taken, field(L.ARENA_SIZE) - taken, slots);
    this.#cache = new CodeCache({
      codeMap: new Uint8Array(memory.buffer, field(L.CODE_MAP), field(L.MEM_PAGES)),
      memoryPage: (page) => this.#code.memoryPage(page),
      onPageMarked: (page) => this.#monitor.tlb_withdraw_page_writes(cpu, this.#monitor.readable_page(cpu, page)),
    });
    this.#regions = new LiveRegions(
      new RegionTable(memory, table, monitor.exports, interpreter.exports, slots.size + 1),
      this.#log,
      options.tuning?.translationLimits ?? TRANSLATION_LIMITS,
    );
    this.#eyes = {
      peek: (linear) => this.#code.peek(linear),
      page: (physical) => this.#code.page(physical),
      cache: this.#cache,
      arena: this.#arena,
      noted: this.#noted,
      all: this.#translateWhen === 'always',
      general: options.tuning?.general ?? false,
    };
    if (options.translator && this.#translateWhen === 'hot')
      this.#requests = new RegionRequests(options.translator, this.#decoder, this.#now, (arrival) =>
        this.#arrived(arrival),
      );
  }

  // ---- Executor

  run(budget: number): ExitReason {
    const now = this.#now();
    if (now >= this.#nextLook) {
      this.#nextLook = now + LOOK_MS;
      const unused = this.#regions.unused();
      this.#evict(unused);
      // One collection is enough, when all has gone that is going to.
      if (unused.length === 0) this.#regions.collect();
      for (const place of this.#noted.takeOld(now)) this.#makeAnew(place);
    }
    return this.#monitor.run(this.cpu, budget) as ExitReason;
  }

  reset(): void {
    this.#dropAll();
    this.#monitor.cpu_reset(this.cpu);
    this.stateReplaced();
  }

  stateReplaced(): void {
    this.#dropAll();
    this.#monitor.breakpoints_update(this.cpu);
    this.#monitor.mode_update(this.cpu);
    this.#monitor.tlb_flush(this.cpu, 1);
  }

  get awaitedPage(): PageNeed {
    const awaited = this.#words[(this.cpu + L.AWAITED_PAGE) >>> 2]!;
    return { page: (awaited >>> 1) - 1, write: (awaited & 1) === 1 };
  }

  reconcile(): void {
    this.#monitor.tlb_reconcile(this.cpu);
  }

  withdrawWrites(): void {
    this.#monitor.tlb_withdraw_writes(this.cpu);
  }

  flushTlb(): void {
    this.#monitor.tlb_flush(this.cpu, 1);
  }

  invalidateCode(physical: number, size: number): void {
    this.#codeWritten(physical, size);
  }

  regions(limit: number): RegionReport {
    return this.#log.report(limit);
  }

  regionCode(id: number): RegionCode | undefined {
    return this.#log.code(id);
  }

  // ---- Code

  #findBlock(linear: number, mode: number): void {
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
      this.#makeRegion(new RegionPlace(this.#eyes, linear, physical, mode));
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
  #translate(linear: number, mode: number): void {
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
  #leftOften(linear: number, mode: number, reason: number): void {
    const physical = this.#code.peek(linear);
    const remark = reason === L.COLD_STRADDLE ? 'straddles' : 'rare';
    if (physical < 0 || this.#noted.has(physical, remark)) return;
    this.#noted.add({ physical, mode }, remark, this.#now());
    this.#makeAnew({ physical, mode });
  }

  /** Drops the regions of this instruction, to be rebuilt soon if it still is hot. */
  #makeAnew({ physical, mode }: NotedPlace): void {
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
    const place = new RegionPlace(this.#eyes, linear, physical, mode);
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
    this.#monitor.code_mappings_changed(this.cpu);
  }

  #makeRoom(): void {
    this.#cache.keepBlocks(this.#arena.compact(this.#cache.untranslatedBlocks()));
    this.#table.clear();
    this.#monitor.code_mappings_changed(this.cpu);
  }

  #dropAll(): void {
    this.#requests?.forget();
    this.#free(this.#cache.clear());
    this.#noted.clear();
    this.#arena.clear();
    this.#monitor.code_mappings_changed(this.cpu);
  }

  /** Code goes by where it was fetched: what is written here may be seen elsewhere too. */
  #codeWritten(physical: number, size: number): void {
    for (const place of this.#code.places(physical, size)) this.#codeChanged(place, size);
  }

  #codeChanged(physical: number, size: number): void {
    const dropped = this.#cache.invalidate(physical, size);
    if (this.#cache.countWrite(physical)) dropped.push(...this.#cache.invalidate(physical & PAGE_MASK, PAGE_SIZE));
    if (dropped.length === 0) return;
    this.#drop(dropped);
    this.#words[(this.cpu + L.LEAVE) >>> 2] = 1;
  }

  #count(counter: number): void {
    const at = (this.cpu + counter) >>> 2;
    const low = this.#words[at]! + 1;
    this.#words[at] = low;
    if (low > 0xffffffff) this.#words[at + 1]!++;
  }
}

function hex(linear: number): string {
  return `0x${(linear >>> 0).toString(16)}`;
}

export function createExecutor(options: ExecutorOptions & { tuning?: ExecutorTuning }): Executor {
  return new VcpuExecutor(options);
}
