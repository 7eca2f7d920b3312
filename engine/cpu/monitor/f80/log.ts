// y · log2(x) and y · log2(x + 1), through atanh((m - 1) / (m + 1)) in 128-bit fixed point.
// Source: Intel SDM vol. 1 ch. 8.3.9; vol. 2 FYL2X, FYL2XP1 (tables of results).

import { add } from './add.ts';
import { INVERSE_ODD, TWO_LOG2_E } from './constants.ts';
import { fromInteger } from './convert.ts';
import {
  BIAS,
  denormalFlag,
  INTEGER_BIT,
  infinity,
  invalid,
  isInfinite,
  isNan,
  isZero,
  normalExponent,
  normalSignificand,
  one,
  PE,
  propagate2,
  SIGN,
  signOf,
  withFlags,
  ZE,
  zero,
} from './f80.ts';
import {
  constant,
  leadingZeros,
  minus,
  normalized,
  plus,
  quotient,
  roundFixed,
  series,
  shiftLeft,
  shiftRight,
  times,
} from './fixed.ts';
import { multiply } from './multiply.ts';
import { pair } from './wide.ts';

type F80 = v128;

/** CW.PC does not apply. */
const FULL_PRECISION: u32 = 0x300;
/** Terms of atanh s / s for s up to 0.172; the next would be below 2^-90. */
const TERMS: u32 = 17;
/** sqrt 2 as a significand. */
const SQRT_2: u64 = ((0xb504f333 as u64) << 32) | 0xf9de6484;
/** |x| below which FYL2XP1 is defined, 1 - sqrt(1/2), as a significand of exponent -2. */
const LIMIT_P1: u64 = ((0x95f61998 as u64) << 32) | 0x0c4336f7;

/** y · log2(x) */
export function logarithm(x: F80, y: F80, cw: u32): F80 {
  if (isNan(x) || isNan(y)) return propagate2(x, y);
  if (signOf(x) !== 0 && !isZero(x)) return invalid();
  const flags = denormalFlag(x) | denormalFlag(y);
  const sign = signOf(y);
  const below: bool = normalExponent(x) < BIAS;
  const exact: bool = !isZero(x) && !isInfinite(x) && normalSignificand(x) === INTEGER_BIT;
  const isOne: bool = exact && normalExponent(x) === BIAS;
  if (isInfinite(y)) {
    if (isOne) return invalid();
    return infinity(isZero(x) || below ? sign ^ SIGN : sign, flags);
  }
  if (isZero(x)) return isZero(y) ? invalid() : infinity(sign ^ SIGN, ZE);
  if (isInfinite(x)) return isZero(y) ? invalid() : infinity(sign, flags);
  if (isZero(y) || isOne) return zero(below ? sign ^ SIGN : sign, flags);

  const k = normalExponent(x) - BIAS;
  // PE even where the product is exact, as processors do
  if (exact) return withFlags(multiply(fromInteger(k as i64), y, cw | FULL_PRECISION), flags | PE);
  // x = m · 2^k with m = s / 2^63 or, from sqrt 2 on, one more in k and m = s / 2^64
  const s = pair(normalSignificand(x), 0);
  const upper: bool = normalSignificand(x) > SQRT_2;
  const unit = upper ? pair(0, 1) : pair(INTEGER_BIT, 0);
  const numerator = upper ? minus(unit, s) : minus(s, unit);
  const denominator = plus(s, unit);
  const exponent = leadingZeros(denominator) - leadingZeros(numerator);
  const ratio = quotient(normalized(numerator), normalized(denominator));
  return timesLogarithm(upper ? k + 1 : k, upper, ratio, exponent, y, cw, flags);
}

/** y · log2(x + 1) */
export function logarithmPlusOne(x: F80, y: F80, cw: u32): F80 {
  if (isNan(x) || isNan(y)) return propagate2(x, y);
  const flags = denormalFlag(x) | denormalFlag(y);
  const negative = signOf(x) !== 0;
  const sign = signOf(x) ^ signOf(y);
  if (isInfinite(x)) return negative || isZero(y) ? invalid() : infinity(sign, flags);
  if (isInfinite(y)) return isZero(x) ? invalid() : infinity(sign, flags);
  if (isZero(x) || isZero(y)) return zero(sign, flags);
  const exponent = normalExponent(x) - BIAS;
  const s = normalSignificand(x);
  if (exponent > -2 || (exponent === -2 && s > LIMIT_P1)) {
    // Undefined by the manual: what FYL2X makes of the rounded sum
    return logarithm(add(x, one(), 0, cw | FULL_PRECISION), y, cw);
  }
  // x / (2 + x), the sum as Q2.126
  const two = pair(0, INTEGER_BIT);
  const magnitude = shiftRight(pair(0, s), 1 - exponent);
  const denominator = negative ? minus(two, magnitude) : plus(two, magnitude);
  const ratio = quotient(pair(0, s), normalized(denominator));
  return timesLogarithm(0, negative, ratio, exponent - 1 + leadingZeros(denominator), y, cw, flags);
}

/** y · (k ± 2/ln 2 · atanh(ratio · 2^exponent)), minus if `negative`; ratio as Q2.126. */
function timesLogarithm(k: i32, negative: bool, ratio: v128, exponent: i32, y: F80, cw: u32, flags: u32): F80 {
  const zeros = leadingZeros(ratio);
  const t = shiftLeft(ratio, zeros);
  exponent += 1 - zeros;
  const argument = shiftRight(t, -1 - exponent);
  const sum = series(INVERSE_ODD, 1, TERMS, times(argument, argument), false);
  // Q1.127 by Q2.126 by Q1.127
  const fraction = times(times(t, constant(TWO_LOG2_E)), sum);
  exponent += 3;
  let total = fraction;
  if (k !== 0) {
    // Both as Q15.113
    const whole = pair(0, (abs<i32>(k) as u64) << 49);
    const part = shiftRight(fraction, 14 - exponent);
    total = negative === k < 0 ? plus(whole, part) : minus(whole, part);
    negative = k < 0;
    exponent = 14;
  }
  const totalZeros = leadingZeros(total);
  const product = times(shiftLeft(total, totalZeros), pair(0, normalSignificand(y)));
  const sign = signOf(y) ^ (negative ? SIGN : 0);
  return roundFixed(sign, exponent - totalZeros + normalExponent(y) - BIAS + 1, product, cw, flags);
}
