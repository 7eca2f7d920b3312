import { beforeEach, describe, expect, it } from 'vitest';
import * as L from '../../abi/layout.ts';
import { CR4_PGE, TestMachine } from '../testing/machine.ts';

const SMEP = 1 << 20;
const SMAP = 1 << 21;

let m: TestMachine;
beforeEach(async () => {
  m = await TestMachine.create();
});

describe('a CPU that is told to keep a feature back', () => {
  const general = { vector: 13, error: 0 };
  const undefinedOpcode = { vector: 6, error: undefined };

  it.each([
    ['VME', L.CPUID_HIDDEN_EDX, 1, 3],
    ['SMAP', L.CPUID_HIDDEN_LEAF7_EBX, 20, SMAP],
    ['SMEP', L.CPUID_HIDDEN_LEAF7_EBX, 7, SMEP],
    ['UMIP', L.CPUID_HIDDEN_LEAF7_ECX, 2, 0x800],
    ['PGE', L.CPUID_HIDDEN_EDX, 13, CR4_PGE],
    ['SSE', L.CPUID_HIDDEN_EDX, 25, 0x400],
  ])('refuses the bit of CR4 of %s', (_, word, bit, cr4) => {
    m.monitor.cr_write(4, cr4);
    expect(m.takeException()).toBeUndefined();
    m.monitor.cr_write(4, 0);
    m.set32(word, 1 << bit);
    m.monitor.cr_write(4, cr4);
    expect(m.takeException()).toEqual(general);
  });

  it.each([
    ['STAC', L.CPUID_HIDDEN_LEAF7_EBX, 20, () => m.monitor.stac()],
    ['RDPID', L.CPUID_HIDDEN_LEAF7_ECX, 22, () => m.monitor.rdpid()],
    ['RDTSC', L.CPUID_HIDDEN_EDX, 4, () => m.monitor.rdtsc()],
    ['RDTSCP', L.CPUID_HIDDEN_EXTENDED_EDX, 27, () => m.monitor.rdtscp()],
  ])('does not know %s', (_, word, bit, run) => {
    run();
    expect(m.takeException()).toBeUndefined();
    m.set32(word, 1 << bit);
    run();
    expect(m.takeException()).toEqual(undefinedOpcode);
  });

  it.each([
    ['RDMSR', 5, () => m.monitor.rdmsr()],
    ['SYSENTER', 11, () => m.monitor.sysenter()],
    ['SYSEXIT', 11, () => m.monitor.sysexit(4)],
  ])('does not know %s, even where it would be refused', (_, bit, run) => {
    run();
    expect(m.takeException()).toEqual(general);
    m.set32(L.CPUID_HIDDEN_EDX, 1 << bit);
    run();
    expect(m.takeException()).toEqual(undefinedOpcode);
  });

  it('has neither NX nor SSE', () => {
    m.set32(L.CPUID_HIDDEN_EXTENDED_EDX, 1 << 20);
    m.set32(L.RCX, 0xc0000080);
    m.set32(L.RAX, 0x800);
    m.monitor.wrmsr();
    expect(m.takeException()).toEqual(general);
    m.monitor.cr_write(4, 0x200);
    expect(m.get32(L.SSE_TRAP)).toBe(0);
    m.set32(L.CPUID_HIDDEN_EDX, 1 << 25);
    m.monitor.mode_update();
    expect(m.get32(L.SSE_TRAP)).toBe(1);
    m.monitor.sse_check();
    expect(m.takeException()).toEqual(undefinedOpcode);
  });
});
