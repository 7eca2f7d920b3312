// Loads, stores and exchanges. Stores do the memory write themselves: an unmasked exception suppresses write and pop, a page
// fault suppresses the exception flags. Source: Intel SDM vol. 1 ch. 8.3.3-4, vol. 2 FLD, FST, FILD, FIST, FBLD, FBSTP.

import { fromDecimal, toDecimal } from '../f80/bcd.ts';
import { fromDouble, fromInteger, fromSingle, toDouble, toInteger, toSingle } from '../f80/convert.ts';
import { flagsOf, IE, invalid, isNan, pack, propagate, SF, signExponent, significand } from '../f80/f80.ts';
import { RC_NEAREST, RC_UP, RC_ZERO, roundingOf } from '../f80/round.ts';
import { fpu_decstp } from './control.ts';
import { faulted, probe, write16, write32, write64, write80 } from './memory.ts';
import { controlWord, isEmpty, pop, push, readRegister, signal, signalStore, writeRegister } from './state.ts';

type F80 = v128;

export function fpu_push_st(cpu: u32, i: u32): void {
  if (!isEmpty(cpu, i)) {
    push(cpu, readRegister(cpu, i));
  } else if (!signal(cpu, IE | SF)) {
    // Underflow, even where the push would overflow as well
    fpu_decstp(cpu);
    writeRegister(cpu, 0, invalid());
  }
}

function quieted(v: F80): F80 {
  return isNan(v) ? propagate(v) : v;
}

export function fpu_push_m32(cpu: u32, bits: u32): void {
  push(cpu, quieted(fromSingle(bits)));
}

export function fpu_push_m64(cpu: u32, bits: u64): void {
  push(cpu, quieted(fromDouble(bits)));
}

export function fpu_push_m80(cpu: u32, low: u64, high: u32): void {
  push(cpu, pack(high & 0xffff, low));
}

export function fpu_push_i16(cpu: u32, bits: i32): void {
  push(cpu, fromInteger(bits as i16 as i64));
}

export function fpu_push_i32(cpu: u32, bits: i32): void {
  push(cpu, fromInteger(bits as i64));
}

export function fpu_push_i64(cpu: u32, bits: i64): void {
  push(cpu, fromInteger(bits));
}

export function fpu_push_bcd(cpu: u32, low: u64, high: u32): void {
  push(cpu, fromDecimal(low, high));
}

// Significands of FLD1 FLDL2T FLDL2E FLDPI FLDLG2 FLDLN2 FLDZ, rounded down (low word, high word), the exponent, and whether
// rounding to nearest goes up.
const CONSTANTS: usize = memory.data<u32>([
  0x00000000, 0x80000000, 0x3fff, 0, 0xcd1b8afe, 0xd49a784b, 0x4000, 0, 0x5c17f0bb, 0xb8aa3b29, 0x3fff, 1, 0x2168c234,
  0xc90fdaa2, 0x4000, 1, 0xfbcff798, 0x9a209a84, 0x3ffd, 1, 0xd1cf79ab, 0xb17217f7, 0x3ffe, 1, 0, 0, 0, 0,
]);

/** @param n 0..6 in the order above */
export function fpu_push_constant(cpu: u32, n: u32): void {
  const entry = CONSTANTS + (n << 4);
  const rounding = roundingOf(controlWord(cpu));
  const exact: bool = n === 0 || n === 6;
  const up: bool = rounding === RC_UP ? !exact : rounding === RC_NEAREST && load<u32>(entry + 12) !== 0;
  push(cpu, pack(load<u32>(entry + 8), load<u64>(entry) + (up ? 1 : 0)));
}

/** FST, FSTP to ST(i). */
export function fpu_store_st(cpu: u32, i: u32, pops: u32): void {
  let v = invalid(IE | SF);
  if (!isEmpty(cpu, 0)) v = readRegister(cpu, 0);
  if (signal(cpu, flagsOf(v))) return;
  writeRegister(cpu, i, v);
  pop(cpu, pops);
}

/** The undocumented D9 D8+i: as FSTP, but an empty ST(0) is only popped, without an exception. */
export function fpu_store_unchecked(cpu: u32, i: u32): void {
  signal(cpu, 0);
  if (!isEmpty(cpu, 0)) writeRegister(cpu, i, readRegister(cpu, 0));
  pop(cpu, 1);
}

