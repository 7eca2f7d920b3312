// PCMPESTRx and PCMPISTRx: comparison of two strings of up to sixteen bytes or eight words.
// Source: Intel SDM vol. 2 ch. 4.1 (immediate, aggregation, override table).

const WORDS: u32 = 1;
const SIGNED: u32 = 2;
const EQUAL_ANY: u32 = 0;
const RANGES: u32 = 1;
const EQUAL_EACH: u32 = 2;
const AS_MASK: u32 = 0x40;

// engine/cpu/abi/simd-api.ts
const STRING_A_ENDS: u32 = 0x10000;
const STRING_B_ENDS: u32 = 0x20000;

function byte_at(v: v128, n: u32): u32 {
  const half: u64 = n < 8 ? i64x2.extract_lane(v, 0) : i64x2.extract_lane(v, 1);
  return ((half >> ((n & 7) << 3)) & 0xff) as u32;
}

function element(v: v128, n: u32, format: u32): i32 {
  if ((format & WORDS) === 0) {
    const byte = byte_at(v, n);
    return (format & SIGNED) !== 0 ? (byte as i8 as i32) : (byte as i32);
  }
  const word = byte_at(v, 2 * n) | (byte_at(v, 2 * n + 1) << 8);
  return (format & SIGNED) !== 0 ? (word as i16 as i32) : (word as i32);
}

function elements(immediate: u32): u32 {
  return (immediate & WORDS) !== 0 ? 8 : 16;
}

function implicit_length(v: v128, immediate: u32): u32 {
  const most = elements(immediate);
  for (let n: u32 = 0; n < most; n++) if (element(v, n, immediate) === 0) return n;
  return most;
}

/** The magnitude of a length register, at most the number of elements. */
function explicit_length(register: u32, immediate: u32): u32 {
  const magnitude = (register as i32) < 0 ? 0 - register : register;
  return min<u32>(magnitude, elements(immediate));
}

/** Whether element j of b meets the condition that a sets, before polarity. */
function matches(immediate: u32, a: v128, b: v128, lengthA: u32, lengthB: u32, j: u32): bool {
  const mode = (immediate >> 2) & 3;
  if (mode === EQUAL_EACH) {
    if (j >= lengthA || j >= lengthB) return j >= lengthA && j >= lengthB;
    return element(a, j, immediate) === element(b, j, immediate);
  }
  if (mode === EQUAL_ANY || mode === RANGES) {
    if (j >= lengthB) return false;
    const x = element(b, j, immediate);
    if (mode === EQUAL_ANY) {
      for (let i: u32 = 0; i < lengthA; i++) if (element(a, i, immediate) === x) return true;
      return false;
    }
    for (let i: u32 = 0; i + 1 < lengthA; i += 2)
      if (element(a, i, immediate) <= x && x <= element(a, i + 1, immediate)) return true;
    return false;
  }
  // Equal ordered: a, as far as it goes, stands in b at j; what lies beyond the register counts as found
  for (let i: u32 = 0; i < lengthA && i + j < elements(immediate); i++) {
    if (i + j >= lengthB || element(a, i, immediate) !== element(b, i + j, immediate)) return false;
  }
  return true;
}

function compared(immediate: u32, a: v128, b: v128, lengthA: u32, lengthB: u32): u32 {
  const most = elements(immediate);
  let bits: u32 = 0;
  for (let j: u32 = 0; j < most; j++) if (matches(immediate, a, b, lengthA, lengthB, j)) bits |= 1 << j;
  const polarity = (immediate >> 4) & 3;
  if (polarity === 1) bits ^= (1 << most) - 1;
  else if (polarity === 3) bits ^= (1 << lengthB) - 1;
  return bits | (lengthA < most ? STRING_A_ENDS : 0) | (lengthB < most ? STRING_B_ENDS : 0);
}

export function sse_string_implicit(_cpu: usize, immediate: u32, a: v128, b: v128): u32 {
  return compared(immediate, a, b, implicit_length(a, immediate), implicit_length(b, immediate));
}

export function sse_string_explicit(_cpu: usize, immediate: u32, a: v128, b: v128, eax: u32, edx: u32): u32 {
  return compared(immediate, a, b, explicit_length(eax, immediate), explicit_length(edx, immediate));
}

export function sse_string_mask(_cpu: usize, immediate: u32, result: u32): v128 {
  const bits = result & 0xffff;
  if ((immediate & AS_MASK) === 0) return i64x2.replace_lane(i64x2.splat(0), 0, bits as u64);
  let low: u64 = 0;
  let high: u64 = 0;
  for (let n: u32 = 0; n < 16; n++) {
    const set = (bits >> ((immediate & WORDS) !== 0 ? n >> 1 : n)) & 1;
    if (set === 0) continue;
    if (n < 8) low |= (0xff as u64) << (n << 3);
    else high |= (0xff as u64) << ((n & 7) << 3);
  }
  return i64x2.replace_lane(i64x2.splat(low), 1, high);
}
