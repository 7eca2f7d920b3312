// The arithmetic flags of EFLAGS against their canonical lazy form in the CPU block (F_KIND 0; cpu/abi/layout.ts has the layout).

import { AUX_AF, AUX_CF, AUX_CF_OF, AUX_SF, F_A, F_KIND, F_R, SYSFLAGS } from '../../cpu/abi/layout.ts';
import type { CpuBlock } from '../shared/cpu-block.ts';

export const EFLAGS_CF = 1;
export const EFLAGS_PF = 1 << 2;
export const EFLAGS_AF = 1 << 4;
export const EFLAGS_ZF = 1 << 6;
export const EFLAGS_SF = 1 << 7;
export const EFLAGS_OF = 1 << 11;
const ARITHMETIC = EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_OF;

/** EFLAGS of a CPU block whose flags are canonical. */
export function readEflags(block: CpuBlock): number {
  if (block.u32(F_KIND) !== 0) throw new Error('The flags of a stopped vCPU are not canonical.');
  const result = block.u32(F_R) | 0;
  const aux = block.u32(F_A);
  const carry = (aux & AUX_CF) !== 0;
  const overflow = carry !== ((aux & AUX_CF_OF) !== 0);
  const sign = result < 0 !== ((aux & AUX_SF) !== 0);
  let flags = block.u32(SYSFLAGS) & ~ARITHMETIC;
  if (carry) flags |= EFLAGS_CF;
  if (evenParity(result ^ (aux >>> 8))) flags |= EFLAGS_PF;
  if (aux & AUX_AF) flags |= EFLAGS_AF;
  if (result === 0) flags |= EFLAGS_ZF;
  if (sign) flags |= EFLAGS_SF;
  if (overflow) flags |= EFLAGS_OF;
  return flags >>> 0;
}

export function writeEflags(block: CpuBlock, eflags: number): void {
  const zero = (eflags & EFLAGS_ZF) !== 0;
  const carry = (eflags & EFLAGS_CF) !== 0;
  const overflow = (eflags & EFLAGS_OF) !== 0;
  // Result 0 has even parity, result 1 odd; neither is negative. The aux word corrects from there.
  let aux = 0;
  if (carry) aux |= AUX_CF;
  if (carry !== overflow) aux |= AUX_CF_OF;
  if (eflags & EFLAGS_AF) aux |= AUX_AF;
  if (eflags & EFLAGS_SF) aux |= AUX_SF;
  if (((eflags & EFLAGS_PF) !== 0) !== zero) aux |= 1 << 8;
  block.setU32(F_KIND, 0);
  block.setU32(F_R, zero ? 0 : 1);
  block.setU32(F_A, aux >>> 0);
  block.setU32(SYSFLAGS, (eflags & ~ARITHMETIC) >>> 0);
}

function evenParity(value: number): boolean {
  let v = value & 0xff;
  v ^= v >> 4;
  v ^= v >> 2;
  v ^= v >> 1;
  return (v & 1) === 0;
}
