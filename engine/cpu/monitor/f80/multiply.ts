// Multiplication, division and square root of extended numbers.
// Source: Intel SDM vol. 1 ch. 4.8, vol. 2 FMUL, FDIV, FSQRT (tables of results).

import {
  BIAS,
  denormalFlag,
  INTEGER_BIT,
  infinity,
  invalid,
  isInfinite,
  isNan,
  isNormal,
  isZero,
  normalExponent,
  normalSignificand,
  propagate,
  propagate2,
  signOf,
  ZE,
  zero,
} from './f80.ts';
import { roundPack } from './round.ts';
import { divide as divideWide, lane0, lane1, multiply as multiplyWide, squareRoot as squareRootWide } from './wide.ts';

type F80 = v128;

export function multiply(a: F80, b: F80, cw: u32): F80 {
  if (isNormal(a) && isNormal(b)) return multiplyFinite(a, b, cw, 0);
  if (isNan(a) || isNan(b)) return propagate2(a, b);
  const sign = signOf(a) ^ signOf(b);
  const flags = denormalFlag(a) | denormalFlag(b);
  if (isInfinite(a) || isInfinite(b)) {
    return isZero(a) || isZero(b) ? invalid() : infinity(sign, flags);
  }
  if (isZero(a) || isZero(b)) return zero(sign, flags);
  return multiplyFinite(a, b, cw, flags);
}

function multiplyFinite(a: F80, b: F80, cw: u32, flags: u32): F80 {
  const product = multiplyWide(normalSignificand(a), normalSignificand(b));
  let hi = lane1(product);
  let lo = lane0(product);
  let exponent = normalExponent(a) + normalExponent(b) - (BIAS - 1);
  if ((hi as i64) >= 0) {
    hi = (hi << 1) | (lo >> 63);
    lo <<= 1;
    exponent--;
  }
  return roundPack(signOf(a) ^ signOf(b), exponent, hi, lo, cw, flags);
}

/** a / b */
export function divide(a: F80, b: F80, cw: u32): F80 {
  if (isNormal(a) && isNormal(b)) return divideFinite(a, b, cw, 0);
  if (isNan(a) || isNan(b)) return propagate2(a, b);
  const sign = signOf(a) ^ signOf(b);
  const flags = denormalFlag(a) | denormalFlag(b);
  if (isInfinite(a)) return isInfinite(b) ? invalid() : infinity(sign, flags);
  if (isInfinite(b)) return zero(sign, flags);
  if (isZero(b)) return isZero(a) ? invalid() : infinity(sign, ZE);
  if (isZero(a)) return zero(sign, flags);
  return divideFinite(a, b, cw, flags);
}

function divideFinite(a: F80, b: F80, cw: u32, flags: u32): F80 {
  const dividend = normalSignificand(a);
  const divisor = normalSignificand(b);
  // Scaled so that the quotient has exactly 64 bits
  const wide = dividend >= divisor;
  const quotient = wide ? divideWide(dividend >> 1, dividend << 63, divisor) : divideWide(dividend, 0, divisor);
  const remainder = lane0(quotient);
  let rest: u64 = 0;
  if (remainder !== 0) {
    // The next quotient bit decides the rounding, the last one is sticky
    rest = remainder >= divisor - remainder ? INTEGER_BIT : 0;
    if (remainder !== divisor - remainder) rest |= 1;
  }
  const exponent = normalExponent(a) - normalExponent(b) + BIAS - (wide ? 0 : 1);
  return roundPack(signOf(a) ^ signOf(b), exponent, lane1(quotient), rest, cw, flags);
}

export function squareRoot(a: F80, cw: u32): F80 {
  if (isNan(a)) return propagate(a);
  if (isZero(a)) return a;
  if (signOf(a) !== 0) return invalid();
  if (isInfinite(a)) return a;
  const exponent = normalExponent(a) - BIAS;
  // An even exponent leaves the root of 1.x in [1, 2): the radicand is x·2^63 with x in [1, 4)
  const odd = (exponent & 1) !== 0;
  const s = normalSignificand(a);
  const high = odd ? s : s >> 1;
  const low = odd ? 0 : s << 63;
  const root = squareRootWide(high, low);
  const square = multiplyWide(root, root);
  const restLow = low - lane0(square);
  const restHigh = high - lane1(square) - (low < lane0(square) ? 1 : 0);
  let rest: u64 = 0;
  // The root of the whole is above root + 1/2 exactly if the residual exceeds the root; it never lies on the half
  if ((restLow | restHigh) !== 0) rest = restHigh !== 0 || restLow > root ? INTEGER_BIT | 1 : 1;
  return roundPack(0, (exponent >> 1) + BIAS, root, rest, cw, denormalFlag(a));
}
