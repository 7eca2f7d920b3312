// Partial remainders, scaling and taking apart.
// Source: Intel SDM vol. 2 FPREM, FPREM1, FSCALE, FXTRACT (tables of results).

import { fromInteger, scaleOf } from './convert.ts';
import {
  BIAS,
  C0,
  C1,
  C2,
  C3,
  denormalFlag,
  infinity,
  invalid,
  isInfinite,
  isNan,
  isZero,
  normalExponent,
  normalSignificand,
  pack,
  propagate,
  propagate2,
  SIGN,
  signExponent,
  significand,
  signOf,
  withFlags,
  ZE,
  zero,
} from './f80.ts';
import { roundPack } from './round.ts';
import { divide, lane0, lane1 } from './wide.ts';

type F80 = v128;

/** CW.PC does not apply to these instructions. */
const FULL_PRECISION: u32 = 0x300;
/** Exponent difference from which a reduction is partial. */
const COMPLETE_BELOW: i32 = 64;

/** Remainder of a / b with C0 C3 C1 = low three bits of the quotient, C2 = reduction incomplete. */
export function remainder(a: F80, b: F80, toNearest: bool, cw: u32): F80 {
  if (isNan(a) || isNan(b)) return propagate2(a, b);
  if (isInfinite(a) || isZero(b)) return invalid();
  const flags = denormalFlag(a) | denormalFlag(b);
  cw |= FULL_PRECISION;
  if (isZero(a)) return withFlags(a, flags);
  const sign = signOf(a);
  const dividend = normalSignificand(a);
  const exponentA = normalExponent(a);
  if (isInfinite(b)) return roundPack(sign, exponentA, dividend, 0, cw, flags);
  const divisor = normalSignificand(b);
  const exponentB = normalExponent(b);
  const distance = exponentA - exponentB;

  if (distance < 0) {
    // |a| < |b|; to nearest it may still be above half of b
    if (!toNearest || distance < -1 || dividend <= divisor) return roundPack(sign, exponentA, dividend, 0, cw, flags);
    const rest = divisor - (dividend - divisor);
    return finish(sign ^ SIGN, exponentA, rest, cw, flags | quotientBits(1));
  }
  if (distance >= COMPLETE_BELOW) {
    const step = 32 + (distance & 31);
    const part = divide(dividend >> (64 - step), dividend << step, divisor);
    return finish(sign, exponentA - step, lane0(part), cw, flags | C2);
  }
  const quotient = divide(distance === 0 ? 0 : dividend >> (64 - distance), dividend << distance, divisor);
  let q = lane1(quotient);
  const rest = lane0(quotient);
  if (toNearest) {
    const complement = divisor - rest;
    if (rest > complement || (rest === complement && (q & 1) !== 0)) {
      q++;
      return finish(sign ^ SIGN, exponentB, complement, cw, flags | quotientBits(q));
    }
  }
  return finish(sign, exponentB, rest, cw, flags | quotientBits(q));
}

/** The number rest · 2^(exponent - 63), exact. */
function finish(sign: u32, exponent: i32, rest: u64, cw: u32, flags: u32): F80 {
  if (rest === 0) return zero(sign, flags);
  const shift = clz(rest) as i32;
  return roundPack(sign, exponent - shift, rest << shift, 0, cw, flags);
}

function quotientBits(q: u64): u32 {
  return ((q & 4) !== 0 ? C0 : 0) | ((q & 2) !== 0 ? C3 : 0) | ((q & 1) !== 0 ? C1 : 0);
}

/** a · 2^trunc(b) */
export function scale(a: F80, b: F80, cw: u32): F80 {
  if (isNan(a) || isNan(b)) return propagate2(a, b);
  const flags = denormalFlag(a) | denormalFlag(b);
  if (isInfinite(b)) {
    if (signOf(b) === 0) return isZero(a) ? invalid() : infinity(signOf(a), flags);
    return isInfinite(a) ? invalid() : zero(signOf(a), flags);
  }
  if (isInfinite(a) || isZero(a)) return withFlags(a, flags);
  return roundPack(signOf(a), normalExponent(a) + scaleOf(b), normalSignificand(a), 0, cw | FULL_PRECISION, flags);
}

/** Unbiased exponent of v as a number, with the exceptions of FXTRACT. */
export function exponentNumber(v: F80): F80 {
  if (isNan(v)) return propagate(v);
  if (isZero(v)) return infinity(SIGN, ZE);
  if (isInfinite(v)) return infinity(0);
  return withFlags(fromInteger((normalExponent(v) - BIAS) as i64), denormalFlag(v));
}

/** Significand of v in [1, 2) with v's sign. */
export function significandNumber(v: F80): F80 {
  if (isNan(v)) return propagate(v);
  if (isZero(v) || isInfinite(v)) return pack(signExponent(v), significand(v));
  return pack(signOf(v) | (BIAS as u32), normalSignificand(v));
}
