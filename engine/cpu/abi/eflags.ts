// EFLAGS and the canonical form in which the CPU block keeps its arithmetic flags (F_KIND 0; layout.ts draws it).

import { AUX_AF, AUX_CF, AUX_CF_OF, AUX_SF } from './layout.ts';

export const EFLAGS_CF = 1;
export const EFLAGS_PF = 1 << 2;
export const EFLAGS_AF = 1 << 4;
export const EFLAGS_ZF = 1 << 6;
export const EFLAGS_SF = 1 << 7;
export const EFLAGS_OF = 1 << 11;
export const EFLAGS_ARITHMETIC = EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_OF;

/** Values of F_R, F_A and SYSFLAGS, as u32. */
export interface CanonicalFlags {
  result: number;
  aux: number;
  system: number;
}

export function eflagsOf({ result, aux, system }: CanonicalFlags): number {
  const carry = (aux & AUX_CF) !== 0;
  const overflow = carry !== ((aux & AUX_CF_OF) !== 0);
  const sign = (result | 0) < 0 !== ((aux & AUX_SF) !== 0);
  let flags = system & ~EFLAGS_ARITHMETIC;
  if (carry) flags |= EFLAGS_CF;
  if (evenParity(result ^ (aux >>> 8))) flags |= EFLAGS_PF;
  if (aux & AUX_AF) flags |= EFLAGS_AF;
  if (result === 0) flags |= EFLAGS_ZF;
  if (sign) flags |= EFLAGS_SF;
  if (overflow) flags |= EFLAGS_OF;
  return flags >>> 0;
}

export function canonicalFlags(eflags: number): CanonicalFlags {
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
  return { result: zero ? 0 : 1, aux: aux >>> 0, system: (eflags & ~EFLAGS_ARITHMETIC) >>> 0 };
}

function evenParity(value: number): boolean {
  let v = value & 0xff;
  v ^= v >> 4;
  v ^= v >> 2;
  v ^= v >> 1;
  return (v & 1) === 0;
}
