// Arithmetic as translated code and the interpreter's fast handlers call it: numbers in, the significand out, no register
// stack. A number is a significand and a word with sign and exponent in its low half. Sign and exponent of a result, with the
// status bits it raised from bit 16 on, go to FPU_RESULT; bit 31 there says that one of them is an exception not masked.
//
// Each function has a straight path for what nearly all numbers are: normal, computed with the control word that systems set
// (64-bit precision, to nearest, inexact results masked). Everything else goes to the general functions of f80-*.ts,
// which the straight paths equal bit for bit (f80-fast.test.ts).
//
// An operand that was converted from a denormal in memory has DE in its word's upper half.

import { FPU_CW, FPU_RESULT } from '../isa/layout.ts';
import {
  BIAS,
  C1,
  EXCEPTIONS,
  flagsOf,
  INTEGER_BIT,
  isNan,
  PE,
  pack,
  SIGN,
  signExponent,
  significand,
  ZE,
} from './f80.ts';
import { add } from './f80-add.ts';
import { roundToIntegral } from './f80-convert.ts';
import { divide, multiply, squareRoot } from './f80-multiply.ts';

type F80 = v128;

/** Of the control word: precision, rounding, mask of PE; and what they are nearly always. */
const CONTROL: u32 = 0xf20;
const USUAL: u32 = 0x320;
/** In FPU_RESULT and in the word of an operand. */
const FLAGS_SHIFT: u32 = 16;
const NOT_MASKED: u32 = 0x80000000;

function isUsual(cpu: u32): bool {
  return (load<u32>(cpu + FPU_CW) & CONTROL) === USUAL;
}

/** Neither zero, denormal, infinite nor NaN by the exponent, and nothing to signal. */
function isOrdinary(word: u32): bool {
  return ((word + 1) & 0x7ffe) !== 0 && word <= 0xffff;
}

function areNormal(sa: u64, ea: u32, sb: u64, eb: u32): bool {
  return isOrdinary(ea) && isOrdinary(eb) && ((sa & sb) as i64) < 0;
}

/** Leaves a result that was computed in general, with what its operands' conversion raised. */
function finish(cpu: u32, v: F80, operands: u32): u64 {
  let flags = flagsOf(v);
  // A NaN or a zero divide takes precedence over a denormal operand.
  if (!isNan(v) && (flags & ZE) === 0) flags |= operands >> FLAGS_SHIFT;
  return give(cpu, significand(v), signExponent(v), flags);
}

/** Leaves any result. */
export function give(cpu: u32, value: u64, word: u32, flags: u32): u64 {
  const unmasked = flags & ~load<u32>(cpu + FPU_CW) & EXCEPTIONS;
  store<u32>(cpu + FPU_RESULT, word | (flags << FLAGS_SHIFT) | (unmasked !== 0 ? NOT_MASKED : 0));
  return value;
}

function number(s: u64, word: u32): F80 {
  return pack(word & 0xffff, s);
}

/** What rounding to nearest adds to a significand that `lo` follows: 0 or 1. */
function roundingOf(hi: u64, lo: u64): u64 {
  return lo > INTEGER_BIT - (hi & 1) ? 1 : 0;
}

/** The status bits of rounding, as they stand in FPU_RESULT. */
function roundingFlags(lo: u64, up: u64): u32 {
  return (lo !== 0 ? PE << FLAGS_SHIFT : 0) | ((up as u32) * (C1 << FLAGS_SHIFT));
}

