// Packed integer arithmetic, comparison and logic of MMX and SSE2. SDM vol. 2.

import type { Emitter } from '../../emitter/emitter.ts';
import type { SimdOperation } from '../../wasm/simd-opcodes.ts';
import type { Value } from '../../wasm/value.ts';
import { bytes, defineSimd, packed, vector } from './operands.ts';

/** Instructions that are one operation on first and second operand. */
const DIRECT: Record<string, SimdOperation> = {
  PADDB: 'i8x16_add',
  PADDW: 'i16x8_add',
  PADDD: 'i32x4_add',
  PADDQ: 'i64x2_add',
  PADDSB: 'i8x16_add_sat_s',
  PADDSW: 'i16x8_add_sat_s',
  PADDUSB: 'i8x16_add_sat_u',
  PADDUSW: 'i16x8_add_sat_u',
  PSUBB: 'i8x16_sub',
  PSUBW: 'i16x8_sub',
  PSUBD: 'i32x4_sub',
  PSUBQ: 'i64x2_sub',
  PSUBSB: 'i8x16_sub_sat_s',
  PSUBSW: 'i16x8_sub_sat_s',
  PSUBUSB: 'i8x16_sub_sat_u',
  PSUBUSW: 'i16x8_sub_sat_u',
  PAVGB: 'i8x16_avgr_u',
  PAVGW: 'i16x8_avgr_u',
  PMAXSW: 'i16x8_max_s',
  PMAXUB: 'i8x16_max_u',
  PMINSW: 'i16x8_min_s',
  PMINUB: 'i8x16_min_u',
  PCMPEQB: 'i8x16_eq',
  PCMPEQW: 'i16x8_eq',
  PCMPEQD: 'i32x4_eq',
  PCMPGTB: 'i8x16_gt_s',
  PCMPGTW: 'i16x8_gt_s',
  PCMPGTD: 'i32x4_gt_s',
  PMULLW: 'i16x8_mul',
  PMADDWD: 'i32x4_dot_i16x8_s',
  PAND: 'v128_and',
  POR: 'v128_or',
  PXOR: 'v128_xor',
};
for (const [mnemonic, operation] of Object.entries(DIRECT))
  defineSimd(mnemonic, (e) => packed(e, (a, b) => vector(e, operation, a, b)));

defineSimd('ANDPS ANDPD', (e) => packed(e, (a, b) => vector(e, 'v128_and', a, b)));
defineSimd('ORPS ORPD', (e) => packed(e, (a, b) => vector(e, 'v128_or', a, b)));
defineSimd('XORPS XORPD', (e) => packed(e, (a, b) => vector(e, 'v128_xor', a, b)));
defineSimd('PANDN ANDNPS ANDNPD', (e) => packed(e, (a, b) => vector(e, 'v128_andnot', b, a)));

/** The upper halves of four times two products. */
function highHalves(e: Emitter, low: Value, high: Value): Value {
  return e.body.shuffle(low, high, [2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31]);
}
defineSimd('PMULHW', (e) =>
  packed(e, (a, b) =>
    highHalves(e, vector(e, 'i32x4_extmul_low_i16x8_s', a, b), vector(e, 'i32x4_extmul_high_i16x8_s', a, b)),
  ),
);
defineSimd('PMULHUW', (e) =>
  packed(e, (a, b) =>
    highHalves(e, vector(e, 'i32x4_extmul_low_i16x8_u', a, b), vector(e, 'i32x4_extmul_high_i16x8_u', a, b)),
  ),
);

/** The even 32-bit lanes, in the low half. */
export function evenLanes(e: Emitter, v: Value): Value {
  return e.body.shuffle(v, v, [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11]);
}
defineSimd('PMULUDQ', (e) =>
  packed(e, (a, b) => vector(e, 'i64x2_extmul_low_i32x4_u', evenLanes(e, a), evenLanes(e, b))),
);

defineSimd('PSADBW', (e) =>
  packed(e, (a, b) => {
    const differences = vector(e, 'v128_or', vector(e, 'i8x16_sub_sat_u', a, b), vector(e, 'i8x16_sub_sat_u', b, a));
    const pairs = vector(e, 'i16x8_extadd_pairwise_i8x16_u', differences);
    const quads = e.keep(vector(e, 'i32x4_extadd_pairwise_i16x8_u', pairs));
    const sums = vector(e, 'i32x4_add', quads, vector(e, 'i64x2_shr_u', quads, e.i32(32)));
    return vector(
      e,
      'v128_and',
      sums,
      bytes(e, (n) => (n % 8 < 4 ? 0xff : 0)),
    );
  }),
);
