// The four operand formats of SSE arithmetic (PS SS PD SD) and the tests that decide whether WebAssembly's own operations,
// which round to nearest and know no exceptions, give what the processor gives. Whatever fails a test goes to the monitor.
//
// Scalar operands are spread over all lanes, so that one test serves packed and scalar forms and the idle lanes never meet
// slow values.

import * as L from '../../abi/layout.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import { I64, V128 } from '../../wasm/encoding.ts';
import type { SimdOperation } from '../../wasm/simd-opcodes.ts';
import type { Value } from '../../wasm/value.ts';
import { bytes, readAligned, scalar, vector } from './operands.ts';

/** Lanes of single or double precision. */
export interface Precision {
  shape: 'f32x4' | 'f64x2';
  /** Bytes of an element. */
  size: 4 | 8;
  /** Bits of the smallest normal number and of infinity, and of 2^31. */
  minimum: bigint;
  infinity: bigint;
  two31: bigint;
  /** Ends the names of the monitor's functions. */
  bits: 32 | 64;
}

export const SINGLE: Precision = {
  shape: 'f32x4',
  size: 4,
  minimum: 0x00800000n,
  infinity: 0x7f800000n,
  two31: 0x4f000000n,
  bits: 32,
};
export const DOUBLE: Precision = {
  shape: 'f64x2',
  size: 8,
  minimum: 0x0010000000000000n,
  infinity: 0x7ff0000000000000n,
  two31: 0x41e0000000000000n,
  bits: 64,
};

export interface Format extends Precision {
  packed: boolean;
  /** Lanes that take part. */
  lanes: number;
}

export const FORMATS = {
  PS: { ...SINGLE, packed: true, lanes: 4 },
  SS: { ...SINGLE, packed: false, lanes: 1 },
  PD: { ...DOUBLE, packed: true, lanes: 2 },
  SD: { ...DOUBLE, packed: false, lanes: 1 },
} satisfies Record<string, Format>;

export function float(e: Emitter, { shape }: Precision, name: string, ...operands: Value[]): Value {
  return vector(e, `${shape}_${name}` as SimdOperation, ...operands);
}

/** The same bits in every lane. */
export function constant(e: Emitter, { size }: Precision, bits: bigint): Value {
  return bytes(e, (n) => Number((bits >> BigInt((n % size) * 8)) & 0xffn));
}

// ---- Operands

/** An i32 or i64 in every lane of its size. */
export function spread(e: Emitter, value: Value): Value {
  return e.keep(vector(e, value.type === I64 ? 'i64x2_splat' : 'i32x4_splat', value));
}

/** Kept source: a packed one from aligned memory or a register, a scalar one in every lane. */
export function readSource(e: Emitter, format: Format, operand = 1): Value {
  return format.packed ? readAligned(e, operand) : spread(e, e.read(operand));
}

/** The register as first operand; a scalar in every lane. */
export function firstOperand(e: Emitter, format: Format, register: Value): Value {
  if (format.packed) return register;
  const lanes = Array.from({ length: 16 }, (_, n) => n % format.size);
  return e.keep(e.body.shuffle(register, register, lanes));
}

/** Writes the lanes that took part into register operand 0, which held `register`. */
export function writeResult(e: Emitter, format: Format, register: Value, result: Value): void {
  if (format.packed) {
    e.writeSlot(0, result);
    return;
  }
  const lanes = Array.from({ length: 16 }, (_, n) => (n < format.size ? n : n + 16));
  e.writeSlot(0, e.body.shuffle(result, register, lanes));
}

// ---- Tests

/** Lanes that hold a denormal number. */
export function denormal(e: Emitter, precision: Precision, v: Value): Value {
  const small = float(e, precision, 'lt', float(e, precision, 'abs', v), constant(e, precision, precision.minimum));
  return vector(e, 'v128_and', small, float(e, precision, 'ne', v, constant(e, precision, 0n)));
}

/** Lanes that are neither NaN nor denormal. */
export function plain(e: Emitter, precision: Precision, v: Value): Value {
  return vector(e, 'v128_andnot', float(e, precision, 'eq', v, v), denormal(e, precision, v));
}

/** Lanes above the smallest normal number and below infinity: no overflow, no underflow, not invalid. */
export function ordinary(e: Emitter, precision: Precision, v: Value): Value {
  const magnitude = e.keep(float(e, precision, 'abs', v));
  const above = float(e, precision, 'gt', magnitude, constant(e, precision, precision.minimum));
  const below = float(e, precision, 'lt', magnitude, constant(e, precision, precision.infinity));
  return vector(e, 'v128_and', above, below);
}

export function everyLane(e: Emitter, mask: Value): Value {
  return scalar(e, 'i32x4_all_true', mask);
}

/** `quick` if `fits`, as nearly always, else `exact`. Kept. */
export function choose(e: Emitter, quick: Value, fits: (quick: Value) => Value, exact: () => Value): Value {
  const result = e.body.variable(V128);
  result.set(quick);
  const passes = fits(result.value);
  e.facts.usually(
    (otherwise) => e.body.branchUnlikely(passes.eqz(), otherwise),
    () => result.set(exact()),
  );
  return result.value;
}

const PE = 0x20;
const PM = 0x1000;
const RC = 0x6000;

/** Name of what `inexactIsSilent` gives, to be renewed where MXCSR is loaded; what instructions raise only makes it truer. */
export const SILENT = 'inexact is silent';

/** Whether an inexact result changes nothing: PE is set already and masked, and rounding is to nearest. */
export function inexactIsSilent(e: Emitter): Value {
  return e.facts.shared(SILENT, () =>
    e.body
      .load(4, e.cpu, L.MXCSR)
      .and(PE | PM | RC)
      .eq(PE | PM),
  );
}

/** The same where MXCSR's rounding does not matter. */
export function truncationIsSilent(e: Emitter): Value {
  return e.body
    .load(4, e.cpu, L.MXCSR)
    .and(PE | PM)
    .eq(PE | PM);
}
