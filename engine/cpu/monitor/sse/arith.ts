// Exact addition, multiplication, division, square root, minimum and maximum of SSE.
// Source: Intel SDM vol. 1 ch. 4.8.3, 11.5; vol. 2 of each instruction.

import { MXCSR } from '../../abi/layout.ts';
import { add } from '../f80/add.ts';
import { compare } from '../f80/compare.ts';
import {
  C0,
  C3,
  DE,
  flagsOf,
  IE,
  isNan,
  isSignaling,
  isZero,
  pack,
  SIGN,
  signExponent,
  significand,
  signOf,
  withFlags,
  ZE,
  zero,
} from '../f80/f80.ts';
import { divide, multiply, squareRoot } from '../f80/multiply.ts';
import { RC_DOWN } from '../f80/round.ts';
import { lane0, lane1, pair } from '../f80/wide.ts';
import { exact_result, INFINITY_32, INFINITY_64 } from './exact.ts';
import { finish, lane, with_lane } from './lanes.ts';
import { CHOP, decode, encode, roundingControl, without_denormal } from './number.ts';
import { ADD, ADD_SUBTRACT, DIVIDE, MAXIMUM, MINIMUM, MULTIPLY, SQUARE_ROOT, SUBTRACT } from './operations.ts';

type F80 = v128;

const QUIET_BIT: u64 = (1 as u64) << 62;

export function quieted(v: F80): F80 {
  return pack(signExponent(v), significand(v) | QUIET_BIT, isSignaling(v) ? IE : 0);
}

/** a + b or a - b; an exact zero difference has the sign that the rounding asks for. */
function sum(a: F80, b: F80, negate: u32, mxcsr: u32): F80 {
  const r = add(a, b, negate, CHOP);
  if (!isZero(r)) return r;
  const sameZeros: bool = isZero(a) && (signOf(a) ^ signOf(b) ^ negate) === 0;
  if (sameZeros) return r;
  return zero(roundingControl(mxcsr) === RC_DOWN ? SIGN : 0);
}

function calculate(operation: u32, a: F80, b: F80, mxcsr: u32): F80 {
  switch (operation) {
    case ADD:
      return sum(a, b, 0, mxcsr);
    case SUBTRACT:
      return sum(a, b, SIGN, mxcsr);
    case MULTIPLY:
      return multiply(a, b, CHOP);
    case DIVIDE:
      return divide(a, b, CHOP);
    default:
      return squareRoot(b, CHOP);
  }
}

/** The bits of an exact result; -1, which is a NaN's, if it is not known to be one. */
function exact_bits<T>(operation: u32, x: u64, y: u64): u64 {
  if (sizeof<T>() === 4) {
    const r = exact_result<f32>(operation, reinterpret<f32>(x as u32), reinterpret<f32>(y as u32));
    const bits = reinterpret<u32>(r);
    return bits << 1 > INFINITY_32 << 1 ? -1 : (bits as u64);
  }
  const r = exact_result<f64>(operation, reinterpret<f64>(x), reinterpret<f64>(y));
  const bits = reinterpret<u64>(r);
  return bits << 1 > INFINITY_64 << 1 ? -1 : bits;
}

function arithmetic<T>(operation: u32, x: u64, y: u64, mxcsr: u32): v128 {
  if (operation === SQUARE_ROOT) x = y;
  const exact = exact_bits<T>(operation, x, y);
  if (exact !== (-1 as u64)) return pair(exact, 0);
  const b = decode<T>(y, mxcsr);
  const a = decode<T>(x, mxcsr);
  if (isNan(a) || isNan(b)) {
    const nan = quieted(isNan(a) ? a : b);
    return encode<T>(withFlags(nan, isSignaling(b) ? IE : 0), mxcsr);
  }
  const r = calculate(operation, a, b, mxcsr);
  // Invalid operations and division by zero come before denormal operands
  const denormal = (flagsOf(r) & (IE | ZE)) !== 0 ? 0 : (flagsOf(a) | flagsOf(b)) & DE;
  return encode<T>(withFlags(r, denormal), mxcsr);
}

/** The second operand unless the first is truly beyond it: so for NaNs and equal zeros. */
function extremum<T>(operation: u32, x: u64, y: u64, mxcsr: u32): v128 {
  const a = decode<T>(x, mxcsr);
  const b = decode<T>(y, mxcsr);
  if (isNan(a) || isNan(b)) return pair(without_denormal<T>(y, mxcsr), IE);
  const order = compare(a, b, false);
  const first: bool = operation === MINIMUM ? (order & C0) !== 0 : (order & (C0 | C3)) === 0;
  return pair(without_denormal<T>(first ? x : y, mxcsr), ((flagsOf(a) | flagsOf(b)) & DE) as u64);
}

function all_lanes<T>(cpu: usize, operation: u32, lanes: u32, a: v128, b: v128): v128 {
  const mxcsr = load<u32>(cpu, MXCSR);
  const comparing: bool = operation === MINIMUM || operation === MAXIMUM;
  let result = a;
  let flags: u32 = 0;
  for (let n: u32 = 0; n < lanes; n++) {
    const x = lane<T>(a, n);
    const y = lane<T>(b, n);
    let actual = operation;
    if (operation === ADD_SUBTRACT) actual = (n & 1) === 0 ? SUBTRACT : ADD;
    const outcome = comparing ? extremum<T>(actual, x, y, mxcsr) : arithmetic<T>(actual, x, y, mxcsr);
    result = with_lane<T>(result, n, lane0(outcome));
    flags |= lane1(outcome) as u32;
  }
  finish(cpu, flags);
  return result;
}

/** @param lanes how many of the lowest lanes take part; the others are those of `a` */
export function sse_arith32(cpu: usize, operation: u32, lanes: u32, a: v128, b: v128): v128 {
  return all_lanes<f32>(cpu, operation, lanes, a, b);
}

export function sse_arith64(cpu: usize, operation: u32, lanes: u32, a: v128, b: v128): v128 {
  return all_lanes<f64>(cpu, operation, lanes, a, b);
}
