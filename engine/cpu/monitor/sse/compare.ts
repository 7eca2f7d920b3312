// Comparisons of SSE: CMPPS and its kin, COMISS, UCOMISS. Source: Intel SDM vol. 2 of each.

import { MXCSR } from '../../abi/layout.ts';
import { compare } from '../f80/compare.ts';
import { C0, C3, DE, flagsOf, IE, isNan } from '../f80/f80.ts';
import { finish, lane, with_lane } from './lanes.ts';
import { decode } from './number.ts';

// What `order` gives besides exceptions, in bits 8 and 9
const LESS: u32 = 0x100;
const EQUAL: u32 = 0x200;
const UNORDERED: u32 = LESS | EQUAL;

/** How x stands to y, and exceptions; quiet NaNs are invalid if `signaling`. */
function order<T>(x: u64, y: u64, signaling: bool, mxcsr: u32): u32 {
  const a = decode<T>(x, mxcsr);
  const b = decode<T>(y, mxcsr);
  const result = compare(a, b, !signaling);
  if (isNan(a) || isNan(b)) return UNORDERED | (result & IE);
  const denormal = (flagsOf(a) | flagsOf(b)) & DE;
  return denormal | ((result & C3) !== 0 ? EQUAL : (result & C0) !== 0 ? LESS : 0);
}

/** Predicates of CMPPS: EQ LT LE UNORD, 4..7 their negations. */
function holds(predicate: u32, relation: u32): bool {
  let positive: bool;
  switch (predicate & 3) {
    case 0:
      positive = relation === EQUAL;
      break;
    case 1:
      positive = relation === LESS;
      break;
    case 2:
      positive = relation === LESS || relation === EQUAL;
      break;
    default:
      positive = relation === UNORDERED;
  }
  const negated: bool = (predicate & 4) !== 0;
  return positive !== negated;
}

function all_lanes<T>(cpu: usize, predicate: u32, lanes: u32, a: v128, b: v128): v128 {
  const mxcsr = load<u32>(cpu, MXCSR);
  const signaling: bool = (predicate & 3) === 1 || (predicate & 3) === 2;
  let result = a;
  let flags: u32 = 0;
  for (let n: u32 = 0; n < lanes; n++) {
    const outcome = order<T>(lane<T>(a, n), lane<T>(b, n), signaling, mxcsr);
    result = with_lane<T>(result, n, holds(predicate, outcome & UNORDERED) ? (-1 as i64 as u64) : 0);
    flags |= outcome & 0xff;
  }
  finish(cpu, flags);
  return result;
}

export function sse_compare32(cpu: usize, predicate: u32, lanes: u32, a: v128, b: v128): v128 {
  return all_lanes<f32>(cpu, predicate, lanes, a, b);
}

export function sse_compare64(cpu: usize, predicate: u32, lanes: u32, a: v128, b: v128): v128 {
  return all_lanes<f64>(cpu, predicate, lanes, a, b);
}

/** COMISS and UCOMISS: 0 greater, 1 less, 2 equal, 3 unordered. */
export function sse_order32(cpu: usize, signaling: u32, a: v128, b: v128): u32 {
  const outcome = order<f32>(lane<f32>(a, 0), lane<f32>(b, 0), signaling !== 0, load<u32>(cpu, MXCSR));
  finish(cpu, outcome & 0xff);
  return outcome >> 8;
}

export function sse_order64(cpu: usize, signaling: u32, a: v128, b: v128): u32 {
  const outcome = order<f64>(lane<f64>(a, 0), lane<f64>(b, 0), signaling !== 0, load<u32>(cpu, MXCSR));
  finish(cpu, outcome & 0xff);
  return outcome >> 8;
}
