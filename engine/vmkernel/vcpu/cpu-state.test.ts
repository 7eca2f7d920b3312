import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as L from '../../cpu/abi/layout.ts';
import { MachineMemory } from '../memory/machine-memory.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import { enterKernel } from './boot-state.ts';
import { type CpuState, CpuStateError, restoreCpuState, saveCpuState } from './cpu-state.ts';

const CPU = 0x10000;
const REGISTER_FILE_END = 0x780;

/** A block whose guest-visible part is random bytes, where fields allow it. */
function scrambled(seed: number): WebAssembly.Memory {
  const { memory } = new MachineMemory(1);
  const bytes = new Uint8Array(memory.buffer, CPU, REGISTER_FILE_END);
  let state = seed | 1;
  for (let i = 0; i < bytes.length; i++) {
    state = Math.imul(state, 1664525) + 1013904223;
    bytes[i] = state >>> 24;
  }
  const block = new CpuBlock(memory, CPU);
  block.setU32(L.F_KIND, 0);
  for (let at = L.N_INSTRUCTIONS; at < REGISTER_FILE_END; at += 8) block.setU32(at + 4, 0);
  return memory;
}

describe('CpuState', () => {
  it('carries the CPU from one host to another', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const state = saveCpuState(scrambled(seed), CPU);
        const target = new MachineMemory(1).memory;
        restoreCpuState(target, CPU, structuredClone(state));
        expect(saveCpuState(target, CPU)).toEqual(state);
      }),
      { numRuns: 30 },
    );
  });

  it('names each register by its place in the block', () => {
    const memory = scrambled(1);
    const block = new CpuBlock(memory, CPU);
    block.setU64(L.RSP, 0x1122334455667788n);
    block.setU32(L.SEG + L.SEG_SS * L.SEG_SIZE + L.SEG_SELECTOR, 0x68);
    block.setU64(L.SEG + L.SEG_SS * L.SEG_SIZE + L.SEG_WRITE_BOUND, 2n ** 64n - 1n);
    block.setU64(L.XMM + 15 * 16 + 8, 15n);
    block.setU64(L.FPR + 7 * 16, 7n);
    block.setU64(L.CR3, 0x1000n);
    block.setU32(L.RUN_STATE, L.RUN_HALTED);
    const state = saveCpuState(memory, CPU);
    expect(state.general[4]).toBe(0x1122334455667788n);
    expect(state.segments.ss).toMatchObject({ selector: 0x68, writeBound: -1n });
    expect(state.xmm[15].high).toBe(15n);
    expect(state.x87[7].significand).toBe(7n);
    expect(state.registers.cr3).toBe(0x1000n);
    expect(state.words.runState).toBe(L.RUN_HALTED);
  });

  it('leaves the host side of the block alone', () => {
    const state = saveCpuState(scrambled(2), CPU);
    const target = new MachineMemory(1).memory;
    const block = new CpuBlock(target, CPU);
    const own = [L.P2M, L.MEM_PAGES, L.DIRTY_BITMAP, L.CODE_MAP, L.ARENA_BASE, L.ARENA_SIZE, L.DOORBELL];
    for (const field of own) block.setU32(field, field);
    restoreCpuState(target, CPU, state);
    for (const field of own) expect(block.u32(field)).toBe(field);
  });

  it('refuses another version and a damaged form, and changes nothing', () => {
    const good = saveCpuState(scrambled(3), CPU);
    const bad: unknown[] = [
      undefined,
      {},
      { ...good, version: 1 },
      { ...good, general: good.general.slice(1) },
      { ...good, rip: 5 },
      { ...good, xmm: undefined },
      { ...good, segments: { ...good.segments, fs: undefined } },
      { ...good, segments: { ...good.segments, fs: { ...good.segments.fs, base: 1 } } },
      { ...good, words: { ...good.words, cpl: '0' } },
      { ...good, counters: { ...good.counters, halts: -1 } },
    ];
    const target = new MachineMemory(1).memory;
    for (const form of bad) expect(() => restoreCpuState(target, CPU, form as CpuState)).toThrow(CpuStateError);
    expect(new Uint8Array(target.buffer).every((byte) => byte === 0)).toBe(true);
  });
});

describe('enterKernel', () => {
  it('sets up the registers of the 32-bit boot protocol', () => {
    const memory = scrambled(4);
    enterKernel(memory, CPU, {
      eip: 0x100000,
      esi: 0x7000,
      esp: 0x10000,
      gdtBase: 0x6000,
      gdtLimit: 31,
      csSelector: 0x10,
      dsSelector: 0x18,
    });
    const state = saveCpuState(memory, CPU);
    expect(state.rip).toBe(0x100000n);
    expect(state.general.slice(0, 8)).toEqual([0n, 0n, 0n, 0n, 0x10000n, 0n, 0x7000n, 0n]);
    expect(state.eflags).toBe(2);
    expect(state.registers.cr0).toBe(0x11n);
    expect(state.registers.gdtrBase).toBe(0x6000n);
    expect(state.words).toMatchObject({ gdtrLimit: 31, cpl: 0, x87Control: 0x37f, x87Tag: 0xff });
    expect(state.segments.cs).toMatchObject({ selector: 0x10, base: 0n, limit: 0xffffffff, writeBound: -1n });
    for (const name of ['ds', 'es', 'ss', 'fs', 'gs'] as const) {
      expect(state.segments[name]).toMatchObject({ selector: 0x18, base: 0n, writeBound: 0xffffffffn });
    }
  });
});