/** What stands for an empty register in a store. */
function storeOperand(cpu: u32): F80 {
  return isEmpty(cpu, 0) ? invalid() : readRegister(cpu, 0);
}

/** Exceptions of a store, with a stack underflow. @returns true if nothing is to be written */
function storeForbidden(cpu: u32, converted: v128): bool {
  return signalStore(cpu, isEmpty(cpu, 0) ? IE | SF : flagsOf(converted));
}

export function fpu_store_m32(cpu: u32, pops: u32, linear: u32): void {
  const machine = probe(cpu, linear, 4, 4);
  if (faulted(cpu)) return;
  const v = toSingle(storeOperand(cpu), controlWord(cpu));
  if (storeForbidden(cpu, v)) return;
  write32(cpu, machine, linear, significand(v) as u32);
  pop(cpu, pops);
}

export function fpu_store_m64(cpu: u32, pops: u32, linear: u32): void {
  const machine = probe(cpu, linear, 8, 8);
  if (faulted(cpu)) return;
  const v = toDouble(storeOperand(cpu), controlWord(cpu));
  if (storeForbidden(cpu, v)) return;
  write64(cpu, machine, linear, significand(v));
  pop(cpu, pops);
}

export function fpu_store_m80(cpu: u32, pops: u32, linear: u32): void {
  const machine = probe(cpu, linear, 10, 8);
  if (faulted(cpu)) return;
  const v = storeOperand(cpu);
  if (storeForbidden(cpu, pack(0, 0))) return;
  write80(cpu, machine, linear, significand(v), signExponent(v));
  pop(cpu, pops);
}

function integerRounding(cpu: u32, truncate: u32): u32 {
  return truncate !== 0 ? RC_ZERO : roundingOf(controlWord(cpu));
}

/** FIST, FISTP and, truncating whatever CW.RC says, FISTTP. */
export function fpu_store_i16(cpu: u32, pops: u32, truncate: u32, linear: u32): void {
  const machine = probe(cpu, linear, 2, 2);
  if (faulted(cpu)) return;
  const v = toInteger(storeOperand(cpu), 16, integerRounding(cpu, truncate));
  if (storeForbidden(cpu, v)) return;
  write16(cpu, machine, linear, significand(v) as u32);
  pop(cpu, pops);
}

export function fpu_store_i32(cpu: u32, pops: u32, truncate: u32, linear: u32): void {
  const machine = probe(cpu, linear, 4, 4);
  if (faulted(cpu)) return;
  const v = toInteger(storeOperand(cpu), 32, integerRounding(cpu, truncate));
  if (storeForbidden(cpu, v)) return;
  write32(cpu, machine, linear, significand(v) as u32);
  pop(cpu, pops);
}

export function fpu_store_i64(cpu: u32, pops: u32, truncate: u32, linear: u32): void {
  const machine = probe(cpu, linear, 8, 8);
  if (faulted(cpu)) return;
  const v = toInteger(storeOperand(cpu), 64, integerRounding(cpu, truncate));
  if (storeForbidden(cpu, v)) return;
  write64(cpu, machine, linear, significand(v));
  pop(cpu, pops);
}

export function fpu_store_bcd(cpu: u32, pops: u32, linear: u32): void {
  const machine = probe(cpu, linear, 10, 8);
  if (faulted(cpu)) return;
  const v = toDecimal(storeOperand(cpu), roundingOf(controlWord(cpu)));
  if (storeForbidden(cpu, v)) return;
  write80(cpu, machine, linear, significand(v), signExponent(v));
  pop(cpu, pops);
}

/** FXCH: an empty register counts as the default NaN when the underflow is masked. */
export function fpu_exchange(cpu: u32, i: u32): void {
  const underflow = isEmpty(cpu, 0) || isEmpty(cpu, i);
  if (signal(cpu, underflow ? IE | SF : 0)) return;
  const a = isEmpty(cpu, 0) ? invalid() : readRegister(cpu, 0);
  const b = isEmpty(cpu, i) ? invalid() : readRegister(cpu, i);
  writeRegister(cpu, 0, b);
  writeRegister(cpu, i, a);
}
