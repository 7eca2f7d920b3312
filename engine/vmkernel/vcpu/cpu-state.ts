// The saved form of a vCPU's registers: used by migration, suspend and snapshots alike. Typed, named, versioned, plain
// structured-cloneable data; it holds what the guest can see plus the counters, and no state of the host (machine
// addresses, TLBs, decoded code), which the next host rebuilds.
//
// Both directions follow the tables below, so that no field can be saved and not restored. Taken only at a safe point.

import { type Upgrades, upgraded, versionProblem } from '../../base/upgrades.ts';
import * as L from '../../cpu/abi/layout.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import { Doorbell } from '../shared/doorbell.ts';
import { readEflags, writeEflags } from './flags.ts';

export const CPU_STATE_VERSION = 8;

const UPGRADES: Upgrades = {
  // Traps that wait behind a load of SS were lost.
  5: (state: CpuState) => ({ ...state, words: { ...state.words, pendingTraps: 0 } }),
  // Nothing waited for a page.
  6: (state: CpuState) => ({ ...state, words: { ...state.words, pendingEvent: 0, pendingError: 0 } }),
  // x87 errors raised #MF whatever CR0.NE said.
  7: (state: CpuState) => ({ ...state, words: { ...state.words, ignoresX87Errors: 0 } }),
};

/** A segment register with the descriptor loaded into it. Bounds: see SEG_READ_BOUND in cpu/abi/layout.ts. */
export interface SegmentState {
  selector: number;
  base: bigint;
  limit: number;
  attributes: number;
  readBound: bigint;
  writeBound: bigint;
}

/** An x87 register; its significand is also the MMX register of the same number. */
export interface X87Register {
  significand: bigint;
  signExponent: number;
}

export interface XmmRegister {
  low: bigint;
  high: bigint;
}

export interface CpuState {
  version: typeof CPU_STATE_VERSION;
  /** RAX RCX RDX RBX RSP RBP RSI RDI R8..R15. */
  general: bigint[];
  rip: bigint;
  eflags: number;
  /** An NMI has arrived and not been taken. */
  nmiPending: boolean;
  segments: Record<keyof typeof SEGMENTS, SegmentState>;
  /** DR0..DR7. */
  debug: bigint[];
  pdptes: bigint[];
  /** As cpu/abi/layout.ts has them. */
  mtrrs: bigint[];
  x87: X87Register[];
  xmm: XmmRegister[];
  words: Record<keyof typeof WORDS, number>;
  registers: Record<keyof typeof REGISTERS, bigint>;
  counters: Record<keyof typeof COUNTERS, number>;
}

const SEGMENTS = {
  es: L.SEG_ES,
  cs: L.SEG_CS,
  ss: L.SEG_SS,
  ds: L.SEG_DS,
  fs: L.SEG_FS,
  gs: L.SEG_GS,
  ldtr: L.SEG_LDTR,
  tr: L.SEG_TR,
};

/** 32-bit fields. */
const WORDS = {
  cpl: L.CPL,
  gdtrLimit: L.GDTR_LIMIT,
  idtrLimit: L.IDTR_LIMIT,
  mxcsr: L.MXCSR,
  x87Top: L.FPU_TOP,
  x87Control: L.FPU_CW,
  x87Status: L.FPU_SW,
  x87Tag: L.FPU_TAG,
  x87Opcode: L.FPU_OPCODE,
  x87InstructionSelector: L.FPU_CS,
  x87DataSelector: L.FPU_DS,
  ignoresX87Errors: L.FPU_IGNNE,
  interruptShadow: L.SHADOW,
  nmiBlocked: L.NMI_BLOCKED,
  pendingTraps: L.PENDING_TRAPS,
  pendingEvent: L.PENDING_EVENT,
  pendingError: L.PENDING_ERROR,
  runState: L.RUN_STATE,
  a20Mask: L.A20_MASK,
};

