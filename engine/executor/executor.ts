// One vCPU's execution engine: instantiates monitor and interpreter over the host's memory, decodes code on demand, has hot
// code translated, and voids what the guest overwrites. Used only in the vCPU's worker, between and inside run().

import { handlerSlots } from '../interpreter/module.ts';
import { Decoder } from '../isa/decoder.ts';
import * as L from '../isa/layout.ts';
import type { MonitorHost } from '../isa/monitor-host.ts';
import { RegionBuilder } from '../translator/region-builder.ts';
import { decodeInstructions, MAXIMUM_BLOCK, RecordArena } from './block-decoder.ts';
import { type Code, CodeCache, codeKey, jumpCacheIndex } from './code-cache.ts';
import type { Executor, ExecutorOptions, ExitReason } from './executor-api.ts';

const PAGE_SIZE = 4096;
const PAGE_MASK = ~(PAGE_SIZE - 1);
/** Interpreted executions of a block before it is translated. */
const HOT = 1000;
const NEVER = 0x7fffffff;

interface MonitorExports {
  run(cpu: number, budget: number): number;
  cpu_reset(cpu: number): void;
  mode_update(cpu: number): void;
  code_address(cpu: number, linear: number): number;
  code_mappings_changed(cpu: number): void;
  tlb_flush(cpu: number, global: number): void;
  tlb_withdraw_writes(cpu: number): void;
  tlb_withdraw_page_writes(cpu: number, physical: number): void;
}

export interface ExecutorTuning {
  /** When blocks are translated: after HOT interpreted executions, never, or before the first (for tests). */
  translate?: 'hot' | 'never' | 'always';
}

/** Page faults of the p2m (copy-on-write, not present): the machine memory's owner makes the page usable. */
export type P2mFault = (page: number, write: boolean) => void;

const ALL_ONES = new Uint8Array(PAGE_SIZE).fill(0xff);

class VcpuExecutor implements Executor {
  readonly cpu: number;
  readonly memory: WebAssembly.Memory;
  readonly #monitor: MonitorExports;
  readonly #words: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #arena: RecordArena;
  readonly #cache: CodeCache;
  readonly #decoder = new Decoder();
  readonly #regions: RegionBuilder;
  readonly #translateWhen: 'hot' | 'never' | 'always';

