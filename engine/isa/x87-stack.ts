// What the common case of an x87 instruction is written against: the register stack as a backend holds it. The interpreter
// reads and writes the CPU block; a region keeps registers in locals and TOP as a distance from what it was.
//
// Rules: whatever the common case does not cover goes the general way by `require`, and with it all that stack faults and
// exceptions that are not masked do. All requirements and memory accesses come before the first change.

import type { Value } from '../wasm/body.ts';

/** A number: its significand (i64), and sign and exponent in bits 0..15 of an i32. Kept values. */
export interface Extended {
  significand: Value;
  word: Value;
}

/** Status-word bits. */
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
  /** The status word with TOP. */
  statusWord(): Value;
}

/** Address of physical register `n` (0..7), less FPR. */
export function physicalRegister(cpu: Value, n: Value): Value {
  return cpu.add(n.shl(4));
}
