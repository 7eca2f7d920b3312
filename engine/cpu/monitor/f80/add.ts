// Addition and subtraction of extended numbers. Source: Intel SDM vol. 1 ch. 4.8, vol. 2 FADD, FSUB (tables of results).

import {
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
  propagate2,
  SIGN,
  signOf,
  withFlags,
  zero,
} from './f80.ts';
import { RC_DOWN, roundingOf, roundPack } from './round.ts';

type F80 = v128;

/** a + b, or a - b if `negate` is SIGN. */
export function add(a: F80, b: F80, negate: u32, cw: u32): F80 {
  if (isNormal(a) && isNormal(b)) return addFinite(a, b, negate, cw, 0);
  if (isNan(a) || isNan(b)) return propagate2(a, b);
  const signA = signOf(a);
  const signB = signOf(b) ^ negate;
  const flags = denormalFlag(a) | denormalFlag(b);
  if (isInfinite(a)) {
    return isInfinite(b) && signA !== signB ? invalid() : infinity(signA, flags);
  }
  if (isInfinite(b)) return infinity(signB, flags);
  if (isZero(a) && isZero(b)) return zero(signA === signB ? signA : zeroSign(cw));
  if (isZero(a)) return roundPack(signB, normalExponent(b), normalSignificand(b), 0, cw, flags);
  if (isZero(b)) return roundPack(signA, normalExponent(a), normalSignificand(a), 0, cw, flags);
  return addFinite(a, b, negate, cw, flags);
}

/** Sign of an exact zero difference. */
function zeroSign(cw: u32): u32 {
  return roundingOf(cw) === RC_DOWN ? SIGN : 0;
}

/** Both finite and not zero. */
function addFinite(a: F80, b: F80, negate: u32, cw: u32, flags: u32): F80 {
  let sign = signOf(a);
  const differ: bool = (sign ^ signOf(b) ^ negate) !== 0;
  let exponent = normalExponent(a);
  let large = normalSignificand(a);
  let small = normalSignificand(b);
  let distance = exponent - normalExponent(b);
  if (distance < 0 || (distance === 0 && large < small)) {
    const other = large;
    large = small;
    small = other;
    exponent -= distance;
    distance = -distance;
    if (differ) sign ^= SIGN;
  }
  let lo: u64 = 0;
  if (distance !== 0) {
    if (distance < 64) {
      lo = small << (64 - distance);
      small >>= distance;
    } else {
      lo =
        distance === 64
          ? small
          : distance < 128
            ? (small >> (distance - 64)) | (small << (128 - distance) !== 0 ? 1 : 0)
            : 1;
      small = 0;
    }
  }
  if (!differ) {
    let hi = large + small;
    if (hi < large) {
      lo = (hi << 63) | (lo >> 1) | (lo & 1);
      hi = (hi >> 1) | INTEGER_BIT;
      exponent++;
    }
    return roundPack(sign, exponent, hi, lo, cw, flags);
  }
  let hi = large - small - (lo !== 0 ? 1 : 0);
  lo = 0 - lo;
  if (hi === 0) {
    if (lo === 0) return withFlags(zero(zeroSign(cw)), flags);
    hi = lo;
    lo = 0;
    exponent -= 64;
  }
  const shift = clz(hi) as i32;
  if (shift !== 0) {
    hi = (hi << shift) | (lo >> (64 - shift));
    lo <<= shift;
    exponent -= shift;
  }
  return roundPack(sign, exponent, hi, lo, cw, flags);
}
