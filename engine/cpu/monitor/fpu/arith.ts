// Arithmetic instructions: operands from the stack or already loaded from memory, result to the stack.
// Source: Intel SDM vol. 1 ch. 8.3.3, 8.3.5, 8.3.8, vol. 2 of each instruction.

import { add } from '../f80/add.ts';
import { fromDouble, fromInteger, fromSingle, roundToIntegral } from '../f80/convert.ts';
import { flagsOf, IE, invalid, isNan, pack, SF, SIGN, signExponent, significand, withFlags, ZE } from '../f80/f80.ts';
import { divide, multiply, squareRoot } from '../f80/multiply.ts';
import { exponentNumber, remainder, scale, significandNumber } from '../f80/remainder.ts';
import {
  cannotReplaceAndPush,
  controlWord,
  isEmpty,
  pop,
  readRegister,
  replaceAndPush,
  setCondition,
  signal,
  underflows,
  writeRegister,
  writeResult,
} from './state.ts';

type F80 = v128;

const MUL: u32 = 1;
const SUB: u32 = 4;
const SUBR: u32 = 5;
const DIV: u32 = 6;
const DIVR: u32 = 7;

/** `operation` as the digit of D8: 0 add, then the constants above. */
function compute(operation: u32, a: F80, b: F80, cw: u32): F80 {
  switch (operation) {
    case MUL:
      return multiply(a, b, cw);
    case SUB:
      return add(a, b, SIGN, cw);
    case SUBR:
      return add(b, a, SIGN, cw);
    case DIV:
      return divide(a, b, cw);
    case DIVR:
      return divide(b, a, cw);
    default:
      return add(a, b, 0, cw);
  }
}

export function fpu_arith_st(cpu: u32, operation: u32, destination: u32, source: u32, pops: u32): void {
  if (isEmpty(cpu, destination) || isEmpty(cpu, source)) {
    if (signal(cpu, IE | SF)) return;
    writeRegister(cpu, destination, invalid());
  } else {
    const a = readRegister(cpu, destination);
    const result = compute(operation, a, readRegister(cpu, source), controlWord(cpu));
    if (signal(cpu, flagsOf(result))) return;
    writeRegister(cpu, destination, result);
  }
  pop(cpu, pops);
}

/** ST(0) operation an operand from memory; the operand's own DE counts unless a NaN or a zero divide takes precedence. */
function withMemory(cpu: u32, operation: u32, operand: F80): void {
  if (underflows(cpu, 0, 0)) return;
  const result = compute(operation, readRegister(cpu, 0), operand, controlWord(cpu));
  const precedes = isNan(result) || (flagsOf(result) & ZE) !== 0;
  writeResult(cpu, 0, precedes ? result : withFlags(result, flagsOf(operand)));
}

export function fpu_arith_m32(cpu: u32, operation: u32, bits: u32): void {
  withMemory(cpu, operation, fromSingle(bits));
}

export function fpu_arith_m64(cpu: u32, operation: u32, bits: u64): void {
  withMemory(cpu, operation, fromDouble(bits));
}

export function fpu_arith_i16(cpu: u32, operation: u32, bits: i32): void {
  withMemory(cpu, operation, fromInteger(bits as i16 as i64));
}

export function fpu_arith_i32(cpu: u32, operation: u32, bits: i32): void {
  withMemory(cpu, operation, fromInteger(bits as i64));
}

/** FCHS and FABS touch the sign bit whatever the operand is. */
function replaceSign(cpu: u32, keep: u32, flip: u32): void {
  if (underflows(cpu, 0, 0)) return;
  const v = readRegister(cpu, 0);
  writeResult(cpu, 0, pack((signExponent(v) & keep) ^ flip, significand(v)));
}

export function fpu_chs(cpu: u32): void {
  replaceSign(cpu, 0xffff, SIGN);
}

export function fpu_abs(cpu: u32): void {
  replaceSign(cpu, 0x7fff, 0);
}

export function fpu_sqrt(cpu: u32): void {
  if (underflows(cpu, 0, 0)) return;
  writeResult(cpu, 0, squareRoot(readRegister(cpu, 0), controlWord(cpu)));
}

export function fpu_rndint(cpu: u32): void {
  if (underflows(cpu, 0, 0)) return;
  writeResult(cpu, 0, roundToIntegral(readRegister(cpu, 0), controlWord(cpu)));
}

export function fpu_scale(cpu: u32): void {
  if (underflows(cpu, 0, 0) || underflows(cpu, 1, 0)) return;
  writeResult(cpu, 0, scale(readRegister(cpu, 0), readRegister(cpu, 1), controlWord(cpu)));
}

/** FPREM, FPREM1: the condition codes come with the result. */
export function fpu_prem(cpu: u32, toNearest: u32): void {
  if (underflows(cpu, 0, 0) || underflows(cpu, 1, 0)) return;
  const result = remainder(readRegister(cpu, 0), readRegister(cpu, 1), toNearest !== 0, controlWord(cpu));
  setCondition(cpu, 0);
  writeResult(cpu, 0, result);
}

export function fpu_extract(cpu: u32): void {
  if (cannotReplaceAndPush(cpu)) return;
  const v = readRegister(cpu, 0);
  replaceAndPush(cpu, exponentNumber(v), significandNumber(v));
}