export function f80_multiply(cpu: u32, sa: u64, ea: u32, sb: u64, eb: u32): u64 {
  if (areNormal(sa, ea, sb, eb) && isUsual(cpu)) {
    const a0 = sa & 0xffffffff;
    const a1 = sa >> 32;
    const b0 = sb & 0xffffffff;
    const b1 = sb >> 32;
    const p00 = a0 * b0;
    const middle = a1 * b0 + (p00 >> 32);
    const carry = a0 * b1 + (middle & 0xffffffff);
    let lo = (carry << 32) | (p00 & 0xffffffff);
    let hi = a1 * b1 + (middle >> 32) + (carry >> 32);
    const above = (hi >> 63) as u32;
    // A product below 2^127 moves up by one bit.
    const shift = (above ^ 1) as u64;
    hi = (hi << shift) | ((lo >> 63) & shift);
    lo <<= shift;
    let exponent = (ea & 0x7fff) + (eb & 0x7fff) - (BIAS as u32) + above;
    const up = roundingOf(hi, lo);
    hi += up;
    if (hi === 0) {
      hi = INTEGER_BIT;
      exponent++;
    }
    if (exponent - 1 < 0x7ffe) {
      store<u32>(cpu + FPU_RESULT, ((ea ^ eb) & SIGN) | exponent | roundingFlags(lo, up));
      return hi;
    }
  }
  return finish(cpu, multiply(number(sa, ea), number(sb, eb), load<u32>(cpu + FPU_CW)), ea | eb);
}

/** a + b, or a - b if `negate` is SIGN. */
export function f80_add(cpu: u32, sa: u64, ea: u32, sb: u64, eb: u32, negate: u32): u64 {
  if (areNormal(sa, ea, sb, eb) && isUsual(cpu)) {
    const other = eb ^ negate;
    let exponent = ea & 0x7fff;
    let distance = exponent - (other & 0x7fff);
    let sign = ea & SIGN;
    let large = sa;
    let small = sb;
    if ((distance as i32) < 0 || (distance === 0 && sa < sb)) {
      large = sb;
      small = sa;
      exponent = other & 0x7fff;
      distance = 0 - distance;
      sign = other & SIGN;
    }
    if (distance < 64) {
      let lo = (small << 1) << (63 - distance);
      small >>= distance;
      let hi: u64;
      if (((ea ^ other) & SIGN) === 0) {
        hi = large + small;
        if (hi < large) {
          lo = (hi << 63) | (lo >> 1);
          hi = (hi >> 1) | INTEGER_BIT;
          exponent++;
        }
      } else {
        hi = large - small - (lo !== 0 ? 1 : 0);
        lo = 0 - lo;
        const shift = clz(hi);
        hi = (hi << shift) | ((lo >> 1) >> (63 - shift));
        lo <<= shift;
        exponent -= shift as u32;
      }
      // Above: a shift by clz(0) leaves 0, which the general path takes.
      if ((hi as i64) < 0) {
        const up = roundingOf(hi, lo);
        hi += up;
        if (hi === 0) {
          hi = INTEGER_BIT;
          exponent++;
        }
        if (exponent - 1 < 0x7ffe) {
          store<u32>(cpu + FPU_RESULT, sign | exponent | roundingFlags(lo, up));
          return hi;
        }
      }
    }
  } else if (isUsual(cpu) && (sa | ((ea & 0x7fff) as u64)) === 0 && isOrdinary(eb) && (sb as i64) < 0) {
    // Sums often start from zero.
    store<u32>(cpu + FPU_RESULT, eb ^ negate);
    return sb;
  }
  return finish(cpu, add(number(sa, ea), number(sb, eb), negate, load<u32>(cpu + FPU_CW)), ea | eb);
}

export function f80_divide(cpu: u32, sa: u64, ea: u32, sb: u64, eb: u32): u64 {
  return finish(cpu, divide(number(sa, ea), number(sb, eb), load<u32>(cpu + FPU_CW)), ea | eb);
}

export function f80_square_root(cpu: u32, s: u64, e: u32): u64 {
  return finish(cpu, squareRoot(number(s, e), load<u32>(cpu + FPU_CW)), 0);
}

/** FRNDINT. */
export function f80_to_integral(cpu: u32, s: u64, e: u32): u64 {
  return finish(cpu, roundToIntegral(number(s, e), load<u32>(cpu + FPU_CW)), 0);
}
