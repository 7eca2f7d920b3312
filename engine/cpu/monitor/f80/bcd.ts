// Packed decimal: 18 digits, two a byte, least significant first, and a sign in bit 7 of the tenth byte. In and out as
// (digits in a u64 of 16, upper two digits and sign in a u16). Source: Intel SDM vol. 1 ch. 4.7, vol. 2 FBLD, FBSTP.

import { fromInteger, toInteger } from './convert.ts';
import {
  BIAS,
  exponentOf,
  flagsOf,
  IE,
  isInfinite,
  isNan,
  isZero,
  normalExponent,
  pack,
  SIGN,
  significand,
  signOf,
} from './f80.ts';

type F80 = v128;

const DIGITS_18: u64 = 1000000000 * (1000000000 as u64);

export function fromDecimal(low: u64, high: u32): F80 {
  let value: u64 = ((high >> 4) & 15) * 10 + (high & 15);
  for (let shift = 60; shift >= 0; shift -= 4) value = value * 10 + ((low >> shift) & 15);
  const sign = high & SIGN;
  const v = fromInteger(value as i64);
  return pack(sign | exponentOf(v), significand(v));
}

/** Lane 0 the low 16 digits, lane 1 the upper 16 bits and, from bit 16, status bits. IE if it has more than 18 digits. */
export function toDecimal(v: F80, rounding: u32): v128 {
  if (isZero(v)) return pack(signOf(v), 0);
  const indefinite = pack(0xffff, 0xc0000000 * ((1 as u64) << 32), IE);
  if (isNan(v) || isInfinite(v) || normalExponent(v) - BIAS > 62) return indefinite;
  const integer = toInteger(v, 64, rounding);
  let value = significand(integer);
  if (signOf(v) !== 0) value = 0 - value;
  if (value >= DIGITS_18) return indefinite;
  let low: u64 = 0;
  for (let shift = 0; shift < 64; shift += 4) {
    low |= (value % 10) << shift;
    value /= 10;
  }
  const high = ((value / 10) << 4) | (value % 10);
  return pack(signOf(v) | (high as u32), low, flagsOf(integer));
}
