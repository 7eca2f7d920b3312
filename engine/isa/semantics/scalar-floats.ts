// One lane of SSE arithmetic in WebAssembly's scalar operations, and the tests on its bits that decide whether they give what the
// processor gives (simd-formats.ts does the same for vectors). Integer tests run beside the arithmetic, not in front of it.

import type { Value } from '../../wasm/body.ts';
import { F32, F64, I32, I64, V128, type ValueType } from '../../wasm/encoding.ts';
import { SIMD } from '../../wasm/simd-opcodes.ts';
import type { Emitter } from '../emitter.ts';
import type { Format, Precision } from './simd-formats.ts';

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
  const lane = (type: ValueType, opcode: number): Value => e.keep(e.body.simd(type, opcode, [register], 0));
  const normal = register.normalLow === precision.size;
  return double
    ? { number: lane(F64, SIMD.f64x2_extract_lane), bits: lane(I64, SIMD.i64x2_extract_lane), normal }
    : { number: lane(F32, SIMD.f32x4_extract_lane), bits: lane(I32, SIMD.i32x4_extract_lane), normal };
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

function inRange(e: Emitter, precision: Precision, { bits }: Scalar, low: bigint, high: bigint): Value {
  const doubled = bits.shl(1).sub(number(e, precision, 2n * low));
  return doubled.ltU(number(e, precision, 2n * (high - low)));
}

/** Not above the smallest normal number and below infinity; see `ordinary` of simd-formats.ts. */
export function isExtraordinary(e: Emitter, precision: Precision, { bits }: Scalar): Value {
  const { minimum, infinity } = precision;
  const above = bits.shl(1).sub(number(e, precision, 2n * (minimum + 1n)));
  return above.geU(number(e, precision, 2n * (infinity - minimum - 1n)));
}

export function isDenormal(e: Emitter, precision: Precision, scalar: Scalar): Value {
  return inRange(e, precision, scalar, 1n, precision.minimum);
}

/** The same, or the smallest normal number. */
export function isTiny(e: Emitter, precision: Precision, scalar: Scalar): Value {
  return inRange(e, precision, scalar, 1n, precision.minimum + 1n);
}

export function isInfiniteOrNan(e: Emitter, precision: Precision, { bits }: Scalar): Value {
  return bits.shl(1).geU(number(e, precision, 2n * precision.infinity));
}

export function isNan(e: Emitter, precision: Precision, { bits }: Scalar): Value {
  return bits.shl(1).gtU(number(e, precision, 2n * precision.infinity));
}
