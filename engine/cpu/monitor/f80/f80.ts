// The 80-bit extended format as a value: one v128, lane 0 the significand, lane 1 sign and exponent in bits 0..15 and,
// from bit 16, the status-word bits (exceptions, C1) raised while computing it. v128 is the only type that lets a function
// return both halves in registers: this code has no memory of its own, since many vCPUs run it over one memory.
// Source: Intel SDM vol. 1 ch. 4.2.2 and 4.8 (formats, NaNs), ch. 8.5 (exceptions).

type F80 = v128;

// Status word
export const IE: u32 = 0x01;
export const DE: u32 = 0x02;
export const ZE: u32 = 0x04;
export const OE: u32 = 0x08;
export const UE: u32 = 0x10;
export const PE: u32 = 0x20;
export const SF: u32 = 0x40;
export const ES: u32 = 0x80;
export const C0: u32 = 0x100;
export const C1: u32 = 0x200;
export const C2: u32 = 0x400;
export const C3: u32 = 0x4000;
export const BUSY: u32 = 0x8000;
export const EXCEPTIONS: u32 = 0x3f;

export const SIGN: u32 = 0x8000;
/** Exponent field of infinities and NaNs. */
export const MAX_EXPONENT: u32 = 0x7fff;
export const BIAS: i32 = 0x3fff;
/** What an unmasked overflow or underflow adds to the exponent of a register result: 3 × 2^13. */
export const WRAP: i32 = 0x6000;
export const INTEGER_BIT: u64 = (1 as u64) << 63;
const QUIET_BIT: u64 = (1 as u64) << 62;

export function pack(signExponent: u32, significand: u64, flags: u32 = 0): F80 {
  return i64x2.replace_lane(i64x2.splat(significand), 1, (signExponent | (flags << 16)) as u64);
}

export function significand(v: F80): u64 {
  return i64x2.extract_lane(v, 0);
}

export function signExponent(v: F80): u32 {
  return (i64x2.extract_lane(v, 1) as u32) & 0xffff;
}

export function exponentOf(v: F80): u32 {
  return (i64x2.extract_lane(v, 1) as u32) & 0x7fff;
}

/** SIGN or 0. */
export function signOf(v: F80): u32 {
  return (i64x2.extract_lane(v, 1) as u32) & SIGN;
}

export function flagsOf(v: F80): u32 {
  return (i64x2.extract_lane(v, 1) as u32) >> 16;
}

export function withFlags(v: F80, flags: u32): F80 {
  return v128.or(v, i64x2(0, ((flags as u64) << 16) as i64));
}

export function zero(sign: u32, flags: u32 = 0): F80 {
  return pack(sign, 0, flags);
}

export function infinity(sign: u32, flags: u32 = 0): F80 {
  return pack(sign | MAX_EXPONENT, INTEGER_BIT, flags);
}

export function one(): F80 {
  return pack(BIAS as u32, INTEGER_BIT);
}

/** The default NaN ("real indefinite"), raising #IA. */
export function invalid(flags: u32 = IE): F80 {
  return pack(0xffff, INTEGER_BIT | QUIET_BIT, flags);
}

export function isNormal(v: F80): bool {
  return exponentOf(v) - 1 < MAX_EXPONENT - 1 && (significand(v) as i64) < 0;
}

/** Unnormals, pseudo-infinities and pseudo-NaNs: every operation on them is invalid. */
export function isUnsupported(v: F80): bool {
  return exponentOf(v) !== 0 && (significand(v) as i64) >= 0;
}

/** A NaN or an unsupported encoding. */
export function isNan(v: F80): bool {
  return isUnsupported(v) || (exponentOf(v) === MAX_EXPONENT && significand(v) << 1 !== 0);
}

export function isSignaling(v: F80): bool {
  return isNan(v) && (isUnsupported(v) || (significand(v) & QUIET_BIT) === 0);
}

export function isInfinite(v: F80): bool {
  return exponentOf(v) === MAX_EXPONENT && significand(v) === INTEGER_BIT;
}

export function isZero(v: F80): bool {
  return exponentOf(v) === 0 && significand(v) === 0;
}

/** DE if v is a denormal or pseudo-denormal, else 0. */
export function denormalFlag(v: F80): u32 {
  return exponentOf(v) === 0 && significand(v) !== 0 ? DE : 0;
}

/** Significand of a finite non-zero number, shifted until bit 63 is set; `exponent` belongs to it. */
export function normalSignificand(v: F80): u64 {
  const s = significand(v);
  return s << clz(s);
}

/** Biased exponent that belongs to normalSignificand; below 1 for denormals. */
export function normalExponent(v: F80): i32 {
  const e = exponentOf(v) as i32;
  return e !== 0 ? e : 1 - (clz(significand(v)) as i32);
}

/** Result of a one-operand operation on a NaN. */
export function propagate(v: F80): F80 {
  if (isUnsupported(v)) return invalid();
  return pack(signExponent(v), significand(v) | QUIET_BIT, (significand(v) & QUIET_BIT) === 0 ? IE : 0);
}

/** Result of a two-operand operation of which at least one is a NaN (SDM vol. 1 table 4-7). */
export function propagate2(a: F80, b: F80): F80 {
  if (isUnsupported(a) || isUnsupported(b)) return invalid();
  const flags = isSignaling(a) || isSignaling(b) ? IE : 0;
  if (!isNan(a)) return withFlags(propagate(b), flags);
  if (!isNan(b)) return withFlags(propagate(a), flags);
  // One signaling and one quiet: the quiet one. Alike: the larger significand, of equal ones the positive.
  if (isSignaling(a) !== isSignaling(b)) return withFlags(propagate(isSignaling(a) ? b : a), flags);
  const sa = significand(a);
  const sb = significand(b);
  const second = sa === sb ? signOf(a) !== 0 : sa < sb;
  return withFlags(propagate(second ? b : a), flags);
}
