// Conversions between the extended format and single, double and 16..64-bit integers. To a narrower format: one rounding under
// CW.RC, whatever CW.PC says. Results that are not extended numbers come back as (bits in lane 0, status bits from bit 16
// of lane 1), the layout of F80.
// Source: Intel SDM vol. 1 ch. 4.8, 8.1.2; vol. 2 FLD, FST, FILD, FIST, FISTTP.

import {
  BIAS,
  C1,
  DE,
  exponentOf,
  flagsOf,
  IE,
  INTEGER_BIT,
  isInfinite,
  isNan,
  isZero,
  MAX_EXPONENT,
  normalExponent,
  normalSignificand,
  PE,
  pack,
  propagate,
  SIGN,
  signExponent,
  significand,
  signOf,
  zero,
} from './f80.ts';
import { RC_ZERO, roundAt, roundingOf, roundsUp } from './round.ts';

type F80 = v128;

export function fromInteger(value: i64): F80 {
  if (value === 0) return zero(0);
  const magnitude = (value < 0 ? 0 - value : value) as u64;
  const shift = clz(magnitude) as u32;
  return pack((value < 0 ? SIGN : 0) | ((BIAS as u32) + 63 - shift), magnitude << shift);
}

/** Exact, a signaling NaN stays one; raises DE alone. */
export function fromSingle(bits: u32): F80 {
  return fromIeee((bits >> 16) & SIGN, (bits >> 23) & 0xff, (bits as u64) << 41, 0xff);
}

/** As fromSingle. */
export function fromDouble(bits: u64): F80 {
  return fromIeee(((bits >> 48) as u32) & SIGN, ((bits >> 52) as u32) & 0x7ff, bits << 12, 0x7ff);
}

/** @param fraction top-aligned, without the implied bit */
function fromIeee(sign: u32, exponent: u32, fraction: u64, max: u32): F80 {
  if (exponent - 1 < max - 1) {
    return pack(sign | (exponent + (BIAS as u32) - (max >> 1)), INTEGER_BIT | (fraction >> 1));
  }
  if (exponent !== 0) {
    return pack(sign | MAX_EXPONENT, INTEGER_BIT | (fraction >> 1));
  }
  if (fraction === 0) return zero(sign);
  const shift = clz(fraction) as u32;
  return pack(sign | ((BIAS as u32) - (max >> 1) - shift), fraction << shift, DE);
}

export function toSingle(v: F80, cw: u32): v128 {
  const r = toIeee(v, cw, 40, 0xff);
  const bits = (signOf(r) << 16) | (exponentOf(r) << 23) | (((significand(r) << 1) >> 41) as u32);
  return pack(0, bits as u64, flagsOf(r));
}

export function toDouble(v: F80, cw: u32): v128 {
  const r = toIeee(v, cw, 11, 0x7ff);
  const bits = ((signOf(r) as u64) << 48) | ((exponentOf(r) as u64) << 52) | ((significand(r) << 1) >> 12);
  return pack(0, bits, flagsOf(r));
}

/** v with the exponent field and significand width of the narrower format, significand top-aligned. */
function toIeee(v: F80, cw: u32, drop: u32, max: u32): F80 {
  const sign = signOf(v);
  if (isNan(v)) {
    const nan = propagate(v);
    return pack(signOf(nan) | max, significand(nan), flagsOf(nan));
  }
  if (isInfinite(v)) return pack(sign | max, INTEGER_BIT);
  if (isZero(v)) return v;
  const exponent = normalExponent(v) - BIAS + ((max >> 1) as i32);
  return roundAt(sign, exponent, normalSignificand(v), 0, drop, max as i32, cw, 0);
}

/**
 * v as a two's complement integer of `bits` bits; out of range, NaN: the integer indefinite (only the sign bit set) and IE.
 */
export function toInteger(v: F80, bits: u32, rounding: u32): v128 {
  const indefinite = (1 as u64) << (bits - 1);
  if (isZero(v)) return pack(0, 0);
  const exponent = normalExponent(v) - BIAS;
  if (isNan(v) || exponent > 63) return pack(0, indefinite, IE);
  const negative = signOf(v) !== 0;
  const whole = integerPart(v, exponent, rounding);
  const magnitude = significand(whole);
  const limit = negative ? indefinite : indefinite - 1;
  if (magnitude > limit || (signExponent(whole) & CARRIED) !== 0) return pack(0, indefinite, IE);
  return pack(0, negative ? 0 - magnitude : magnitude, flagsOf(whole));
}

/** Mark in the sign and exponent of integerPart's result: the magnitude is 2^64. */
const CARRIED: u32 = 1;

/** Magnitude of a finite number rounded to an integer, for an unbiased exponent of at most 63. */
function integerPart(v: F80, exponent: i32, rounding: u32): v128 {
  const s = normalSignificand(v);
  if (exponent === 63) return pack(0, s);
  // -1: the number is in [1/2, 1); below that only "not zero" matters
  let whole: u64 = exponent >= 0 ? s >> (63 - exponent) : 0;
  const rest = exponent >= 0 ? s << (exponent + 1) : exponent === -1 ? s : 1;
  if (rest === 0) return pack(0, whole);
  if (!roundsUp(rounding, signOf(v), (whole & 1) !== 0, rest)) return pack(0, whole, PE);
  whole++;
  return pack(whole === 0 ? CARRIED : 0, whole, PE | C1);
}

/** FRNDINT. */
export function roundToIntegral(v: F80, cw: u32): F80 {
  if (isNan(v)) return propagate(v);
  if (isZero(v) || isInfinite(v)) return v;
  const exponent = normalExponent(v) - BIAS;
  if (exponent >= 63) return v;
  const whole = integerPart(v, exponent, roundingOf(cw));
  const flags = flagsOf(whole) | (exponentOf(v) === 0 ? DE : 0);
  const magnitude = significand(whole);
  if (magnitude === 0) return zero(signOf(v), flags);
  const shift = clz(magnitude) as u32;
  return pack(signOf(v) | ((BIAS as u32) + 63 - shift), magnitude << shift, flags);
}

/** Integer part of v, saturated at ±0x10000: the exponent change of FSCALE. */
export function scaleOf(v: F80): i32 {
  if (isZero(v)) return 0;
  const exponent = normalExponent(v) - BIAS;
  const magnitude = exponent > 16 ? 0x10000 : (significand(integerPart(v, exponent, RC_ZERO)) as i32);
  return signOf(v) !== 0 ? -magnitude : magnitude;
}
