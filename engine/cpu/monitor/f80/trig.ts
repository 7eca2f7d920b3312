// Sine, cosine, tangent. The argument is reduced exactly modulo the processor's pi/2, which has 66 bits, then a Taylor series
// in 128-bit fixed point. Source: Intel SDM vol. 1 ch. 8.3.8, 8.3.10; vol. 2 FSIN, FCOS, FPTAN (tables of results).

import { INVERSE_FACTORIALS } from './constants.ts';
import {
  BIAS,
  denormalFlag,
  invalid,
  isInfinite,
  isNan,
  isZero,
  normalExponent,
  normalSignificand,
  one,
  propagate,
  SIGN,
  signOf,
} from './f80.ts';
import {
  leadingZeros,
  minus,
  normalized,
  quotient,
  roundFixed,
  series,
  shiftLeft,
  shiftRight,
  times,
} from './fixed.ts';
import { divide, lane0, lane1, multiply, pair } from './wide.ts';

type F80 = v128;

/** Terms of the series, in the square of an argument of at most pi/4; the next would be below 2^-90. */
const TERMS: u32 = 13;
/** Units of 2^-127 off a sum whose limit is 1: keeps tiny arguments on the right side of their limit when rounding. */
const NUDGE: u64 = 16;

/** The processor's pi/2 in units of 2^-65. */
const HALF_PI_HIGH: u64 = 3;
const HALF_PI_LOW: u64 = ((0x243f6a88 as u64) << 32) | 0x85a308d3;
/** Its upper 64 bits. */
const HALF_PI_TOP: u64 = ((0xc90fdaa2 as u64) << 32) | 0x2168c234;

/** |v| >= 2^63: the instruction sets C2 and leaves its operand. */
export function isOutOfRange(v: F80): bool {
  return !isNan(v) && !isInfinite(v) && normalExponent(v) >= BIAS + 63;
}

/** |v| in units of 2^-65, for 1/4 <= |v| < 2^63. */
function units(v: F80): v128 {
  return shiftLeft(pair(normalSignificand(v), 0), normalExponent(v) - BIAS + 2);
}

/** The integer nearest to |v| / (pi/2). */
function quarters(v: F80): u64 {
  if (normalExponent(v) < BIAS - 1) return 0;
  const x = units(v);
  const top = shiftRight(x, 2);
  // The divisor is truncated: the estimate may be one too large
  let n = lane1(divide(lane1(top), lane0(top), HALF_PI_TOP));
  if (isNegative(excess(x, n))) n--;
  // Round to nearest: one more if the rest exceeds half of pi/2
  const rest = excess(x, n);
  return isNegative(minus(shiftLeft(rest, 1), pair(HALF_PI_LOW, HALF_PI_HIGH))) ? n : n + 1;
}

/** x - n · pi/2 in two's complement. */
function excess(x: v128, n: u64): v128 {
  const product = multiply(n, HALF_PI_LOW);
  return minus(x, pair(lane0(product), lane1(product) + n * HALF_PI_HIGH));
}

function isNegative(v: v128): bool {
  return (lane1(v) as i64) < 0;
}

/** |v| - n · pi/2 with its sign. */
function signedRest(v: F80, n: u64): v128 {
  return n === 0 ? pair(0, normalSignificand(v)) : excess(units(v), n);
}

/** Magnitude of a rest, normalized. */
function restSignificand(rest: v128, n: u64): v128 {
  if (n === 0) return rest;
  return normalized(isNegative(rest) ? minus(pair(0, 0), rest) : rest);
}

/** Unbiased exponent that belongs to restSignificand. */
function restExponent(v: F80, rest: v128, n: u64): i32 {
  if (n === 0) return normalExponent(v) - BIAS;
  return 62 - leadingZeros(isNegative(rest) ? minus(pair(0, 0), rest) : rest);
}

/** Square as Q0.128 of significand · 2^exponent, for a number below 1. */
function square(significand: v128, exponent: i32): v128 {
  const r = shiftRight(significand, -1 - exponent);
  return times(r, r);
}

/** sin r / r and cos r from r², Q1.127. */
function sineSeries(square: v128): v128 {
  return series(INVERSE_FACTORIALS + 16, 2, TERMS, square, true);
}

function cosineSeries(square: v128): v128 {
  return minus(series(INVERSE_FACTORIALS, 2, TERMS, square, true), pair(NUDGE, 0));
}

/** sin(v + quarter · pi/2) for quarter 0 (sine) and 1 (cosine), in range. */
export function sineOrCosine(v: F80, quarter: u32, cw: u32): F80 {
  if (isNan(v)) return propagate(v);
  if (isInfinite(v)) return invalid();
  if (isZero(v)) return quarter === 0 ? v : one();
  const flags = denormalFlag(v);
  const n = quarters(v);
  const rest = signedRest(v, n);
  const significand = restSignificand(rest, n);
  const exponent = restExponent(v, rest, n);
  const quadrant = ((n as u32) + quarter) & 3;
  let sign: u32 = quadrant >= 2 ? SIGN : 0;
  // sin(-x) = -sin x, cos(-x) = cos x
  if (quarter === 0) sign ^= signOf(v);
  const squared = square(significand, exponent);
  if ((quadrant & 1) !== 0) return roundFixed(sign, 0, cosineSeries(squared), cw, flags);
  if (n !== 0 && isNegative(rest)) sign ^= SIGN;
  const sum = minus(sineSeries(squared), pair(NUDGE, 0));
  return roundFixed(sign, exponent + 1, times(significand, sum), cw, flags);
}

/** In range. */
export function tangent(v: F80, cw: u32): F80 {
  if (isNan(v)) return propagate(v);
  if (isInfinite(v)) return invalid();
  if (isZero(v)) return v;
  const flags = denormalFlag(v);
  const n = quarters(v);
  const rest = signedRest(v, n);
  const significand = restSignificand(rest, n);
  const exponent = restExponent(v, rest, n);
  const squared = square(significand, exponent);
  const sine = times(significand, sineSeries(squared));
  const cosine = cosineSeries(squared);
  const sineZeros = leadingZeros(sine);
  const cosineZeros = leadingZeros(cosine);
  const sineTop = shiftLeft(sine, sineZeros);
  const cosineTop = shiftLeft(cosine, cosineZeros);
  const difference = exponent + 1 - sineZeros + cosineZeros;
  let sign = signOf(v);
  if (n !== 0 && isNegative(rest)) sign ^= SIGN;
  if ((n & 1) === 0) return roundFixed(sign, difference + 1, quotient(sineTop, cosineTop), cw, flags);
  return roundFixed(sign ^ SIGN, 1 - difference, quotient(cosineTop, sineTop), cw, flags);
}
