// Numbers in memory's formats and comparisons, as fast.ts gives numbers to generated code: what needs no register stack.

import { FPU_CW, FPU_RESULT } from '../../abi/layout.ts';
import { compare } from './compare.ts';
import { fromDouble, fromInteger, fromSingle, toDouble, toInteger, toSingle } from './convert.ts';
import { C0, C2, C3, EXCEPTIONS, flagsOf, isNan, pack, propagate, SIGN, signExponent, significand } from './f80.ts';
import { give } from './fast.ts';
import { RC_ZERO, roundingOf } from './round.ts';

type F80 = v128;

const UNORDERED: u32 = C3 | C2 | C0;
const DE_OPERAND: u32 = 0x20000;
const NOT_MASKED: u32 = 0x80000000;

/** For a push, which quiets NaNs and signals; or, as an operand, as it is, with DE in the upper half of its word. */
function converted(cpu: u32, v: F80, pushes: u32): u64 {
  if (pushes !== 0 && isNan(v)) v = propagate(v);
  const value = give(cpu, significand(v), signExponent(v), flagsOf(v));
  if (pushes === 0) store<u32>(cpu, load<u32>(cpu, FPU_RESULT) & 0x7fffffff, FPU_RESULT);
  return value;
}

export function f80_from_single(cpu: u32, bits: u32, pushes: u32): u64 {
  return converted(cpu, fromSingle(bits), pushes);
}

export function f80_from_double(cpu: u32, bits: u64, pushes: u32): u64 {
  return converted(cpu, fromDouble(bits), pushes);
}

export function f80_from_integer(cpu: u32, value: i64): u64 {
  const v = fromInteger(value);
  return give(cpu, significand(v), signExponent(v), 0);
}

/** For stores: an unmasked overflow or underflow shows in FPU_RESULT as any unmasked exception does. */
export function f80_to_single(cpu: u32, s: u64, e: u32): u32 {
  const v = toSingle(pack(e, s), load<u32>(cpu, FPU_CW));
  return give(cpu, significand(v), 0, flagsOf(v)) as u32;
}

export function f80_to_double(cpu: u32, s: u64, e: u32): u64 {
  const v = toDouble(pack(e, s), load<u32>(cpu, FPU_CW));
  return give(cpu, significand(v), 0, flagsOf(v));
}

/** As an integer of `bits` bits, rounded by the control word or, for FISTTP, truncated. */
export function f80_to_integer(cpu: u32, s: u64, e: u32, bits: u32, truncate: u32): u64 {
  const v = toInteger(pack(e, s), bits, truncate !== 0 ? RC_ZERO : roundingOf(load<u32>(cpu, FPU_CW)));
  return give(cpu, significand(v), 0, flagsOf(v));
}

function isNumber(s: u64, word: u32): bool {
  return word <= 0xffff && ((word + 1) & 0x7ffe) !== 0 ? (s as i64) < 0 : (s | ((word & 0x7fff) as u64)) === 0;
}

/** Condition codes and exceptions of a compared with b; bit 31: one of them is not masked. */
export function f80_compare(cpu: u32, sa: u64, ea: u32, sb: u64, eb: u32, unordered: u32): u32 {
  if (isNumber(sa, ea) && isNumber(sb, eb)) {
    if (sa === sb && (ea === eb || sa === 0)) return C3;
    const negative = (ea & SIGN) !== 0;
    if (((ea ^ eb) & SIGN) !== 0) return negative ? C0 : 0;
    const smaller = ea !== eb ? ea < eb : sa < sb;
    return smaller !== negative ? C0 : 0;
  }
  let outcome = compare(pack(ea & 0xffff, sa), pack(eb & 0xffff, sb), unordered !== 0);
  if ((outcome & UNORDERED) !== UNORDERED) outcome |= (eb & DE_OPERAND) >> 16;
  return (outcome & ~load<u32>(cpu, FPU_CW) & EXCEPTIONS) !== 0 ? outcome | NOT_MASKED : outcome;
}
