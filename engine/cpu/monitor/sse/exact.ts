// Results that need no rounding: most of what programs compute with whole numbers. They raise no exception and do not depend
// on MXCSR, so the host's operation has given them and the long way through f80 numbers can be left out.
// Error of a sum: Knuth, The Art of Computer Programming vol. 2, 4.2.2 theorem B.

import { ADD, DIVIDE, MULTIPLY, SQUARE_ROOT, SUBTRACT } from './operations.ts';

const MINIMUM_32: u32 = 0x00800000;
export const INFINITY_32: u32 = 0x7f800000;
const MINIMUM_64: u64 = 0x0010000000000000;
export const INFINITY_64: u64 = 0x7ff0000000000000;

/** Above the smallest normal number and below infinity. */
function is_ordinary<T>(v: T): bool {
  if (sizeof<T>() === 4) {
    const magnitude = reinterpret<u32>(v as f32) & 0x7fffffff;
    return magnitude - MINIMUM_32 - 1 < INFINITY_32 - MINIMUM_32 - 1;
  }
  const magnitude = reinterpret<u64>(v as f64) & ~((1 as u64) << 63);
  return magnitude - MINIMUM_64 - 1 < INFINITY_64 - MINIMUM_64 - 1;
}

function is_zero<T>(v: T): bool {
  return v === (0 as T);
}

/** Bits of a double's significand from the first to the last that is set. */
function significant_bits(v: f64): u32 {
  const significand = (reinterpret<u64>(v) & 0x000fffffffffffff) | ((1 as u64) << 52);
  return 53 - (ctz(significand) as u32);
}

/** Whether a × b has lost nothing in becoming `product`; all are ordinary. */
function product_is_exact<T>(a: T, b: T, product: T): bool {
  if (sizeof<T>() === 4) return (a as f64) * (b as f64) === (product as f64);
  return significant_bits(a as f64) + significant_bits(b as f64) <= 53 && a * b === product;
}

function sum_is_exact<T>(a: T, b: T, sum: T): bool {
  const actualB = sum - a;
  const actualA = sum - actualB;
  return is_zero<T>(a - actualA) && is_zero<T>(b - actualB);
}

/** a op b (the root of b) if that is exact and nothing about it is special, else NaN; so for a zero sum, whose sign depends on MXCSR. */
export function exact_result<T>(operation: u32, a: T, b: T): T {
  const unknown = NaN as T;
  if (!is_zero<T>(b) && !is_ordinary<T>(b)) return unknown;
  if (!is_zero<T>(a) && !is_ordinary<T>(a)) return unknown;
  let r: T = unknown;
  switch (operation) {
    case ADD:
    case SUBTRACT: {
      const addend = operation === ADD ? b : (-b as T);
      r = (a + addend) as T;
      return is_ordinary<T>(r) && sum_is_exact<T>(a, addend, r) ? r : unknown;
    }
    case MULTIPLY:
      r = (a * b) as T;
      if (is_zero<T>(a) || is_zero<T>(b)) return r;
      return is_ordinary<T>(r) && product_is_exact<T>(a, b, r) ? r : unknown;
    case DIVIDE:
      if (is_zero<T>(b)) return unknown;
      r = (a / b) as T;
      if (is_zero<T>(a)) return r;
      return is_ordinary<T>(r) && product_is_exact<T>(r, b, a) ? r : unknown;
    case SQUARE_ROOT:
      r = sizeof<T>() === 4 ? (sqrt<f32>(b as f32) as T) : (sqrt<f64>(b as f64) as T);
      if (is_zero<T>(b)) return r;
      return is_ordinary<T>(r) && product_is_exact<T>(r, r, b) ? r : unknown;
    default:
      return unknown;
  }
}
