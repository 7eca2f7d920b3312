// 64 × 64 → 128-bit products and 128 / 64-bit quotients, which WebAssembly lacks. A 128-bit result is a v128 whose lane 0
// is the low half (product) or the remainder (quotient), lane 1 the high half or the quotient.

import { INTEGER_BIT } from './f80.ts';

export function lane0(v: v128): u64 {
  return i64x2.extract_lane(v, 0);
}

export function lane1(v: v128): u64 {
  return i64x2.extract_lane(v, 1);
}

export function pair(low: u64, high: u64): v128 {
  return i64x2.replace_lane(i64x2.splat(low), 1, high);
}

export function multiply(a: u64, b: u64): v128 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const p00 = a0 * b0;
  const p01 = a0 * b1;
  const middle = a1 * b0 + (p00 >> 32);
  const carry = (middle & 0xffffffff) + p01;
  return pair((carry << 32) | (p00 & 0xffffffff), a1 * b1 + (middle >> 32) + (carry >> 32));
}

export function multiplyHigh(a: u64, b: u64): u64 {
  return lane1(multiply(a, b));
}

/**
 * (high:low) / divisor, for high < divisor and bit 63 of the divisor set.
 * Knuth, The Art of Computer Programming vol. 2, 4.3.1 algorithm D, with two digits of 32 bits.
 */
export function divide(high: u64, low: u64, divisor: u64): v128 {
  const d1 = divisor >> 32;
  const d0 = divisor & 0xffffffff;
  const q1 = quotientDigit(high, low >> 32, d1, d0);
  const middle = ((high << 32) | (low >> 32)) - q1 * divisor;
  const q0 = quotientDigit(middle, low & 0xffffffff, d1, d0);
  const remainder = ((middle << 32) | (low & 0xffffffff)) - q0 * divisor;
  return pair(remainder, (q1 << 32) | q0);
}

function quotientDigit(high: u64, next: u64, d1: u64, d0: u64): u64 {
  let q = high / d1;
  let r = high - q * d1;
  while (q > 0xffffffff || q * d0 > ((r << 32) | next)) {
    q--;
    r += d1;
    if (r > 0xffffffff) break;
  }
  return q;
}

/** Floor of the square root of high:low, for high >= 2^62. */
export function squareRoot(high: u64, low: u64): u64 {
  // 50 good bits from the host, then one Newton step by an exact residual, then at most a step or two of correction.
  const estimate = sqrt<f64>(high as f64) * 4294967296.0;
  let root: u64 = estimate >= 18446744073709550000.0 ? 0 - 1 : (estimate as u64);
  for (let step = 0; step < 2; step++) {
    const square = multiply(root, root);
    const restLow = low - lane0(square);
    const restHigh = (high - lane1(square) - (low < lane0(square) ? 1 : 0)) as i64;
    // |rest| < 2^80 and root >= 2^63: the correction fits easily
    const rest = (restHigh as f64) * 18446744073709552000.0 + (restLow as f64);
    const correction = nearest<f64>(rest / ((root as f64) * 2.0)) as i64;
    const next = root + correction;
    // no wrap past 2^64 - 1
    root = correction > 0 && next < root ? 0 - 1 : max<u64>(next, INTEGER_BIT);
  }
  while (isAbove(multiply(root, root), high, low)) root--;
  while (root !== 0 - 1 && !isAbove(multiply(root + 1, root + 1), high, low)) root++;
  return root;
}

function isAbove(v: v128, high: u64, low: u64): bool {
  return lane1(v) > high || (lane1(v) === high && lane0(v) > low);
}
