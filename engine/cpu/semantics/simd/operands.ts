// How MMX and SSE instructions begin and end: the checks before them, aligned memory, and both register files seen as
// vectors, so that one definition serves the MMX and the SSE form of an instruction. The form follows from operand 0: its
// register is 8 bytes (MMX) or 16 (XMM). Source: Intel SDM vol. 1 ch. 9.6, 10.4; vol. 3 ch. 13.4, 14.1.

import * as L from '../../abi/layout.ts';
import { define } from '../../emitter/definitions.ts';
import type { Emitter } from '../../emitter/emitter.ts';
import { I32, I64, V128 } from '../../wasm/encoding.ts';
import { SIMD, type SimdOperation } from '../../wasm/simd-opcodes.ts';
import type { Value } from '../../wasm/value.ts';

const GENERAL_PROTECTION = 13;
const FPU_SUMMARY = 0x80;

/** A SIMD operation on vectors, with an i32 count where it is a shift. */
export function vector(e: Emitter, operation: SimdOperation, ...operands: Value[]): Value {
  return e.body.simd(V128, SIMD[operation], operands);
}

/** A SIMD operation that gives an i32. */
export function scalar(e: Emitter, operation: SimdOperation, ...operands: Value[]): Value {
  return e.body.simd(I32, SIMD[operation], operands);
}

export function extract32(e: Emitter, source: Value, lane: number): Value {
  return e.body.simd(I32, SIMD.i32x4_extract_lane, [source], lane);
}

export function replace32(e: Emitter, target: Value, lane: number, value: Value): Value {
  return e.body.simd(V128, SIMD.i32x4_replace_lane, [target, value], lane);
}

export function extract64(e: Emitter, source: Value, lane: number): Value {
  return e.body.simd(I64, SIMD.i64x2_extract_lane, [source], lane);
}

export function replace64(e: Emitter, target: Value, lane: number, value: Value): Value {
  return e.body.simd(V128, SIMD.i64x2_replace_lane, [target, value], lane);
}

/** A constant vector of sixteen bytes. */
export function bytes(e: Emitter, byte: (n: number) => number): Value {
  return e.body.v128(Array.from({ length: 16 }, (_, n) => byte(n) & 0xff));
}

export function zeroVector(e: Emitter): Value {
  return bytes(e, () => 0);
}

/** The value in lane 0 (i32 or i64 by its type), zeros above. */
export function zeroExtended(e: Emitter, value: Value): Value {
  return value.type === I64 ? replace64(e, zeroVector(e), 0, value) : replace32(e, zeroVector(e), 0, value);
}

// ---- Before an instruction

export function checkSse(e: Emitter): void {
  e.facts.oncePerBlock('sse_check', () => e.raiseIf(e.body.load(4, e.cpu, L.SSE_TRAP), 'sse_check'));
}

export function checkMmx(e: Emitter): void {
  e.settleX87();
  const pending = e.body.load(4, e.cpu, L.FPU_SW).and(FPU_SUMMARY);
  e.raiseIf(e.body.load(4, e.cpu, L.FPU_TRAP).or(pending), 'mmx_check');
}

/** TOP = 0 and all registers valid: for an instruction that cannot fault any more. */
export function enterMmx(e: Emitter): void {
  e.body.store(4, e.cpu, e.i32(0), L.FPU_TOP);
  e.body.store(4, e.cpu, e.i32(0), L.FPU_TAG);
}

// ---- Operands

export function generalProtectionIf(e: Emitter, condition: Value): void {
  e.body.unlikely(condition, () => e.exception(GENERAL_PROTECTION, true));
}

function aligned(e: Emitter, operand: number, write: boolean): Value {
  const linear = e.linear(operand, 16, write);
  generalProtectionIf(e, linear.and(15));
  return linear;
}

/** Kept XMM register or 16-byte memory operand; #GP(0) if that is not aligned. */
export function readAligned(e: Emitter, operand: number): Value {
  return e.isMemory(operand) ? e.load(16, aligned(e, operand, false)) : e.read(operand);
}

export function writeAligned(e: Emitter, operand: number, value: Value): void {
  if (e.isMemory(operand)) e.store(16, aligned(e, operand, true), e.keep(value));
  else e.writeSlot(operand, value);
}

/** Kept MMX register or memory operand of 8 bytes, in both halves of a vector; memory of 4 bytes likewise, below zeros. */
export function readMmx(e: Emitter, operand: number): Value {
  const value = e.read(operand);
  return e.keep(vector(e, 'i64x2_splat', value.type === I64 ? value : value.extendU()));
}

/** Writes an MMX register: the significand, and ones above as for every MMX write. */
export function writeMmx(e: Emitter, operand: number, value: Value): void {
  e.writeSlot(operand, e.body.vectorOf(value, e.body.i64(0xffff)));
}

export function isMmx(e: Emitter): boolean {
  return e.size(0) === 8;
}

/** An instruction that combines a register (operand 0) with a source (operand 1), in both forms. */
export function packed(
  e: Emitter,
  combine: (a: Value, b: Value) => Value,
  combineMmx: (a: Value, b: Value) => Value = combine,
): void {
  if (isMmx(e)) {
    checkMmx(e);
    const b = readMmx(e, 1);
    const a = readMmx(e, 0);
    enterMmx(e);
    writeMmx(e, 0, extract64(e, combineMmx(a, b), 0));
    return;
  }
  checkSse(e);
  const b = readAligned(e, 1);
  e.writeSlot(0, combine(e.read(0), b));
}

/** Defines an MMX or SSE instruction: it may trap whatever its operands. */
export function defineSimd(mnemonics: string, emit: (e: Emitter) => void): void {
  define(mnemonics, { mayFault: true }, emit);
}

/** An instruction on XMM registers and general registers or memory only. */
export function defineSse(mnemonics: string, emit: (e: Emitter) => void): void {
  defineSimd(mnemonics, (e) => {
    checkSse(e);
    emit(e);
  });
}
