// One lane of SSE arithmetic in WebAssembly's scalar operations, and the tests on its bits that decide whether they give what the
// processor gives (formats.ts does the same for vectors). Integer tests run beside the arithmetic, not in front of it.

import type { Emitter } from '../../emitter/emitter.ts';
import { F32, F64, I32, I64, V128 } from '../../wasm/encoding.ts';
import { SIMD } from '../../wasm/simd-opcodes.ts';
import type { Value } from '../../wasm/value.ts';
import type { Format, Precision } from './formats.ts';

const OPCODES = {
  32: { ADD: 0x92, SUB: 0x93, MUL: 0x94, DIV: 0x95, SQRT: 0x91, EQ: 0x5b, LT: 0x5d },
  64: { ADD: 0xa0, SUB: 0xa1, MUL: 0xa2, DIV: 0xa3, SQRT: 0x9f, EQ: 0x61, LT: 0x63 },
} as const;
const TO_BITS = { 32: 0xbc, 64: 0xbd } as const;

export type ScalarOperation = keyof (typeof OPCODES)[32];

/** A number, and its bits as an integer of its size; both kept. */
export interface Scalar {
  number: Value;
  bits: Value;
  /** Known to be no denormal. */
  normal: boolean;
}

export function scalarOfNumber(e: Emitter, { bits: size }: Precision, number: Value): Scalar {
  const kept = e.keep(number);
  return { number: kept, bits: e.keep(e.body.operation(size === 64 ? I64 : I32, TO_BITS[size], kept)), normal: false };
}

/** Lane 0 of a register. */
export function lowScalar(e: Emitter, precision: Precision, register: Value): Scalar {
  const double = precision.bits === 64;
  const opcode = double ? SIMD.f64x2_extract_lane : SIMD.f32x4_extract_lane;
  const scalar = scalarOfNumber(e, precision, e.body.simd(double ? F64 : F32, opcode, [register], 0));
  return { ...scalar, normal: register.normalLow === precision.size };
}

/** The register with `number` in lane 0. */
export function withLow(e: Emitter, { bits }: Precision, register: Value, number: Value): Value {
  const opcode = bits === 64 ? SIMD.f64x2_replace_lane : SIMD.f32x4_replace_lane;
  return e.body.simd(V128, opcode, [register, number], 0);
}

/** The second operand: a register's lane 0 or memory. */
export function scalarSource(e: Emitter, format: Format): Scalar {
  return lowScalar(e, format, e.isMemory(1) ? e.readLow(1) : e.readSlot(1));
}

export function calculate(e: Emitter, { bits }: Precision, operation: ScalarOperation, ...operands: Value[]): Value {
  const type = operation === 'EQ' || operation === 'LT' ? I32 : bits === 64 ? F64 : F32;
  return e.body.operation(type, OPCODES[bits][operation], ...operands);
}

// ---- Tests. Doubled bits leave the sign out.

function number(e: Emitter, { bits }: Precision, value: bigint): Value {
  return bits === 64 ? e.body.i64(BigInt.asIntN(64, value)) : e.i32(Number(BigInt.asIntN(32, value)));
}

/**
 * Zero, tiny, infinite or a NaN: all that is not well above the smallest normal number and below infinity (of a double, the upper
 * half is checked). See `ordinary` of formats.ts.
 */
export function isExtraordinary({ bits: size, minimum, infinity }: Precision, { bits }: Scalar): Value {
  const upper = size === 64 ? bits.shrU(32).wrap() : bits;
  const upperOf = (value: bigint): number => Number(value >> BigInt(size - 32));
  const low = 2 * (upperOf(minimum) + 1);
  return upper
    .shl(1)
    .sub(low)
    .geU((2 * upperOf(infinity) - low) | 0);
}

export function isZero({ bits }: Scalar): Value {
  return bits.shl(1).eqz();
}

export function isDenormal(e: Emitter, precision: Precision, { bits }: Scalar): Value {
  const doubled = bits.shl(1).sub(number(e, precision, 2n));
  return doubled.ltU(number(e, precision, 2n * (precision.minimum - 1n)));
}

export function isNan(e: Emitter, precision: Precision, { bits }: Scalar): Value {
  return bits.shl(1).gtU(number(e, precision, 2n * precision.infinity));
}