/** 64-bit fields. */
const REGISTERS = {
  gdtrBase: L.GDTR_BASE,
  idtrBase: L.IDTR_BASE,
  cr0: L.CR0,
  cr2: L.CR2,
  cr3: L.CR3,
  cr4: L.CR4,
  efer: L.EFER,
  x87InstructionPointer: L.FPU_IP,
  x87DataPointer: L.FPU_DP,
  sysenterCs: L.MSR_SYSENTER_CS,
  sysenterEsp: L.MSR_SYSENTER_ESP,
  sysenterEip: L.MSR_SYSENTER_EIP,
  tscOffset: L.TSC_OFFSET,
  pat: L.MSR_PAT,
  miscEnable: L.MSR_MISC_ENABLE,
  apicBase: L.MSR_APIC_BASE,
  star: L.MSR_STAR,
  lstar: L.MSR_LSTAR,
  cstar: L.MSR_CSTAR,
  fmask: L.MSR_FMASK,
  kernelGsBase: L.MSR_KERNEL_GS_BASE,
  tscAux: L.MSR_TSC_AUX,
  tscAdjust: L.MSR_TSC_ADJUST,
  speculationControl: L.MSR_SPEC_CTRL,
  machineCheckStatus: L.MSR_MCG_STATUS,
};

/** Cumulative since power-on. */
const COUNTERS = {
  instructions: L.N_INSTRUCTIONS,
  translated: L.N_TRANSLATED,
  tlbMisses: L.N_TLB_MISSES,
  interrupts: L.N_INTERRUPTS,
  exceptions: L.N_EXCEPTIONS,
  regionEntries: L.N_REGION_ENTRIES,
  blocksDecoded: L.N_BLOCKS_DECODED,
  regions: L.N_REGIONS,
  coldExits: L.N_COLD_EXITS,
  invalidations: L.N_INVALIDATIONS,
  undefined: L.N_UNDEFINED,
  portIo: L.N_PORT_IO,
  mmio: L.N_MMIO,
  halts: L.N_HALTS,
  busyNs: L.N_BUSY_NS,
  userEntries: L.N_USER_ENTRIES,
  exitsSlice: L.N_EXITS_SLICE,
  exitsRequest: L.N_EXITS_REQUEST,
  exitsUnlinked: L.N_EXITS_UNLINKED,
  exitsMiss: L.N_EXITS_MISS,
  exitsFault: L.N_EXITS_FAULT,
  exitsInterpret: L.N_EXITS_INTERPRET,
  translationNs: L.N_TRANSLATION_NS,
  evictions: L.N_EVICTIONS,
};

/** The saved form cannot be restored: of another version, or damaged. */
export class CpuStateError extends Error {
  override name = 'CpuStateError';
}

export function saveCpuState(memory: WebAssembly.Memory, cpu: number): CpuState {
  const block = new CpuBlock(memory, cpu);
  const series = (first: number, count: number, size = 8) =>
    Array.from({ length: count }, (_, i) => block.u64(first + i * size));
  return {
    version: CPU_STATE_VERSION,
    general: series(L.GPR, 16),
    rip: block.u64(L.RIP),
    eflags: readEflags(block),
    nmiPending: (block.u32(L.DOORBELL) & L.DOORBELL_NMI) !== 0,
    segments: mapValues(SEGMENTS, (n) => saveSegment(block, n)),
    debug: series(L.DR, 8),
    pdptes: series(L.PDPTE, 4),
    mtrrs: series(L.MTRR, L.MTRR_COUNT),
    x87: series(L.FPR, 8, 16).map((significand, i) => ({
      significand,
      signExponent: block.u32(L.FPR + i * 16 + 8) & 0xffff,
    })),
    xmm: series(L.XMM, 16, 16).map((low, i) => ({ low, high: block.u64(L.XMM + i * 16 + 8) })),
    words: mapValues(WORDS, (offset) => block.u32(offset)),
    registers: mapValues(REGISTERS, (offset) => block.u64(offset)),
    counters: mapValues(COUNTERS, (offset) => block.counter(offset)),
  };
}

/**
 * Restores what `saveCpuState` of this or an earlier version gave, and returns it as this version has it. The caller must call
 * the executor's `stateReplaced` afterwards. Throws CpuStateError, before anything is changed.
 */
export function restoreCpuState(memory: WebAssembly.Memory, cpu: number, saved: unknown): CpuState {
  const state = check(saved);
  const block = new CpuBlock(memory, cpu);
  const series = (first: number, values: bigint[], size = 8) => {
    for (const [i, value] of values.entries()) block.setU64(first + i * size, value);
  };
  series(L.GPR, state.general);
  block.setU64(L.RIP, state.rip);
  writeEflags(block, state.eflags);
  for (const [name, n] of entries(SEGMENTS)) restoreSegment(block, n, state.segments[name]);
  series(L.DR, state.debug);
  series(L.PDPTE, state.pdptes);
  series(L.MTRR, state.mtrrs);
  for (const [i, register] of state.x87.entries()) {
    block.setU64(L.FPR + i * 16, register.significand);
    block.setU32(L.FPR + i * 16 + 8, register.signExponent);
  }
  for (const [i, register] of state.xmm.entries()) {
    block.setU64(L.XMM + i * 16, register.low);
    block.setU64(L.XMM + i * 16 + 8, register.high);
  }
  for (const [name, offset] of entries(WORDS)) block.setU32(offset, state.words[name]);
  for (const [name, offset] of entries(REGISTERS)) block.setU64(offset, state.registers[name]);
  for (const [name, offset] of entries(COUNTERS)) block.setCounter(offset, state.counters[name]);
  block.setU32(L.FAULT, 0);
  const doorbell = new Doorbell(memory, cpu);
  if (state.nmiPending) doorbell.raiseNmi();
  else doorbell.clearNmi();
  return state;
}

