// 2^x - 1. Source: Intel SDM vol. 1 ch. 8.3.9; vol. 2 F2XM1 (table of results).

import { INVERSE_FACTORIALS, LN_2 } from './constants.ts';
import {
  BIAS,
  denormalFlag,
  INTEGER_BIT,
  infinity,
  isInfinite,
  isNan,
  isZero,
  normalExponent,
  normalSignificand,
  one,
  PE,
  pack,
  propagate,
  SIGN,
  signOf,
  withFlags,
} from './f80.ts';
import { constant, leadingZeros, roundFixed, series, shiftLeft, shiftRight, times } from './fixed.ts';
import { pair } from './wide.ts';

type F80 = v128;

/** Terms of (e^y - 1) / y for y up to ln 2; the next would be below 2^-90. */
const TERMS: u32 = 24;

/** Defined for |v| <= 1; beyond, v itself comes back, as the manual leaves the result open. */
export function exponential(v: F80, cw: u32): F80 {
  if (isNan(v)) return propagate(v);
  if (isZero(v)) return v;
  const negative = signOf(v) !== 0;
  if (isInfinite(v)) return negative ? pack(SIGN | (BIAS as u32), INTEGER_BIT) : infinity(0);
  const exponent = normalExponent(v) - BIAS;
  if (exponent >= 0) {
    if (exponent !== 0 || normalSignificand(v) !== INTEGER_BIT) return withFlags(v, PE);
    return negative ? pack(SIGN | ((BIAS - 1) as u32), INTEGER_BIT, PE) : withFlags(one(), PE);
  }
  // y = |v| ln 2, then y · (e^±y - 1) / ±y
  const y = times(pair(0, normalSignificand(v)), constant(LN_2));
  const zeros = leadingZeros(y);
  const significand = shiftLeft(y, zeros);
  const argument = shiftRight(significand, zeros - 1 - exponent);
  const sum = series(INVERSE_FACTORIALS + 16, 1, TERMS, argument, negative);
  return roundFixed(signOf(v), exponent - zeros + 1, times(significand, sum), cw, denormalFlag(v));
}
