// What an operand's name in the opcode tables means, taken apart once so that the decoder need not look at letters.

import * as L from '../abi/layout.ts';

export interface OperandSpec {
  /** Which bits of the encoding say what it is: a letter of the tables, or one of the names without a letter. */
  readonly kind: string;
  /** Bytes; 0: as the operand-size attribute says. */
  readonly size: number;
  /** Of a fixed register its offset in the CPU block, of a constant its value. */
  readonly value: number;
}

const SIZES: Record<string, number> = { b: 1, w: 2, d: 4, ss: 4, q: 8, sd: 8, dq: 16, x: 16, ps: 16, pd: 16 };
const SEGMENT_NAMES = ['ES', 'CS', 'SS', 'DS', 'FS', 'GS'];
/** Names that stand for themselves; all others are a letter and a size. */
const WHOLE_NAMES = new Set(['STi', 'sIb', 'Ib', 'Iw', 'Iz', 'Iv', 'Iwb', 'Jb', 'Jz', 'Ap']);
const FIXED: Record<string, OperandSpec> = {
  AL: { kind: 'fixed', size: 1, value: L.RAX },
  CL: { kind: 'fixed', size: 1, value: L.RCX },
  DX: { kind: 'fixed', size: 2, value: L.RDX },
  eAX: { kind: 'fixed', size: 0, value: L.RAX },
  '1': { kind: 'constant', size: 1, value: 1 },
};

export function operandSpec(name: string): OperandSpec {
  const fixed = FIXED[name];
  if (fixed) return fixed;
  if (SEGMENT_NAMES.includes(name)) return { kind: 'constant', size: 1, value: SEGMENT_NAMES.indexOf(name) };
  if (WHOLE_NAMES.has(name)) return { kind: name === 'Iv' ? 'Iz' : name, size: 0, value: 0 };
  return { kind: name[0]!, size: SIZES[name.slice(1)] ?? 0, value: 0 };
}
