// Every field of the CPU block is part of the saved form, or it is said here why not. A field that is added to layout.ts and
// forgotten by the saved form fails this test.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type * as L from '../../cpu/abi/layout.ts';
import { MachineMemory } from '../memory/machine-memory.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import { restoreCpuState, saveCpuState } from './cpu-state.ts';

const CPU = 0x10000;

const DERIVED = 'follows from other fields: rebuilt when the state is replaced';
const HOST = 'belongs to the host that runs it: addresses and sizes in its memory, what it has asked of the vCPU';
const TRANSIENT = 'used within one instruction, or between two safe points';
const MAP = 'the memory map: the machine tells it when it is built, and when its chipset or a device has changed it';
const CACHE = 'a cache: empty at the next host';
const SPEC = "given by the VM's specification";
const DISPLAY = 'of the display, which saves it and puts it there';
const NOW = 'what there is now on this host, not what the VM has used';

/** Fields that are not saved. */
const NOT_SAVED: Partial<Record<keyof typeof L, string>> = {
  ZERO: 'always 0',
  MODE: DERIVED,
  TLB_CURRENT: DERIVED,
  FPU_TRAP: DERIVED,
  SSE_TRAP: DERIVED,
  WATCH: DERIVED,
  USER_PAGES: DERIVED,
  JC_KEY_NOW: DERIVED,
  JC_GLOBAL_KEY_NOW: DERIVED,
  FPU_RESULT: TRANSIENT,
  FAULT: TRANSIENT,
  EXC_VECTOR: TRANSIENT,
  EXC_ERROR: TRANSIENT,
  EXC_HAS_ERROR: TRANSIENT,
  BUDGET: TRANSIENT,
  LEAVE: TRANSIENT,
  AVOIDABLE_EXITS: TRANSIENT,
  MEM_PAGES: HOST,
  P2M: HOST,
  DIRTY_BITMAP: HOST,
  CODE_MAP: HOST,
  ARENA_BASE: HOST,
  ARENA_SIZE: HOST,
  CODE_TABLE: HOST,
  REGION_COUNTERS: HOST,
  SHOOTDOWN_REQUEST: HOST,
  SHOOTDOWN_DONE: HOST,
  VCPU_STOPPED: HOST,
  ABSENT_PAGE: TRANSIENT,
  AWAITED_PAGE: TRANSIENT,
  WINDOW_COUNT: MAP,
  WINDOWS: MAP,
  PLANAR_WINDOW: DISPLAY,
  PLANAR_PAGE: DISPLAY,
  PLANAR_MASK: DISPLAY,
  PLANAR_BANK: DISPLAY,
  PLANAR_LATCHES: DISPLAY,
  PLANAR_SEQUENCER: DISPLAY,
  PLANAR_GRAPHICS: DISPLAY,
  PLANAR_ACCESSES: NOW,
  PLANAR_GRANTED: CACHE,
  PLANAR_GRANTED_AT: CACHE,
  JC_GENERATION: CACHE,
  JC_GLOBAL_GENERATION: CACHE,
  TLB_FILLED_COUNT: CACHE,
  USER_PAGES_NEXT: CACHE,
  USER_PAGES_LISTED: CACHE,
  CODE_PAGES: CACHE,
  CPUID_HIDDEN_EDX: SPEC,
  CPUID_HIDDEN_ECX: SPEC,
  CPUID_HIDDEN_EXTENDED_EDX: SPEC,
  CPUID_HIDDEN_LEAF7_ECX: SPEC,
  CPUID_HIDDEN_LEAF7_EBX: SPEC,
  CPUID_SIGNATURE: SPEC,
  HAS_LOCAL_APIC: SPEC,
  N_LIVE_REGIONS: NOW,
  N_LIVE_WASM_BYTES: NOW,
  N_LIVE_REGION_MEMORY: NOW,
  N_TURNS: NOW,
};

/** Saved in another form than as the bytes that stand there. */
const CONVERTED: Partial<Record<keyof typeof L, string>> = {
  F_KIND: 'eflags',
  F_A: 'eflags',
  F_B: 'eflags: operands of lazy flags',
  F_R: 'eflags',
  SYSFLAGS: 'eflags',
  DOORBELL: 'nmiPending; the other bits are requests of the host',
  SEG: 'segments',
};

/** Constants of layout.ts that are places in the CPU block before the TLBs: those whose line gives a place, not a bit or a size. */
function fields(): [name: keyof typeof L, offset: number][] {
  const source = readFileSync(new URL('../../cpu/abi/layout.ts', import.meta.url), 'utf8');
  const found: [keyof typeof L, number][] = [];
  for (const [, name, value] of source.matchAll(/^export const (\w+) = (0x[0-9a-f]{2,3});/gm)) {
    const isPlace =
      !/^(AUX_|DOORBELL_|CT_|SEG_|TLB_(?!CURRENT|FILLED_COUNT)|VECTOR_|PENDING_(INTERRUPT|EXCEPTION|HAS_ERROR)|NO_PAGE|R[A-D]X$|RS[PI]$|RBP$|RDI$|MTRR_|GPR)/.test(
        name,
      );
    if (isPlace) found.push([name as keyof typeof L, Number(value)]);
  }
  return found;
}

/** Is what stands at `offset` the same at the other host, whatever it is? */
function isCarried(offset: number): boolean {
  const block = (): { memory: WebAssembly.Memory; at: CpuBlock } => {
    const { memory } = new MachineMemory(1);
    return { memory, at: new CpuBlock(memory, CPU) };
  };
  const [source, target] = [block(), block()];
  const value = 0x5a;
  source.at.setU32(offset, value);
  restoreCpuState(target.memory, CPU, saveCpuState(source.memory, CPU));
  return target.at.u32(offset) === value;
}

test('each field is saved, or it is known why not', () => {
  const all = fields();
  expect(all.length).toBeGreaterThan(120);
  const forgotten = all.filter(([name, offset]) => !NOT_SAVED[name] && !CONVERTED[name] && !isCarried(offset));
  expect(forgotten.map(([name]) => name)).toEqual([]);
});

test('what is listed as not saved is not, and exists', () => {
  const offsets = new Map(fields());
  for (const name of Object.keys(NOT_SAVED) as (keyof typeof L)[]) {
    expect(offsets.has(name), name).toBe(true);
    expect(isCarried(offsets.get(name)!), name).toBe(false);
  }
});
