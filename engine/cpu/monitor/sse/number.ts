// Single and double precision numbers as f80 values and back, under MXCSR. All SSE arithmetic is done on f80 values with 64
// significand bits, chopped, with PE set if something was cut off: enough to round correctly once more, to the format.
// A lane's outcome is a v128: lane 0 the bits of the result, lane 1 the exceptions.
// Source: Intel SDM vol. 1 ch. 4.8, 10.2.3, 11.5.

import { fromDouble, fromSingle } from '../f80/convert.ts';
import {
  BIAS,
  DE,
  EXCEPTIONS,
  exponentOf,
  flagsOf,
  INTEGER_BIT,
  isInfinite,
  isNan,
  isZero,
  normalExponent,
  normalSignificand,
  OE,
  PE,
  significand,
  signOf,
  UE,
  zero,
} from '../f80/f80.ts';
import { roundAt } from '../f80/round.ts';
import { pair } from '../f80/wide.ts';

type F80 = v128;

export const MXCSR_DAZ: u32 = 0x40;
const MXCSR_FTZ: u32 = 0x8000;
const MASKS_SHIFT: u32 = 7;

/** An x87 control word that chops to 64 bits with all exceptions masked. */
export const CHOP: u32 = 0xf3f;

/** The x87 control word of MXCSR's rounding and masks. */
export function controlWord(mxcsr: u32): u32 {
  return ((mxcsr >> MASKS_SHIFT) & EXCEPTIONS) | (roundingControl(mxcsr) << 10);
}

/** RC_*. */
export function roundingControl(mxcsr: u32): u32 {
  return (mxcsr >> 13) & 3;
}

/** The value of a lane, with DE if it is denormal and not taken for zero. */
export function decode<T>(bits: u64, mxcsr: u32): F80 {
  const v = sizeof<T>() === 4 ? fromSingle(bits as u32) : fromDouble(bits);
  return (flagsOf(v) & DE) !== 0 && (mxcsr & MXCSR_DAZ) !== 0 ? zero(signOf(v)) : v;
}

/** The bits of a lane, a denormal one as zero if MXCSR.DAZ says so. */
export function without_denormal<T>(bits: u64, mxcsr: u32): u64 {
  if ((mxcsr & MXCSR_DAZ) === 0) return bits;
  const sign: u64 = sizeof<T>() === 4 ? 0x80000000 : (1 as u64) << 63;
  const exponent: u64 = sizeof<T>() === 4 ? 0x7f800000 : 0x7ff0000000000000;
  return (bits & exponent) === 0 ? bits & sign : bits;
}

/** Rounds a chopped value to the format. Exceptions of `v` other than PE are passed on. */
export function encode<T>(v: F80, mxcsr: u32): v128 {
  const flags = flagsOf(v) & EXCEPTIONS & ~PE;
  const max: u32 = sizeof<T>() === 4 ? 0xff : 0x7ff;
  if (isNan(v)) return assemble<T>(signOf(v), max, significand(v), flags);
  if (isInfinite(v)) return assemble<T>(signOf(v), max, INTEGER_BIT, flags);
  if (isZero(v)) return assemble<T>(signOf(v), 0, 0, flags);
  const drop: u32 = sizeof<T>() === 4 ? 40 : 11;
  const exponent = normalExponent(v) - BIAS + ((max >> 1) as i32);
  const hi = normalSignificand(v);
  const sticky: u64 = (flagsOf(v) & PE) !== 0 ? 1 : 0;
  const cw = controlWord(mxcsr);
  if ((mxcsr & MXCSR_FTZ) !== 0 && (cw & UE) !== 0) {
    // With underflow unmasked, rounding reports every tiny result, exact or not
    const tiny = roundAt(signOf(v), exponent, hi, sticky, drop, max as i32, cw & ~UE, 0);
    if ((flagsOf(tiny) & UE) !== 0) return assemble<T>(signOf(v), 0, 0, flags | UE | PE);
  }
  const rounded = roundAt(signOf(v), exponent, hi, sticky, drop, max as i32, cw, flags);
  let raised = flagsOf(rounded) & EXCEPTIONS;
  // An unmasked overflow or underflow gives no result; PE is then that of rounding without bounds to the exponent
  if ((raised & (OE | UE) & ~cw) !== 0) raised = (raised & ~PE) | (sticky !== 0 || hi << (64 - drop) !== 0 ? PE : 0);
  return assemble<T>(signOf(rounded), exponentOf(rounded), significand(rounded), raised);
}

function assemble<T>(sign: u32, exponent: u32, topAligned: u64, flags: u32): v128 {
  const fraction = topAligned << 1;
  if (sizeof<T>() === 4) return pair((((sign << 16) | (exponent << 23)) as u64) | (fraction >> 41), flags as u64);
  return pair(((sign as u64) << 48) | ((exponent as u64) << 52) | (fraction >> 12), flags as u64);
}
