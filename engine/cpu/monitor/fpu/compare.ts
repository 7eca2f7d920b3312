// Comparison and examination instructions, and the conditional move they serve.
// Source: Intel SDM vol. 1 ch. 8.1.3-4, 8.3.6, vol. 2 FCOM, FUCOM, FCOMI, FTST, FXAM, FCMOVcc.

import { AUX_CF, AUX_CF_OF, F_A, F_KIND, F_R } from '../../abi/layout.ts';
import { classify, compare } from '../f80/compare.ts';
import { fromDouble, fromInteger, fromSingle } from '../f80/convert.ts';
import { C0, C1, C2, C3, EXCEPTIONS, flagsOf, IE, invalid, SF, signOf, zero } from '../f80/f80.ts';
import { isEmpty, pop, readRegister, setCondition, signal, signalKeepingC1, writeRegister } from './state.ts';

type F80 = v128;

const UNORDERED: u32 = C3 | C2 | C0;

/** Exceptions and condition codes of ST(0) against ST(i). */
function compareRegister(cpu: u32, i: u32, unordered: bool): u32 {
  if (isEmpty(cpu, 0) || isEmpty(cpu, i)) return UNORDERED | IE | SF;
  return compare(readRegister(cpu, 0), readRegister(cpu, i), unordered);
}

function compareMemory(cpu: u32, pops: u32, operand: F80): void {
  let outcome = UNORDERED | IE | SF;
  if (!isEmpty(cpu, 0)) {
    outcome = compare(readRegister(cpu, 0), operand, false);
    if ((outcome & UNORDERED) !== UNORDERED) outcome |= flagsOf(operand);
  }
  finish(cpu, outcome, pops);
}

/** Even an unmasked exception leaves the outcome in the condition codes; it only prevents the pop. */
function finish(cpu: u32, outcome: u32, pops: u32): void {
  const forbidden = signal(cpu, outcome & (EXCEPTIONS | SF));
  setCondition(cpu, outcome & UNORDERED);
  if (!forbidden) pop(cpu, pops);
}

export function fpu_compare_st(cpu: u32, i: u32, unordered: u32, pops: u32): void {
  finish(cpu, compareRegister(cpu, i, unordered !== 0), pops);
}

export function fpu_compare_m32(cpu: u32, pops: u32, bits: u32): void {
  compareMemory(cpu, pops, fromSingle(bits));
}

export function fpu_compare_m64(cpu: u32, pops: u32, bits: u64): void {
  compareMemory(cpu, pops, fromDouble(bits));
}

export function fpu_compare_i16(cpu: u32, pops: u32, bits: i32): void {
  compareMemory(cpu, pops, fromInteger(bits as i16 as i64));
}

export function fpu_compare_i32(cpu: u32, pops: u32, bits: i32): void {
  compareMemory(cpu, pops, fromInteger(bits as i64));
}

export function fpu_test(cpu: u32): void {
  compareMemory(cpu, 0, zero(0));
}

/** The outcome, valid or not, in ZF (C3), PF (C2), CF (C0); OF SF AF are cleared. */
export function fpu_compare_flags(cpu: u32, i: u32, unordered: u32, pops: u32): void {
  const outcome = compareRegister(cpu, i, unordered !== 0);
  const forbidden = signalKeepingC1(cpu, outcome & (EXCEPTIONS | SF));
  // Canonical lazy flags: the result's low byte has odd parity when PF is 0, the auxiliary word turns that around
  const result: u32 = (outcome & C3) !== 0 ? 0 : 1;
  const parityEven: bool = (outcome & C2) !== 0;
  const flip: u32 = (result === 0) === parityEven ? 0 : 0x100;
  store<u32>(cpu, 0, F_KIND);
  store<i64>(cpu, result, F_R);
  store<i64>(cpu, (((outcome & C0) !== 0 ? AUX_CF | AUX_CF_OF : 0) | flip) as i64, F_A);
  if (!forbidden) pop(cpu, pops);
}

/** FXAM sees empty registers too; C1 is the sign in any case. */
export function fpu_examine(cpu: u32): void {
  const v = readRegister(cpu, 0);
  setCondition(cpu, isEmpty(cpu, 0) ? C3 | C0 | (signOf(v) !== 0 ? C1 : 0) : classify(v));
}

export function fpu_cmov(cpu: u32, i: u32, condition: u32): void {
  if (isEmpty(cpu, 0) || isEmpty(cpu, i)) {
    if (!signal(cpu, IE | SF)) writeRegister(cpu, 0, invalid());
    return;
  }
  if (condition !== 0) writeRegister(cpu, 0, readRegister(cpu, i));
}
