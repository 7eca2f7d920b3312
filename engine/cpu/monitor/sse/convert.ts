// Conversions of SSE between single, double and 32-bit integers, and rounding to integral values. Each function converts
// the lowest `lanes` lanes of its source; other lanes of the result are zero.
// Source: Intel SDM vol. 2 CVT*, ROUNDPS; vol. 1 ch. 4.8, 11.5.

import { MXCSR } from '../../abi/layout.ts';
import { fromInteger, roundToIntegral, toInteger } from '../f80/convert.ts';
import { flagsOf, IE, isNan, isSignaling, PE, pack, signExponent, significand } from '../f80/f80.ts';
import { RC_ZERO } from '../f80/round.ts';
import { lane0, lane1 } from '../f80/wide.ts';
import { quieted } from './arith.ts';
import { finish, lane, lane32, with_lane, with_lane32 } from './lanes.ts';
import { CHOP, decode, encode, roundingControl } from './number.ts';

type F80 = v128;

const IMMEDIATE_USES_MXCSR: u32 = 4;
const IMMEDIATE_SUPPRESSES_PRECISION: u32 = 8;

function reformat<From, To>(cpu: usize, lanes: u32, source: v128): v128 {
  const mxcsr = load<u32>(cpu, MXCSR);
  let result = i64x2.splat(0);
  let flags: u32 = 0;
  for (let n: u32 = 0; n < lanes; n++) {
    const v = decode<From>(lane<From>(source, n), mxcsr);
    const outcome = encode<To>(isNan(v) ? quieted(v) : v, mxcsr);
    result = with_lane<To>(result, n, lane0(outcome));
    flags |= lane1(outcome) as u32;
  }
  finish(cpu, flags);
  return result;
}

export function sse_single_to_double(cpu: usize, lanes: u32, source: v128): v128 {
  return reformat<f32, f64>(cpu, lanes, source);
}

export function sse_double_to_single(cpu: usize, lanes: u32, source: v128): v128 {
  return reformat<f64, f32>(cpu, lanes, source);
}

export function sse_integer_to_single(cpu: usize, lanes: u32, source: v128): v128 {
  const mxcsr = load<u32>(cpu, MXCSR);
  let result = i64x2.splat(0);
  let flags: u32 = 0;
  for (let n: u32 = 0; n < lanes; n++) {
    const outcome = encode<f32>(fromInteger(lane32(source, n) as i32 as i64), mxcsr);
    result = with_lane32(result, n, lane0(outcome));
    flags |= lane1(outcome) as u32;
  }
  finish(cpu, flags);
  return result;
}

function to_integers<T>(cpu: usize, truncate: bool, lanes: u32, source: v128): v128 {
  const mxcsr = load<u32>(cpu, MXCSR);
  const rounding = truncate ? RC_ZERO : roundingControl(mxcsr);
  let result = i64x2.splat(0);
  let flags: u32 = 0;
  for (let n: u32 = 0; n < lanes; n++) {
    const outcome = toInteger(decode<T>(lane<T>(source, n), mxcsr), 32, rounding);
    result = with_lane32(result, n, lane0(outcome));
    flags |= flagsOf(outcome) & (IE | PE);
  }
  finish(cpu, flags);
  return result;
}

export function sse_single_to_integer(cpu: usize, truncate: u32, lanes: u32, source: v128): v128 {
  return to_integers<f32>(cpu, truncate !== 0, lanes, source);
}

export function sse_double_to_integer(cpu: usize, truncate: u32, lanes: u32, source: v128): v128 {
  return to_integers<f64>(cpu, truncate !== 0, lanes, source);
}

/** Rounded to an integral value; only IE, and PE unless the immediate suppresses it. */
function integral(v: F80, immediate: u32, mxcsr: u32): F80 {
  const rounding = (immediate & IMMEDIATE_USES_MXCSR) !== 0 ? roundingControl(mxcsr) : immediate & 3;
  return roundToIntegral(v, (CHOP & 0x3ff) | (rounding << 10));
}

function round_lanes<T>(cpu: usize, immediate: u32, lanes: u32, source: v128): v128 {
  const mxcsr = load<u32>(cpu, MXCSR);
  const reported: u32 = (immediate & IMMEDIATE_SUPPRESSES_PRECISION) !== 0 ? IE : IE | PE;
  let result = source;
  let flags: u32 = 0;
  for (let n: u32 = 0; n < lanes; n++) {
    const v = decode<T>(lane<T>(source, n), mxcsr);
    const r = isNan(v) ? quieted(v) : integral(v, immediate, mxcsr);
    // An integral value of the format is exact in it: without PE, encoding rounds nothing
    result = with_lane<T>(result, n, lane0(encode<T>(pack(signExponent(r), significand(r)), mxcsr)));
    flags |= (isSignaling(v) ? IE : flagsOf(r)) & reported;
  }
  finish(cpu, flags);
  return result;
}

export function sse_round32(cpu: usize, immediate: u32, lanes: u32, source: v128): v128 {
  return round_lanes<f32>(cpu, immediate, lanes, source);
}

export function sse_round64(cpu: usize, immediate: u32, lanes: u32, source: v128): v128 {
  return round_lanes<f64>(cpu, immediate, lanes, source);
}
