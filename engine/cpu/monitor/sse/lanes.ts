// The frame of every exact SSE computation: lanes in, lanes and exceptions out, then the exceptions into MXCSR and #XM for
// an unmasked one. Source: Intel SDM vol. 1 ch. 11.5.2-3; vol. 3 ch. 2.5 (OSXMMEXCPT).

import { CR4, MXCSR } from '../../abi/layout.ts';
import { DE, EXCEPTIONS, IE, ZE } from '../f80/f80.ts';
import { CR4_OSXMMEXCPT } from '../state/control-bits.ts';
import { raise, VECTOR_UD } from '../state/exceptions.ts';

const VECTOR_XM: u32 = 19;
/** Found in the operands of all lanes before any result is computed. */
const BEFORE_COMPUTATION: u32 = IE | DE | ZE;

export function lane32(v: v128, n: u32): u64 {
  switch (n) {
    case 0:
      return i32x4.extract_lane(v, 0) as u32 as u64;
    case 1:
      return i32x4.extract_lane(v, 1) as u32 as u64;
    case 2:
      return i32x4.extract_lane(v, 2) as u32 as u64;
    default:
      return i32x4.extract_lane(v, 3) as u32 as u64;
  }
}

export function lane64(v: v128, n: u32): u64 {
  return n === 0 ? i64x2.extract_lane(v, 0) : i64x2.extract_lane(v, 1);
}

export function with_lane32(v: v128, n: u32, bits: u64): v128 {
  switch (n) {
    case 0:
      return i32x4.replace_lane(v, 0, bits as i32);
    case 1:
      return i32x4.replace_lane(v, 1, bits as i32);
    case 2:
      return i32x4.replace_lane(v, 2, bits as i32);
    default:
      return i32x4.replace_lane(v, 3, bits as i32);
  }
}

export function with_lane64(v: v128, n: u32, bits: u64): v128 {
  return n === 0 ? i64x2.replace_lane(v, 0, bits) : i64x2.replace_lane(v, 1, bits);
}

export function lane<T>(v: v128, n: u32): u64 {
  return sizeof<T>() === 4 ? lane32(v, n) : lane64(v, n);
}

export function with_lane<T>(v: v128, n: u32, bits: u64): v128 {
  return sizeof<T>() === 4 ? with_lane32(v, n, bits) : with_lane64(v, n, bits);
}

/** Records the exceptions of all lanes and raises #XM, or #UD if the system does not handle that, for an unmasked one. */
export function finish(cpu: usize, flags: u32): void {
  const mxcsr = load<u32>(cpu, MXCSR);
  const unmasked = flags & ~(mxcsr >> 7) & EXCEPTIONS;
  // An unmasked one of these keeps the results, and their exceptions, from being computed
  if ((unmasked & BEFORE_COMPUTATION) !== 0) flags &= BEFORE_COMPUTATION;
  store<u32>(cpu, mxcsr | flags, MXCSR);
  if (unmasked === 0) return;
  raise(cpu, (load<u32>(cpu, CR4) & CR4_OSXMMEXCPT) !== 0 ? VECTOR_XM : VECTOR_UD, 0, 0);
}