  constructor(options: ExecutorOptions & { tuning?: ExecutorTuning; p2mFault?: P2mFault }) {
    const { memory, cpu, host } = options;
    this.cpu = cpu;
    this.memory = memory;
    this.#words = new Uint32Array(memory.buffer);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#translateWhen = options.tuning?.translate ?? 'hot';
    const slots = handlerSlots(options.interpreterModule);
    const table = new WebAssembly.Table({ element: 'anyfunc', initial: slots.size + 1 });
    const env = { memory, table };
    const monitorHost: MonitorHost = {
      port_read: (port, size) => host.portRead(port, size),
      port_write: (port, size, value) => host.portWrite(port, size, value >>> 0),
      mmio_read: (physical, size) => host.mmioRead(physical >>> 0, size),
      mmio_write: (physical, size, value) => host.mmioWrite(physical >>> 0, size, value >>> 0),
      tsc: () => host.timestamp(),
      code_write: (physical, size) => this.#codeWritten(physical >>> 0, size),
      p2m_fault: (page, write) => {
        if (!options.p2mFault) throw new Error(`guest page ${page} has no machine page`);
        options.p2mFault(page, write !== 0);
      },
      not_implemented: (opcode, linear) => {
        const bytes = [0, 8, 16, 24].map((shift) => ((opcode >>> shift) & 0xff).toString(16).padStart(2, '0'));
        host.notImplemented(bytes.join(' '), linear >>> 0);
      },
    };
    const blocks = {
      find_block: (linear: number, mode: number) => this.#findBlock(linear >>> 0, mode),
      hot_block: (linear: number, mode: number) => this.#translate(linear >>> 0, mode),
      acknowledge_interrupt: () => host.acknowledgeInterrupt(),
    };
    const monitor = new WebAssembly.Instance(options.monitorModule, { env, host: { ...monitorHost }, blocks });
    this.#monitor = monitor.exports as unknown as MonitorExports;
    const interpreter = new WebAssembly.Instance(options.interpreterModule, { env, monitor: monitor.exports });
    const field = (offset: number): number => this.#words[(cpu + offset) >>> 2]!;
    this.#arena = new RecordArena(memory, field(L.ARENA_BASE), field(L.ARENA_SIZE), slots);
    this.#cache = new CodeCache(
      this.#bytes.subarray(field(L.CODE_MAP), field(L.CODE_MAP) + field(L.MEM_PAGES)),
      (physical) => this.#monitor.tlb_withdraw_page_writes(cpu, physical),
    );
    this.#regions = new RegionBuilder(memory, table, monitor.exports, interpreter.exports, slots.size + 1);
  }

  // ---- Executor

  run(budget: number): ExitReason {
    return this.#monitor.run(this.cpu, budget) as ExitReason;
  }

  reset(): void {
    this.#dropAll();
    this.#monitor.cpu_reset(this.cpu);
    this.stateReplaced();
  }

  stateReplaced(): void {
    this.#dropAll();
    this.#monitor.mode_update(this.cpu);
    this.#monitor.tlb_flush(this.cpu, 1);
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

  // ---- Code

  /** All bytes of a guest-physical page; a page outside of RAM holds no code and reads as all ones. */
  #page(physical: number): Uint8Array {
    const page = physical >>> 12;
    if (page >= this.#words[(this.cpu + L.MEM_PAGES) >>> 2]!) return ALL_ONES;
    const entry = this.#words[(this.#words[(this.cpu + L.P2M) >>> 2]! >>> 2) + page]!;
    const machine = entry & PAGE_MASK;
    return this.#bytes.subarray(machine >>> 0, (machine >>> 0) + PAGE_SIZE);
  }

  /** Guest-physical address of code at `linear`, or -1 with the fault recorded. */
  #codeAddress(linear: number): number {
    const physical = this.#monitor.code_address(this.cpu, linear) >>> 0;
    return this.#words[(this.cpu + L.FAULT) >>> 2] === 0 ? physical : -1;
  }

  #findBlock(linear: number, mode: number): void {
    const physical = this.#codeAddress(linear);
    if (physical < 0) return;
    let code = this.#cache.find(physical, mode);
    if (code && code.secondPage >= 0) {
      const second = this.#codeAddress((linear & PAGE_MASK) + PAGE_SIZE);
      if (second < 0) return;
      if (second !== code.secondPage) {
        this.#drop([code]);
        code = undefined;
      }
    }
    code ??= this.#decode(linear, physical, mode);
    if (!code) return;
    if (this.#translateWhen === 'always' && code.region === 0 && (mode & L.MODE_SINGLE) === 0)
      code = this.#translateBlock(code, physical, mode);
    const entry = (this.cpu + L.JC + jumpCacheIndex(linear, mode) * L.JC_ENTRY_SIZE) >>> 2;
    this.#words[entry + (L.JC_PC >>> 2)] = linear;
    this.#words[entry + (L.JC_KEY >>> 2)] = mode | (this.#words[(this.cpu + L.JC_GENERATION) >>> 2]! << 8);
    this.#words[entry + (L.JC_RECORDS >>> 2)] = code.records;
    this.#words[entry + (L.JC_REGION >>> 2)] = code.region;
  }

  #decode(linear: number, physical: number, mode: number): Code | undefined {
    if (this.#arena.full) this.#emptyArena();
    let second = -1;
    const offset = physical & (PAGE_SIZE - 1);
    const single = (mode & L.MODE_SINGLE) !== 0;
    const decoded = decodeInstructions(
      this.#decoder,
      {
        page: this.#page(physical),
        offset,
        nextPage: () => {
          second = this.#codeAddress((linear & PAGE_MASK) + PAGE_SIZE);
          return second < 0 ? undefined : this.#page(second);
        },
      },
      mode & ~L.MODE_SINGLE,
      single ? 1 : MAXIMUM_BLOCK,
    );
    if (!decoded) return undefined;
    const records = this.#arena.write(decoded.instructions, single || this.#translateWhen === 'never' ? NEVER : HOT);
    const ranges = [{ start: physical, end: Math.min(physical + decoded.size, (physical & PAGE_MASK) + PAGE_SIZE) }];
    if (decoded.crosses) ranges.push({ start: second, end: second + ((offset + decoded.size) & (PAGE_SIZE - 1)) });
    const code: Code = {
      key: codeKey(physical, mode),
      ranges,
      records,
      region: 0,
      secondPage: decoded.crosses ? second : -1,
    };
    this.#cache.add(code);
    this.#count(L.N_BLOCKS_DECODED);
    return code;
  }

  #translate(linear: number, mode: number): void {
    const physical = this.#codeAddress(linear);
    if (physical < 0) {
      // The page went away since the block ran; nothing to translate, no fault of the guest's.
      this.#words[(this.cpu + L.FAULT) >>> 2] = 0;
      return;
    }
    const block = this.#cache.find(physical, mode);
    if (block?.region !== 0) return;
    this.#translateBlock(block, physical, mode);
    // The dispatcher asks again, and gets the region.
    const entry = (this.cpu + L.JC + jumpCacheIndex(linear, mode) * L.JC_ENTRY_SIZE) >>> 2;
    this.#words[entry + (L.JC_KEY >>> 2)] = 0;
  }

  /** The block with its region, or as it was if it can't be translated. */
  #translateBlock(block: Code, physical: number, mode: number): Code {
    if (block.secondPage >= 0) return block;
    const region = this.#regions.build(this.#page(physical), physical, mode);
    if (!region) return block;
    const translated = { ...block, ranges: region.ranges, region: region.slot };
    this.#cache.remove(block);
    this.#cache.add(translated);
    this.#count(L.N_REGIONS);
    return translated;
  }

  #drop(codes: readonly Code[]): void {
    for (const code of codes) {
      this.#cache.remove(code);
      if (code.region !== 0) this.#regions.free(code.region);
    }
    if (codes.length === 0) return;
    this.#monitor.code_mappings_changed(this.cpu);
    this.#count(L.N_INVALIDATIONS);
  }

  #emptyArena(): void {
    this.#cache.forgetRecords();
    this.#arena.clear();
    this.#monitor.code_mappings_changed(this.cpu);
  }

  #dropAll(): void {
    for (const code of this.#cache.clear()) if (code.region !== 0) this.#regions.free(code.region);
    this.#arena.clear();
    this.#monitor.code_mappings_changed(this.cpu);
  }

  #codeWritten(physical: number, size: number): void {
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

export function createExecutor(options: ExecutorOptions & { tuning?: ExecutorTuning; p2mFault?: P2mFault }): Executor {
  return new VcpuExecutor(options);
}
