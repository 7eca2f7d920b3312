// Operands that are no memory, by their number in the encoding.

import * as L from '../abi/layout.ts';
import type { Operand } from './instruction.ts';

export function registerOffset(number: number, size: number): number {
  if (size === 1 && number >= 4) return L.GPR + (number - 4) * 8 + 1;
  return L.GPR + number * 8;
}

export function general(number: number, size: number): Operand {
  return { kind: 'register', size, offset: registerOffset(number, size) };
}

/** `size`: bytes of it that the instruction means. */
export function xmm(number: number, size: number): Operand {
  return { kind: 'register', size, offset: L.XMM + number * 16 };
}

export function mmx(number: number): Operand {
  return { kind: 'register', size: 8, offset: L.FPR + number * 16 };
}

export function immediate(size: number, value: number): Operand {
  return { kind: 'immediate', size, value };
}
