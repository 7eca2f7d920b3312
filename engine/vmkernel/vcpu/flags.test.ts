import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as E from '../../cpu/abi/eflags.ts';
import { AUX_AF, AUX_CF, AUX_CF_OF, AUX_SF, F_A, F_KIND, F_R, SYSFLAGS } from '../../cpu/abi/layout.ts';
import { MachineMemory } from '../memory/machine-memory.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import * as F from './flags.ts';

const BLOCK = 0x10000;
const block = new CpuBlock(new MachineMemory(1).memory, BLOCK);

function canonical(result: number, aux: number, system = 2): number {
  block.setU32(F_KIND, 0);
  block.setU32(F_R, result >>> 0);
  block.setU32(F_A, aux >>> 0);
  block.setU32(SYSFLAGS, system);
  return F.readEflags(block);
}

describe('EFLAGS from the canonical lazy form', () => {
  it.each([
    ['zero', 0, 0, E.EFLAGS_ZF | E.EFLAGS_PF],
    ['one', 1, 0, 0],
    ['minus one', -1, 0, E.EFLAGS_SF | E.EFLAGS_PF],
    ['sign corrected', 3, AUX_SF, E.EFLAGS_SF | E.EFLAGS_PF],
    ['carry without overflow', 1, AUX_CF | AUX_CF_OF, E.EFLAGS_CF],
    ['carry with overflow', 1, AUX_CF, E.EFLAGS_CF | E.EFLAGS_OF],
    ['overflow without carry', 1, AUX_CF_OF, E.EFLAGS_OF],
    ['auxiliary carry', 1, AUX_AF, E.EFLAGS_AF],
    ['parity corrected', 1, 0x100, E.EFLAGS_PF],
  ])('%s', (_name, result, aux, flags) => {
    expect(canonical(result, aux)).toBe(flags | 2);
  });

  it('keeps the system flags', () => {
    expect(canonical(1, 0, 0x3202)).toBe(0x3202);
  });

  it('refuses a block that is not canonical', () => {
    block.setU32(F_KIND, 0x21);
    expect(() => F.readEflags(block)).toThrow();
  });

  it('reads back whatever was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x3fffff }), (eflags) => {
        F.writeEflags(block, eflags);
        expect(F.readEflags(block)).toBe(eflags);
      }),
    );
  });
});
