// Arc tangent of y/x in all four quadrants. The smaller over the larger is reduced with atan(n/16) from a table, then a
// series in 128-bit fixed point. Source: Intel SDM vol. 1 ch. 8.3.8; vol. 2 FPATAN (table of results).

import { ARC_TANGENTS, INVERSE_ODD, PI } from './constants.ts';
import {
  denormalFlag,
  isInfinite,
  isNan,
  isZero,
  normalExponent,
  normalSignificand,
  propagate2,
  signOf,
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
import { lane0, lane1, multiply, pair } from './wide.ts';

type F80 = v128;

/** Terms of the series for arguments of at most 1/32; the next would be below 2^-90. */
const TERMS: u32 = 9;
/** Units of 2^-127 off a sum whose limit is 1. */
const NUDGE: u64 = 16;

export function arcTangent(y: F80, x: F80, cw: u32): F80 {
  if (isNan(y) || isNan(x)) return propagate2(y, x);
  const sign = signOf(y);
  const flags = denormalFlag(y) | denormalFlag(x);
  const left = signOf(x) !== 0;
  if (isInfinite(y)) {
    // Odd eighths of the circle if both are infinite, else a quarter
    const eighths: u32 = isInfinite(x) ? (left ? 3 : 1) : 2;
    return eighthsOfCircle(sign, eighths, cw, flags);
  }
  if (isZero(y) || isInfinite(x)) {
    return left ? eighthsOfCircle(sign, 4, cw, flags) : zero(sign, flags);
  }
  if (isZero(x)) return eighthsOfCircle(sign, 2, cw, flags);

  const above = normalExponent(y) - normalExponent(x);
  const steep: bool = above > 0 || (above === 0 && normalSignificand(y) > normalSignificand(x));
  const small = steep ? normalSignificand(x) : normalSignificand(y);
  const large = steep ? normalSignificand(y) : normalSignificand(x);
  const distance = steep ? above : -above;
  const sixteenths = nearestSixteenth(small, large, distance);
  if (sixteenths !== 0) {
    const angle = reducedAngle(small, large, distance, sixteenths);
    return place(sign, angle, steep, left, cw, flags);
  }
  // Numbers with 64 bits: the quotient of the tops, relative precision whatever its size
  const ratio = quotient(pair(0, small), pair(0, large));
  const zeros = leadingZeros(ratio);
  const t = shiftLeft(ratio, zeros);
  const exponent = 1 - zeros - distance;
  const angle = times(t, arcSeries(t, exponent));
  if (!steep && !left) return roundFixed(sign, exponent + 1, angle, cw, flags);
  return place(sign, shiftRight(angle, -1 - exponent), steep, left, cw, flags);
}

/** eighths · pi/4 */
function eighthsOfCircle(sign: u32, eighths: u32, cw: u32, flags: u32): F80 {
  const quarter = shiftRight(constant(PI), 2);
  let angle = quarter;
  for (let n: u32 = 1; n < eighths; n++) angle = plus(angle, quarter);
  return roundFixed(sign, 1, angle, cw, flags);
}

/** 16 · small / large · 2^-distance, to nearest; either neighbour will do. */
function nearestSixteenth(small: u64, large: u64, distance: i32): u32 {
  if (distance > 6) return 0;
  const ratio = (small as f64) / (large as f64) / ((1 << distance) as f64);
  return (ratio * 16.0 + 0.5) as u32;
}

/** atan of the quotient as Q1.127: atan(n/16) + atan((16a - nb) / (16b + na)) for the quotient a/b. */
function reducedAngle(small: u64, large: u64, distance: i32, n: u32): v128 {
  const a = pair(small, 0);
  const b = shiftLeft(pair(large, 0), distance);
  const up = shiftLeft(a, 4);
  const down = scaled(b, n);
  const base = constant(ARC_TANGENTS + (n << 4));
  const difference = minus(up, down);
  const negative: bool = (lane1(difference) as i64) < 0;
  const numerator = negative ? minus(pair(0, 0), difference) : difference;
  const numeratorZeros = leadingZeros(numerator);
  if (numeratorZeros === 128) return base;
  const denominator = plus(shiftLeft(b, 4), scaled(a, n));
  const ratio = quotient(normalized(numerator), normalized(denominator));
  const zeros = leadingZeros(ratio);
  const t = shiftLeft(ratio, zeros);
  const exponent = 1 - zeros + leadingZeros(denominator) - numeratorZeros;
  const angle = shiftRight(times(t, arcSeries(t, exponent)), -1 - exponent);
  return negative ? minus(base, angle) : plus(base, angle);
}

/** v · n for a v of at most 70 bits and n at most 16. */
function scaled(v: v128, n: u32): v128 {
  const low = multiply(lane0(v), n);
  return pair(lane0(low), lane1(low) + lane1(v) * n);
}

/** atan t / t for t = significand · 2^exponent, Q1.127. */
function arcSeries(significand: v128, exponent: i32): v128 {
  const r = shiftRight(significand, -1 - exponent);
  return minus(series(INVERSE_ODD, 1, TERMS, times(r, r), true), pair(NUDGE, 0));
}

/** Rounds the first-octant angle (Q1.127) moved to its octant. */
function place(sign: u32, angle: v128, steep: bool, left: bool, cw: u32, flags: u32): F80 {
  const a = shiftRight(angle, 1);
  const pi = constant(PI);
  const half = shiftRight(pi, 1);
  const placed = steep ? (left ? plus(half, a) : minus(half, a)) : left ? minus(pi, a) : a;
  return roundFixed(sign, 1, placed, cw, flags);
}
