// Packed shifts of MMX and SSE2: the count is an immediate or the low quadword of the source; counts beyond the element's
// width give zeros, or copies of the sign. SDM vol. 2.

import type { Emitter } from '../../emitter/emitter.ts';
import { I64 } from '../../wasm/encoding.ts';
import type { SimdOperation } from '../../wasm/simd-opcodes.ts';
import type { Value } from '../../wasm/value.ts';
import {
  bytes,
  checkMmx,
  checkSse,
  defineSimd,
  defineSse,
  enterMmx,
  extract64,
  isMmx,
  readAligned,
  readMmx,
  vector,
  writeMmx,
  zeroVector,
} from './operands.ts';

interface Shift {
  operation: SimdOperation;
  bits: number;
  arithmetic?: boolean;
}

const SHIFTS: Record<string, Shift> = {
  PSLLW: { operation: 'i16x8_shl', bits: 16 },
  PSLLD: { operation: 'i32x4_shl', bits: 32 },
  PSLLQ: { operation: 'i64x2_shl', bits: 64 },
  PSRLW: { operation: 'i16x8_shr_u', bits: 16 },
  PSRLD: { operation: 'i32x4_shr_u', bits: 32 },
  PSRLQ: { operation: 'i64x2_shr_u', bits: 64 },
  PSRAW: { operation: 'i16x8_shr_s', bits: 16, arithmetic: true },
  PSRAD: { operation: 'i32x4_shr_s', bits: 32, arithmetic: true },
};

/** The count, an i32 or i64. */
function countOf(e: Emitter): Value {
  if (e.instruction.operands[1]!.kind === 'immediate') return e.keep(e.immediate());
  if (isMmx(e)) return e.read(1);
  return e.keep(extract64(e, readAligned(e, 1), 0));
}

function shifted(e: Emitter, { operation, bits, arithmetic }: Shift, value: Value, count: Value): Value {
  const wrapped = count.type === I64 ? count.wrap() : count;
  const excessive = count.gtU(bits - 1);
  if (arithmetic) return vector(e, operation, value, e.body.select(excessive, e.i32(bits - 1), wrapped));
  return e.body.select(excessive, zeroVector(e), vector(e, operation, value, wrapped));
}

for (const [mnemonic, shift] of Object.entries(SHIFTS))
  defineSimd(mnemonic, (e) => {
    if (isMmx(e)) {
      checkMmx(e);
      const count = countOf(e);
      const value = readMmx(e, 0);
      enterMmx(e);
      writeMmx(e, 0, extract64(e, shifted(e, shift, value, count), 0));
      return;
    }
    checkSse(e);
    const count = countOf(e);
    e.writeSlot(0, shifted(e, shift, e.read(0), count));
  });

/** The bytes of a vector moved by the immediate towards the higher end (`up`) or the lower, zeros behind them. */
function byteShift(e: Emitter, up: boolean): void {
  const count = e.keep(e.immediate());
  const cut = e.body.select(count.gtU(16), e.i32(16), count);
  const places = vector(
    e,
    up ? 'i8x16_sub' : 'i8x16_add',
    bytes(e, (n) => n),
    vector(e, 'i8x16_splat', cut),
  );
  e.writeSlot(0, vector(e, 'i8x16_swizzle', e.read(0), places));
}
defineSse('PSLLDQ', (e) => byteShift(e, true));
defineSse('PSRLDQ', (e) => byteShift(e, false));
