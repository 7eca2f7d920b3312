// Packed integer instructions of SSSE3, on MMX and XMM registers. SDM vol. 2.

import type { Emitter } from '../../emitter/emitter.ts';
import type { SimdOperation } from '../../wasm/simd-opcodes.ts';
import type { Value } from '../../wasm/value.ts';
import { everySecond } from './horizontal.ts';
import {
  bytes,
  checkMmx,
  checkSse,
  defineSimd,
  enterMmx,
  extract64,
  isMmx,
  packed,
  readAligned,
  readMmx,
  vector,
  writeMmx,
  zeroVector,
} from './operands.ts';
import { joined } from './shuffles.ts';

// Bit 7 of a selector gives zero, of the others only as many count as there are bytes; i8x16.swizzle gives zero beyond 15.
defineSimd('PSHUFB', (e) => {
  const shuffled = (a: Value, b: Value, selectorBits: number): Value => {
    const mask = bytes(e, () => selectorBits);
    return vector(e, 'i8x16_swizzle', a, vector(e, 'v128_and', b, mask));
  };
  packed(
    e,
    (a, b) => shuffled(a, b, 0x8f),
    (a, b) => shuffled(a, b, 0x87),
  );
});

/** Neighbours combined, a's below b's. */
for (const [mnemonic, operation, size] of [
  ['PHADDW', 'i16x8_add', 2],
  ['PHADDD', 'i32x4_add', 4],
  ['PHADDSW', 'i16x8_add_sat_s', 2],
  ['PHSUBW', 'i16x8_sub', 2],
  ['PHSUBD', 'i32x4_sub', 4],
  ['PHSUBSW', 'i16x8_sub_sat_s', 2],
] as const)
  defineSimd(mnemonic, (e) => {
    const combined = (a: Value, b: Value): Value =>
      vector(e, operation, everySecond(e, size, 0, a, b), everySecond(e, size, 1, a, b));
    packed(e, combined, (a, b) => {
      const both = joined(e, a, b);
      return combined(both, both);
    });
  });

/** Unsigned bytes of a times signed bytes of b, neighbouring products added with saturation. */
defineSimd('PMADDUBSW', (e) =>
  packed(e, (a, b) => {
    const eight = e.i32(8);
    const even = vector(
      e,
      'i16x8_mul',
      vector(
        e,
        'v128_and',
        a,
        bytes(e, (n) => (n & 1 ? 0 : 0xff)),
      ),
      vector(e, 'i16x8_shr_s', vector(e, 'i16x8_shl', b, eight), eight),
    );
    const odd = vector(e, 'i16x8_mul', vector(e, 'i16x8_shr_u', a, eight), vector(e, 'i16x8_shr_s', b, eight));
    return vector(e, 'i16x8_add_sat_s', even, odd);
  }),
);

/** a with the sign of b: negated where b is negative, zero where b is zero. */
function withSign(e: Emitter, shape: string, bits: number, a: Value, b: Value): Value {
  const operation = (name: string): SimdOperation => `${shape}_${name}` as SimdOperation;
  const negative = e.keep(vector(e, operation('shr_s'), b, e.i32(bits - 1)));
  const signed = vector(e, operation('sub'), vector(e, 'v128_xor', a, negative), negative);
  return vector(e, 'v128_andnot', signed, vector(e, operation('eq'), b, zeroVector(e)));
}
defineSimd('PSIGNB', (e) => packed(e, (a, b) => withSign(e, 'i8x16', 8, a, b)));
defineSimd('PSIGNW', (e) => packed(e, (a, b) => withSign(e, 'i16x8', 16, a, b)));
defineSimd('PSIGND', (e) => packed(e, (a, b) => withSign(e, 'i32x4', 32, a, b)));

defineSimd('PABSB', (e) => packed(e, (_, b) => vector(e, 'i8x16_abs', b)));
defineSimd('PABSW', (e) => packed(e, (_, b) => vector(e, 'i16x8_abs', b)));
defineSimd('PABSD', (e) => packed(e, (_, b) => vector(e, 'i32x4_abs', b)));

defineSimd('PMULHRSW', (e) =>
  packed(e, (a, b) => {
    // The one product that WebAssembly saturates, of twice the smallest number, wraps here.
    const smallest = bytes(e, (n) => (n & 1 ? 0x80 : 0));
    const wraps = vector(e, 'v128_and', vector(e, 'i16x8_eq', a, b), vector(e, 'i16x8_eq', a, smallest));
    return vector(e, 'v128_xor', vector(e, 'i16x8_q15mulr_sat_s', a, b), wraps);
  }),
);

/** Sixteen bytes from a vector, from byte `first` (may be negative) on; zeros outside. */
function window(e: Emitter, v: Value, first: Value): Value {
  return vector(
    e,
    'i8x16_swizzle',
    v,
    vector(
      e,
      'i8x16_add',
      bytes(e, (n) => n),
      vector(e, 'i8x16_splat', first),
    ),
  );
}
defineSimd('PALIGNR', (e) => {
  const count = e.keep(e.immediate());
  const atMost = (most: number): Value => e.keep(e.body.select(count.gtU(most), e.i32(most), count));
  if (isMmx(e)) {
    checkMmx(e);
    const b = readMmx(e, 1);
    const a = readMmx(e, 0);
    enterMmx(e);
    writeMmx(e, 0, extract64(e, window(e, joined(e, b, a), atMost(16)), 0));
    return;
  }
  checkSse(e);
  const b = readAligned(e, 1);
  const first = atMost(32);
  e.writeSlot(0, vector(e, 'v128_or', window(e, b, first), window(e, e.read(0), e.keep(first.sub(16)))));
});
