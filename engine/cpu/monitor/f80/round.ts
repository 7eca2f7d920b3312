// Rounding: the last step of every operation that computes a number. Takes the exact result as a 128-bit significand whose
// last bit is sticky, returns it rounded under CW.RC to the precision of CW.PC, with PE, UE, OE and C1 (= rounded away
// from zero), and the masked or unmasked response to overflow and underflow.
// Invariant: tininess is detected after rounding with an unbounded exponent; unmasked responses wrap the exponent.
// Source: Intel SDM vol. 1 ch. 4.8.4, 8.1.5.2-3, 8.5.4-6.

import { C1, INTEGER_BIT, infinity, MAX_EXPONENT, OE, PE, pack, UE, WRAP, zero } from './f80.ts';

type F80 = v128;

export const RC_NEAREST: u32 = 0;
export const RC_DOWN: u32 = 1;
export const RC_UP: u32 = 2;
export const RC_ZERO: u32 = 3;

export function roundingOf(cw: u32): u32 {
  return (cw >> 10) & 3;
}

/** Whether a number whose discarded part is `rest` (a fraction of 2^64, not 0) is rounded away from zero. */
export function roundsUp(rounding: u32, sign: u32, odd: bool, rest: u64): bool {
  if (rounding === RC_NEAREST) return rest > INTEGER_BIT || (rest === INTEGER_BIT && odd);
  if (rounding === RC_DOWN) return sign !== 0;
  return rounding === RC_UP && sign === 0;
}

/** Significand bits below the precision of CW.PC. */
function droppedBits(cw: u32): u32 {
  const precision = (cw >> 8) & 3;
  return precision === 0 ? 40 : precision === 2 ? 11 : 0;
}

/**
 * @param sign SIGN or 0
 * @param exponent biased; may be out of range
 * @param hi significand, bit 63 set
 * @param lo what follows it, last bit sticky
 * @param flags raised already
 */
export function roundPack(sign: u32, exponent: i32, hi: u64, lo: u64, cw: u32, flags: u32): F80 {
  if ((cw & 0x300) !== 0x300 || ((exponent - 1) as u32) >= 0x7ffd) {
    return roundAt(sign, exponent, hi, lo, droppedBits(cw), MAX_EXPONENT as i32, cw, flags);
  }
  if (lo !== 0) {
    flags |= PE;
    if (roundsUp(roundingOf(cw), sign, (hi & 1) !== 0, lo)) {
      flags |= C1;
      hi++;
      if (hi === 0) {
        hi = INTEGER_BIT;
        exponent++;
      }
    }
  }
  return pack(sign | (exponent as u32), hi, flags);
}

/** The same for any format: `drop` significand bits fewer than 64, exponent field `max` for infinities. */
export function roundAt(sign: u32, exponent: i32, hi: u64, lo: u64, drop: u32, max: i32, cw: u32, flags: u32): F80 {
  const rounding = roundingOf(cw);
  const ulp: u64 = (1 as u64) << drop;
  let kept = hi & (0 - ulp);
  const rest = discarded(hi, lo, drop);
  const up = rest !== 0 && roundsUp(rounding, sign, (kept & ulp) !== 0, rest);
  const carries: bool = up && kept + ulp === 0;

  if (exponent + (carries ? 1 : 0) <= 0) {
    if ((cw & UE) !== 0) return denormalize(sign, exponent, hi, lo, drop, cw, flags);
    flags |= UE;
    // Narrower formats are for memory, where an unmasked underflow stores nothing
    if (max !== (MAX_EXPONENT as i32)) return zero(sign, flags);
    exponent += WRAP;
  }
  if (rest !== 0) flags |= PE;
  if (up) {
    flags |= C1;
    kept += ulp;
    if (carries) {
      kept = INTEGER_BIT;
      exponent++;
    }
  }
  if (exponent >= max) {
    if ((cw & OE) !== 0) return overflow(sign, drop, max, cw, flags);
    flags |= OE;
    exponent -= WRAP;
    // Beyond wrapping, which only FSCALE can be: infinity or, below, zero
    if (exponent >= max) return infinity(sign, flags | PE | C1);
  }
  if (exponent <= 0) return zero(sign, flags | PE);
  return pack(sign | (exponent as u32), kept, flags);
}

function discarded(hi: u64, lo: u64, drop: u32): u64 {
  return drop === 0 ? lo : (hi << (64 - drop)) | (lo !== 0 ? 1 : 0);
}

/** Masked response to underflow. */
function denormalize(sign: u32, exponent: i32, hi: u64, lo: u64, drop: u32, cw: u32, flags: u32): F80 {
  const shift = 1 - exponent;
  if (shift < 64) {
    lo = (hi << (64 - shift)) | (lo >> shift) | (lo << (64 - shift) !== 0 ? 1 : 0);
    hi >>= shift;
  } else {
    lo = shift === 64 ? hi | (lo !== 0 ? 1 : 0) : 1;
    hi = 0;
  }
  const ulp: u64 = (1 as u64) << drop;
  const rest = discarded(hi, lo, drop);
  hi &= 0 - ulp;
  if (rest !== 0) {
    flags |= PE | UE;
    if (roundsUp(roundingOf(cw), sign, (hi & ulp) !== 0, rest)) {
      flags |= C1;
      hi += ulp;
    }
  }
  return pack(sign | ((hi >> 63) as u32), hi, flags);
}

/** Masked response to overflow: infinity, or the largest number of the precision if rounding goes towards zero. */
function overflow(sign: u32, drop: u32, max: i32, cw: u32, flags: u32): F80 {
  flags = (flags & ~C1) | OE | PE;
  if (roundsUp(roundingOf(cw), sign, true, INTEGER_BIT)) return pack(sign | (max as u32), INTEGER_BIT, flags | C1);
  return pack(sign | ((max - 1) as u32), 0 - ((1 as u64) << drop), flags);
}
