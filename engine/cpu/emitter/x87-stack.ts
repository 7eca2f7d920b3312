// What the common case of an x87 instruction is written against: the register stack as a backend holds it. The interpreter
// reads and writes the CPU block; a region keeps registers in locals and TOP as a distance from what it was.
//
// Rules: whatever the common case does not cover goes the general way by `require`, and with it all that stack faults and
// exceptions that are not masked do. All requirements and memory accesses come before the first change.

import type { Value } from '../wasm/value.ts';

/** A number: its significand (i64), and sign and exponent in bits 0..15 of an i32. Kept values. */
export interface Extended {
  significand: Value;
  word: Value;
  /** The word's upper half may hold DE, which an instruction that uses the number has to signal. */
  signals?: boolean;
  /** Known to be normal: the exponent neither 0 nor that of infinities, the integer bit set. */
  normal?: boolean;
}

/** Name of a check of the control word, to be repeated where that may have changed. */
export const USUAL = 'usual control word';

/** Status-word bits. */
export const STATUS_PE = 0x20;
export const STATUS_PE_SHIFT = 5;
export const STATUS_C1_SHIFT = 9;
export const STATUS_C1 = 0x200;
export const STATUS_CODES = 0x4700;
export const STATUS_SUMMARY = 0x80;

export interface X87Stack {
  /** The general way unless the condition holds. */
  require(condition: Value): void;
  /** Requires that a push finds its register empty. */
  requireRoom(): void;
  /** ST(i), required not to be empty. `i` is 0..7, known where registers are in locals. */
  read(i: Value): Extended;
  /** Writes ST(i) and marks it valid. */
  write(i: Value, number: Extended): void;
  /** Behind `requireRoom`. */
  push(number: Extended): void;
  /** Marks ST(0) empty and lets ST(1) take its place. */
  pop(): void;
  /** Clears the status bits `clear` and sets `set`, or nothing. */
  status(clear: number, set?: Value): void;
  /** PE if `rest` (i64), what a result has lost by rounding, is not 0; C1 is `up` (0 or 1). Both kept. */
  rounded(rest: Value, up: Value): void;
  /** The status word with TOP. */
  statusWord(): Value;
}

/** Address of physical register `n` (0..7), less FPR. */
export function physicalRegister(cpu: Value, n: Value): Value {
  return cpu.add(n.shl(4));
}
