// Comparison. Source: Intel SDM vol. 2 FCOM, FUCOM, FTST, FXAM.

import {
  C0,
  C1,
  C2,
  C3,
  denormalFlag,
  exponentOf,
  IE,
  isInfinite,
  isNan,
  isSignaling,
  isUnsupported,
  isZero,
  normalExponent,
  normalSignificand,
  signOf,
} from './f80.ts';

type F80 = v128;

/** C3 C2 C0 of a compared with b, and exceptions: quiet NaNs are invalid only to an ordered comparison. */
export function compare(a: F80, b: F80, unordered: bool): u32 {
  if (isNan(a) || isNan(b)) {
    return C3 | C2 | C0 | (!unordered || isSignaling(a) || isSignaling(b) ? IE : 0);
  }
  const flags = denormalFlag(a) | denormalFlag(b);
  if (isZero(a) && isZero(b)) return flags | C3;
  if (isZero(a)) return flags | (signOf(b) !== 0 ? 0 : C0);
  if (isZero(b) || signOf(a) !== signOf(b)) return flags | (signOf(a) !== 0 ? C0 : 0);
  const ea = normalExponent(a);
  const eb = normalExponent(b);
  const sa = normalSignificand(a);
  const sb = normalSignificand(b);
  if (ea === eb && sa === sb) return flags | C3;
  const smaller: bool = ea !== eb ? ea < eb : sa < sb;
  return flags | (smaller !== (signOf(a) !== 0) ? C0 : 0);
}

/** FXAM's C3 C2 C0 class and C1 = sign, for a register that is not empty. */
export function classify(v: F80): u32 {
  const sign = signOf(v) !== 0 ? C1 : 0;
  if (isUnsupported(v)) return sign;
  if (isNan(v)) return sign | C0;
  if (isInfinite(v)) return sign | C2 | C0;
  if (exponentOf(v) !== 0) return sign | C2;
  return sign | (isZero(v) ? C3 : C3 | C2);
}
