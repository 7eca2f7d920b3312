// Packed integer instructions of SSE4.1 and SSE4.2. SDM vol. 2.

import * as L from '../../abi/layout.ts';
import { define } from '../../emitter/definitions.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import { I32 } from '../../wasm/encoding.ts';
import { SIMD, type SimdOperation } from '../../wasm/simd-opcodes.ts';
import type { Value } from '../../wasm/value.ts';
import { evenLanes } from './integer.ts';
import {
  bytes,
  checkSse,
  defineSimd,
  defineSse,
  packed,
  readAligned,
  scalar,
  vector,
  zeroExtended,
} from './operands.ts';
import { definePack } from './shuffles.ts';

const DIRECT: Record<string, SimdOperation> = {
  PCMPEQQ: 'i64x2_eq',
  PCMPGTQ: 'i64x2_gt_s',
  PMINSB: 'i8x16_min_s',
  PMINSD: 'i32x4_min_s',
  PMINUW: 'i16x8_min_u',
  PMINUD: 'i32x4_min_u',
  PMAXSB: 'i8x16_max_s',
  PMAXSD: 'i32x4_max_s',
  PMAXUW: 'i16x8_max_u',
  PMAXUD: 'i32x4_max_u',
  PMULLD: 'i32x4_mul',
};
for (const [mnemonic, operation] of Object.entries(DIRECT))
  defineSimd(mnemonic, (e) => packed(e, (a, b) => vector(e, operation, a, b)));
definePack('PACKUSDW', 'i16x8_narrow_i32x4_u');
defineSimd('PMULDQ', (e) =>
  packed(e, (a, b) => vector(e, 'i64x2_extmul_low_i32x4_s', evenLanes(e, a), evenLanes(e, b))),
);
defineSse('MOVNTDQA', (e) => e.writeSlot(0, readAligned(e, 1)));

/** Steps of widening, by the letters of the element sizes. */
const WIDENINGS: Record<string, readonly string[]> = {
  BW: ['i16x8_extend_low_i8x16'],
  BD: ['i16x8_extend_low_i8x16', 'i32x4_extend_low_i16x8'],
  BQ: ['i16x8_extend_low_i8x16', 'i32x4_extend_low_i16x8', 'i64x2_extend_low_i32x4'],
  WD: ['i32x4_extend_low_i16x8'],
  WQ: ['i32x4_extend_low_i16x8', 'i64x2_extend_low_i32x4'],
  DQ: ['i64x2_extend_low_i32x4'],
};
for (const [sizes, steps] of Object.entries(WIDENINGS))
  for (const [letter, suffix] of ['SX_s', 'ZX_u'].map((pair) => pair.split('_')))
    defineSse(`PMOV${letter}${sizes}`, (e) => {
      let value = zeroExtended(e, e.read(1));
      for (const step of steps) value = vector(e, `${step}_${suffix}` as SimdOperation, value);
      e.writeSlot(0, value);
    });

// ---- PTEST

const AUX_EVEN_PARITY_OFF = 0x100;
define('PTEST', { mayFault: true, flags: 'sets' }, (e) => {
  checkSse(e);
  const b = readAligned(e, 1);
  const a = e.read(0);
  const common = e.keep(scalar(e, 'v128_any_true', vector(e, 'v128_and', a, b)));
  const covered = scalar(e, 'v128_any_true', vector(e, 'v128_andnot', b, a)).eqz();
  const carry = e.body.select(covered, e.i32(L.AUX_CF | L.AUX_CF_OF), e.i32(0));
  e.setCanonical(common, e.keep(carry.or(common.eqz().mul(AUX_EVEN_PARITY_OFF))));
});

// ---- PHMINPOSUW, MPSADBW

/** The bytes turned round by `by`. */
function rotated(e: Emitter, v: Value, by: number): Value {
  return e.body.shuffle(
    v,
    v,
    Array.from({ length: 16 }, (_, n) => (n + by) % 16),
  );
}
defineSse('PHMINPOSUW', (e) => {
  const source = readAligned(e, 1);
  let least = source;
  for (const by of [8, 4, 2]) least = e.keep(vector(e, 'i16x8_min_u', least, rotated(e, least, by)));
  const index = scalar(e, 'i16x8_bitmask', vector(e, 'i16x8_eq', source, least)).ctz();
  const word = e.body.simd(I32, SIMD.i16x8_extract_lane_u, [least], 0);
  e.writeSlot(0, zeroExtended(e, word.or(index.shl(16))));
});

/** Sums of absolute differences of four bytes of b with eight stretches of a; the immediate says where they begin. */
defineSse('MPSADBW', (e) => {
  const b = readAligned(e, 1);
  const a = e.read(0);
  const firstOfA = e.keep(e.immediate().and(4));
  const firstOfB = e.keep(e.immediate().and(3).shl(2));
  let sums: Value | undefined;
  for (let k = 0; k < 4; k++) {
    const places = vector(
      e,
      'i8x16_add',
      bytes(e, (n) => (n + k) & 15),
      vector(e, 'i8x16_splat', firstOfA),
    );
    const stretch = e.keep(vector(e, 'i8x16_swizzle', a, places));
    const byte = e.keep(vector(e, 'i8x16_swizzle', b, vector(e, 'i8x16_splat', firstOfB.add(k))));
    const above = vector(e, 'i8x16_sub_sat_u', stretch, byte);
    const below = vector(e, 'i8x16_sub_sat_u', byte, stretch);
    const difference = vector(e, 'i16x8_extend_low_i8x16_u', vector(e, 'v128_or', above, below));
    sums = sums ? vector(e, 'i16x8_add', sums, difference) : difference;
  }
  e.writeSlot(0, sums!);
});
