// Unsigned 128-bit fixed-point arithmetic for the transcendental functions: a number is a v128, lane 0 the low half. Qm.n has
// m integer and n fraction bits, m + n = 128. Products and quotients are truncated, with an error of a few units in the
// last place, 60 bits below the significand of the result.

import { BIAS, INTEGER_BIT } from './f80.ts';
import { roundPack } from './round.ts';
import { divide, lane0, lane1, multiply, multiplyHigh, pair } from './wide.ts';

type F80 = v128;

export function plus(a: v128, b: v128): v128 {
  const low = lane0(a) + lane0(b);
  return pair(low, lane1(a) + lane1(b) + (low < lane0(a) ? 1 : 0));
}

export function minus(a: v128, b: v128): v128 {
  return pair(lane0(a) - lane0(b), lane1(a) - lane1(b) - (lane0(a) < lane0(b) ? 1 : 0));
}

/** Upper half of the product: Qa.b × Qc.d → Q(a+c).(b+d-128). */
export function times(a: v128, b: v128): v128 {
  const top = multiply(lane1(a), lane1(b));
  const x = multiplyHigh(lane1(a), lane0(b));
  const y = multiplyHigh(lane0(a), lane1(b));
  const middle = x + y;
  const low = lane0(top) + middle;
  return pair(low, lane1(top) + (middle < x ? 1 : 0) + (low < middle ? 1 : 0));
}

/** For 0 <= n < 128. */
export function shiftLeft(v: v128, n: i32): v128 {
  if (n === 0) return v;
  if (n >= 64) return pair(0, lane0(v) << (n - 64));
  return pair(lane0(v) << n, (lane1(v) << n) | (lane0(v) >> (64 - n)));
}

/** For n >= 0. */
export function shiftRight(v: v128, n: i32): v128 {
  if (n === 0) return v;
  if (n >= 128) return pair(0, 0);
  if (n >= 64) return pair(lane1(v) >> (n - 64), 0);
  return pair((lane0(v) >> n) | (lane1(v) << (64 - n)), lane1(v) >> n);
}

export function leadingZeros(v: v128): i32 {
  return (lane1(v) !== 0 ? clz(lane1(v)) : 64 + clz(lane0(v))) as i32;
}

/** Bit 127 set. */
export function normalized(v: v128): v128 {
  return shiftLeft(v, leadingZeros(v));
}

/** a / b as Q2.126, for both normalized. */
export function quotient(a: v128, b: v128): v128 {
  // 64 bits of 1/b, then one Newton step: y = y0 (2 - b y0)
  const estimate = pair(0, lane1(divide(INTEGER_BIT - 1, 0 - 1, lane1(b))));
  const reciprocal = times(estimate, minus(pair(0, 0), times(b, estimate)));
  return times(a, reciprocal);
}

/** The constant of two words in memory.data<u32> at `address`. */
export function constant(address: usize): v128 {
  return pair(load<u64>(address), load<u64>(address + 8));
}

/**
 * c0 ± c1 x + c2 x² ± … with x as Q0.128, coefficients and sum as Q1.127.
 * @param table c0, 16 bytes each
 * @param step distance of coefficients in the table, in entries
 */
export function series(table: usize, step: u32, count: u32, x: v128, alternating: bool): v128 {
  const stride = step << 4;
  let entry = table + stride * (count - 1);
  let sum = constant(entry);
  for (let k: u32 = 1; k < count; k++) {
    entry -= stride;
    const product = times(sum, x);
    sum = alternating ? minus(constant(entry), product) : plus(constant(entry), product);
  }
  return sum;
}

/** Rounds the inexact number v · 2^(exponent - 127). */
export function roundFixed(sign: u32, exponent: i32, v: v128, cw: u32, flags: u32): F80 {
  const zeros = leadingZeros(v);
  const s = shiftLeft(v, zeros);
  return roundPack(sign, exponent - zeros + BIAS, lane1(s), lane0(s) | 1, cw | 0x300, flags);
}