function saveSegment(block: CpuBlock, n: number): SegmentState {
  const at = L.SEG + n * L.SEG_SIZE;
  return {
    selector: block.u32(at + L.SEG_SELECTOR),
    base: block.u64(at + L.SEG_BASE),
    limit: block.u32(at + L.SEG_LIMIT),
    attributes: block.u32(at + L.SEG_ATTR),
    readBound: BigInt.asIntN(64, block.u64(at + L.SEG_READ_BOUND)),
    writeBound: BigInt.asIntN(64, block.u64(at + L.SEG_WRITE_BOUND)),
  };
}

function restoreSegment(block: CpuBlock, n: number, segment: SegmentState): void {
  const at = L.SEG + n * L.SEG_SIZE;
  block.setU32(at + L.SEG_SELECTOR, segment.selector);
  block.setU64(at + L.SEG_BASE, segment.base);
  block.setU32(at + L.SEG_LIMIT, segment.limit);
  block.setU32(at + L.SEG_ATTR, segment.attributes);
  block.setU64(at + L.SEG_READ_BOUND, BigInt.asUintN(64, segment.readBound));
  block.setU64(at + L.SEG_WRITE_BOUND, BigInt.asUintN(64, segment.writeBound));
}

/** It came over a wire: every field must be there and of its type. */
function check(saved: unknown): CpuState {
  const state = upgraded(saved, CPU_STATE_VERSION, UPGRADES) as CpuState | undefined;
  if (state === undefined)
    throw new CpuStateError(`The saved CPU has ${versionProblem(saved, CPU_STATE_VERSION, UPGRADES)}.`);
  const bigints = (values: unknown, count: number) =>
    Array.isArray(values) && values.length === count && values.every((value) => typeof value === 'bigint');
  const named = (record: unknown, names: object, type: string) =>
    typeof record === 'object' &&
    record !== null &&
    Object.keys(names).every((name) => typeof (record as Record<string, unknown>)[name] === type);
  const segment = { selector: 0, limit: 0, attributes: 0 };
  const segmentBig = { base: 0, readBound: 0, writeBound: 0 };
  const wellFormed =
    bigints(state.general, 16) &&
    typeof state.rip === 'bigint' &&
    Number.isInteger(state.eflags) &&
    typeof state.nmiPending === 'boolean' &&
    named(state.segments, SEGMENTS, 'object') &&
    Object.values(state.segments).every((s) => named(s, segment, 'number') && named(s, segmentBig, 'bigint')) &&
    bigints(state.debug, 8) &&
    bigints(state.pdptes, 4) &&
    bigints(state.mtrrs, L.MTRR_COUNT) &&
    Array.isArray(state.x87) &&
    state.x87.length === 8 &&
    state.x87.every((r) => named(r, { signExponent: 0 }, 'number') && named(r, { significand: 0 }, 'bigint')) &&
    Array.isArray(state.xmm) &&
    state.xmm.length === 16 &&
    state.xmm.every((r) => named(r, { low: 0, high: 0 }, 'bigint')) &&
    named(state.words, WORDS, 'number') &&
    named(state.registers, REGISTERS, 'bigint') &&
    named(state.counters, COUNTERS, 'number') &&
    Object.values(state.counters).every((count) => Number.isSafeInteger(count) && count >= 0);
  if (!wellFormed) throw new CpuStateError('The saved CPU is damaged: a field is missing or of the wrong type.');
  return state;
}

function entries<K extends string>(record: Record<K, number>): [K, number][] {
  return Object.entries(record) as [K, number][];
}

function mapValues<K extends string, T>(record: Record<K, number>, f: (value: number) => T): Record<K, T> {
  return Object.fromEntries(entries(record).map(([key, value]) => [key, f(value)])) as Record<K, T>;
}
