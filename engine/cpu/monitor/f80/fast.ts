// Arithmetic as translated code and the interpreter's fast handlers call it: numbers in, the significand out, no register
// stack. A number is a significand and a word with sign and exponent in its low half. Sign and exponent of a result, with the
// status bits it raised from bit 16 on, go to FPU_RESULT; bit 31 there says that one of them is an exception not masked.
//
// Division and square root have a straight path for what nearly all numbers are: normal, computed with the control word that
// systems set (64-bit precision, to nearest, inexact results masked). Everything else goes to the general functions beside
// this file, which the straight paths equal bit for bit (fast.test.ts). Those of sums and products are inline in generated
// code (cpu/semantics/x87/arithmetic.ts).
//
// An operand that was converted from a denormal in memory has DE in its word's upper half.

import { FPU_CW, FPU_RESULT } from '../../abi/layout.ts';
import { add } from './add.ts';
import { roundToIntegral } from './convert.ts';
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
import { divide, multiply, squareRoot } from './multiply.ts';

type F80 = v128;

/** Of the control word: precision, rounding, mask of PE; and what they are nearly always. */
const CONTROL: u32 = 0xf20;
const USUAL: u32 = 0x320;
/** In FPU_RESULT and in the word of an operand. */
const FLAGS_SHIFT: u32 = 16;
const NOT_MASKED: u32 = 0x80000000;

function isUsual(cpu: u32): bool {
  return (load<u32>(cpu, FPU_CW) & CONTROL) === USUAL;
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
  const unmasked = flags & ~load<u32>(cpu, FPU_CW) & EXCEPTIONS;
  store<u32>(cpu, word | (flags << FLAGS_SHIFT) | (unmasked !== 0 ? NOT_MASKED : 0), FPU_RESULT);
  return value;
}

function number(s: u64, word: u32): F80 {
  return pack(word & 0xffff, s);
}

/** The status bits of rounding, as they stand in FPU_RESULT. */
function roundingFlags(lo: u64, up: u64): u32 {
  return (lo !== 0 ? PE << FLAGS_SHIFT : 0) | ((up as u32) * (C1 << FLAGS_SHIFT));
}

/** Halves of the 128-bit square. */
function squareLow(a: u64): u64 {
  return a * a;
}

function squareHigh(a: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const cross = a0 * a1;
  const carry = (cross & 0xffffffff) + cross + ((a0 * a0) >> 32);
  return a1 * a1 + (cross >> 32) + (carry >> 32);
}

export function f80_multiply(cpu: u32, sa: u64, ea: u32, sb: u64, eb: u32): u64 {
  return finish(cpu, multiply(number(sa, ea), number(sb, eb), load<u32>(cpu, FPU_CW)), ea | eb);
}

/** a + b, or a - b if `negate` is SIGN. */
export function f80_add(cpu: u32, sa: u64, ea: u32, sb: u64, eb: u32, negate: u32): u64 {
  if ((sa | ((ea & 0x7fff) as u64)) === 0 && isOrdinary(eb) && (sb as i64) < 0 && isUsual(cpu)) {
    // Sums often start from zero.
    store<u32>(cpu, eb ^ negate, FPU_RESULT);
    return sb;
  }
  return finish(cpu, add(number(sa, ea), number(sb, eb), negate, load<u32>(cpu, FPU_CW)), ea | eb);
}

export function f80_divide(cpu: u32, sa: u64, ea: u32, sb: u64, eb: u32): u64 {
  if (areNormal(sa, ea, sb, eb) && isUsual(cpu)) {
    // Scaled so that the quotient has exactly 64 bits, then two digits of 32 bits as in wide.ts
    const wide: bool = sa >= sb;
    const d1 = sb >> 32;
    const d0 = sb & 0xffffffff;
    let rest = wide ? sa >> 1 : sa;
    let next = wide ? (sa & 1) << 31 : 0;
    let quotient: u64 = 0;
    for (let digits = 0; digits < 2; digits++) {
      let q = rest / d1;
      let r = rest - q * d1;
      while (q > 0xffffffff || q * d0 > ((r << 32) | next)) {
        q--;
        r += d1;
        if (r > 0xffffffff) break;
      }
      rest = ((rest << 32) | next) - q * sb;
      quotient = (quotient << 32) | q;
      next = 0;
    }
    let exponent = (ea & 0x7fff) - (eb & 0x7fff) + (BIAS as u32) - (wide ? 0 : 1);
    // The remainder is never half of the divisor: that quotient would have 65 bits, more than the dividend
    const up: u64 = rest > sb - rest ? 1 : 0;
    quotient += up;
    if (quotient === 0) {
      quotient = INTEGER_BIT;
      exponent++;
    }
    if (exponent - 1 < 0x7ffe) {
      store<u32>(cpu, ((ea ^ eb) & SIGN) | exponent | roundingFlags(rest, up), FPU_RESULT);
      return quotient;
    }
  }
  return finish(cpu, divide(number(sa, ea), number(sb, eb), load<u32>(cpu, FPU_CW)), ea | eb);
}

/** The root of a significand below this, times 2^64, is far enough from 2^64 for estimates. */
const ROOT_LIMIT: u64 = 0xffffffff00000000;
const ROOT_2: f64 = Math.SQRT2;

export function f80_square_root(cpu: u32, s: u64, e: u32): u64 {
  const odd: bool = (e & 1) === 0;
  const high = odd ? s : s >> 1;
  if (isOrdinary(e) && e < SIGN && (s as i64) < 0 && high < ROOT_LIMIT && isUsual(cpu)) {
    const low: u64 = odd ? 0 : s << 63;
    // Half the root from the host, good to 50 bits; then one Newton step by an exact residual, which leaves it at most one off
    const half = sqrt<f64>((high >> 1) as i64 as f64) * (ROOT_2 * 2147483648.0);
    let root = (half as i64 as u64) << 1;
    let square = squareLow(root);
    let restHigh = high - squareHigh(root) - (low < square ? 1 : 0);
    let restLow = low - square;
    const scaled = ((restHigh << 48) | (restLow >> 16)) as i64;
    root += nearest<f64>((scaled as f64) * (16384.0 / half)) as i64 as u64;
    square = squareLow(root);
    restHigh = high - squareHigh(root) - (low < square ? 1 : 0);
    restLow = low - square;
    // One too large: the residual becomes that of the root below
    const tooLarge = ((restHigh as i64) >> 63) as u64;
    root += tooLarge;
    const change = ((root << 1) | 1) & tooLarge;
    restLow += change;
    restHigh += (restLow < change ? 1 : 0) - tooLarge;
    if (restHigh === 0 || (restHigh === 1 && restLow <= root << 1)) {
      // Above root + 1/2 exactly if the residual exceeds the root; never on the half
      const up: u64 = restHigh !== 0 || restLow > root ? 1 : 0;
      const exponent = ((((e as i32) - BIAS) >> 1) + BIAS) as u32;
      store<u32>(cpu, exponent | roundingFlags(restHigh | restLow, up), FPU_RESULT);
      return root + up;
    }
  }
  return finish(cpu, squareRoot(number(s, e), load<u32>(cpu, FPU_CW)), 0);
}

/** FRNDINT. */
export function f80_to_integral(cpu: u32, s: u64, e: u32): u64 {
  return finish(cpu, roundToIntegral(number(s, e), load<u32>(cpu, FPU_CW)), 0);
}
