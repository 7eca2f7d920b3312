// The x87 register stack and exception signalling: the only code that writes FPR, FPU_TOP, FPU_TAG and the status word for
// computing instructions. Invariants: FPU_SW holds no TOP; SW.ES = SW.B = "an exception is flagged that CW does not mask";
// an instruction whose operands raise an unmasked exception changes nothing but the status word.
// Source: Intel SDM vol. 1 ch. 8.1 (state), 8.5 (exceptions, precedence), 8.7 (handling).

import {
  EXC_ERROR,
  EXC_HAS_ERROR,
  EXC_VECTOR,
  FAULT,
  FPR,
  FPU_CW,
  FPU_IGNNE,
  FPU_SW,
  FPU_TAG,
  FPU_TOP,
} from '../../abi/layout.ts';
import {
  BUSY,
  C1,
  DE,
  ES,
  EXCEPTIONS,
  flagsOf,
  IE,
  INTEGER_BIT,
  invalid,
  MAX_EXPONENT,
  OE,
  PE,
  pack,
  SF,
  UE,
  ZE,
} from '../f80/f80.ts';

type F80 = v128;

/** Exceptions found before computing: unmasked, they leave the destination as it is. */
const OPERAND_EXCEPTIONS: u32 = IE | DE | ZE;

export function raiseFault(cpu: u32, vector: u32, hasError: u32): void {
  store<i32>(cpu, 1, FAULT);
  store<u32>(cpu, vector, EXC_VECTOR);
  store<u32>(cpu, 0, EXC_ERROR);
  store<u32>(cpu, hasError, EXC_HAS_ERROR);
}

export function controlWord(cpu: u32): u32 {
  return load<u32>(cpu, FPU_CW);
}

/** Physical number of ST(i). */
export function physical(cpu: u32, i: u32): u32 {
  return (load<u32>(cpu, FPU_TOP) + i) & 7;
}

export function isEmpty(cpu: u32, i: u32): bool {
  return ((load<u32>(cpu, FPU_TAG) >> physical(cpu, i)) & 1) !== 0;
}

export function readRegister(cpu: u32, i: u32): F80 {
  const slot = cpu + FPR + (physical(cpu, i) << 4);
  return pack(load<u16>(slot + 8), load<u64>(slot));
}

/** Writes ST(i) and marks it valid. */
export function writeRegister(cpu: u32, i: u32, v: F80): void {
  const n = physical(cpu, i);
  const slot = cpu + FPR + (n << 4);
  store<u64>(slot, i64x2.extract_lane(v, 0));
  store<u16>(slot + 8, i64x2.extract_lane(v, 1) as u16);
  store<u32>(cpu, load<u32>(cpu, FPU_TAG) & ~(1 << n), FPU_TAG);
}

export function pop(cpu: u32, count: u32): void {
  let top = load<u32>(cpu, FPU_TOP);
  let tag = load<u32>(cpu, FPU_TAG);
  for (; count !== 0; count--) {
    tag |= 1 << top;
    top = (top + 1) & 7;
  }
  store<u32>(cpu, top, FPU_TOP);
  store<u32>(cpu, tag, FPU_TAG);
}

/**
 * Records what an instruction raised, with C1 as in `flags`.
 * @returns true if the exceptions found in its operands forbid the result
 */
export function signal(cpu: u32, flags: u32): bool {
  const unmasked = flags & ~controlWord(cpu) & EXCEPTIONS;
  const status = load<u32>(cpu, FPU_SW) & ~C1;
  if (unmasked === 0) {
    store<u32>(cpu, status | flags, FPU_SW);
    return false;
  }
  const forbidden: bool = (unmasked & OPERAND_EXCEPTIONS) !== 0;
  // Not computed, so nothing rounded; a stack overflow's C1 stays
  if (forbidden) flags &= OPERAND_EXCEPTIONS | SF | ((flags & SF) !== 0 ? C1 : 0);
  setPending(cpu, status | flags);
  return forbidden;
}

/** As signal, for an instruction that leaves C1 as it is unless the stack underflows. */
export function signalKeepingC1(cpu: u32, flags: u32): bool {
  const kept = (flags & SF) !== 0 ? 0 : load<u32>(cpu, FPU_SW) & C1;
  const forbidden = signal(cpu, flags);
  store<u32>(cpu, load<u32>(cpu, FPU_SW) | kept, FPU_SW);
  return forbidden;
}

/** As signal, for a store to memory, which an unmasked overflow or underflow forbids too. */
export function signalStore(cpu: u32, flags: u32): bool {
  const late = flags & ~controlWord(cpu) & (OE | UE);
  if (late !== 0) flags &= ~(PE | C1);
  return signal(cpu, flags) || late !== 0;
}

/** Replaces C3 C2 C0 (and C1 by 0) by those in `codes`. */
export function setCondition(cpu: u32, codes: u32): void {
  store<u32>(cpu, (load<u32>(cpu, FPU_SW) & ~(0x4700 as u32)) | codes, FPU_SW);
}

/**
 * Stack underflow if ST(i) is empty.
 * @returns true if the instruction ends here; a masked underflow has put the default NaN into ST(destination)
 */
export function underflows(cpu: u32, i: u32, destination: u32): bool {
  if (!isEmpty(cpu, i)) return false;
  if (!signal(cpu, IE | SF)) writeRegister(cpu, destination, invalid());
  return true;
}

/** Signals v's exceptions and writes it to ST(i) unless they forbid it. */
export function writeResult(cpu: u32, i: u32, v: F80): void {
  if (!signal(cpu, flagsOf(v))) writeRegister(cpu, i, v);
}

/** Pushes v, with v's exceptions, or raises stack overflow. */
export function push(cpu: u32, v: F80): void {
  if (!isEmpty(cpu, 7)) {
    if (signal(cpu, IE | SF | C1)) return;
    v = invalid();
  } else {
    // Only an invalid operand prevents the push: an unmasked DE of a converted denormal does not
    signal(cpu, flagsOf(v));
    if ((flagsOf(v) & ~controlWord(cpu) & IE) !== 0) return;
  }
  store<u32>(cpu, physical(cpu, 7), FPU_TOP);
  writeRegister(cpu, 0, v);
}

/**
 * Stack faults of an instruction that replaces ST(0) and pushes a second result.
 * @returns true if the instruction ends here; a masked fault has left two default NaNs
 */
export function cannotReplaceAndPush(cpu: u32): bool {
  const overflow = !isEmpty(cpu, 7);
  if (!overflow && !isEmpty(cpu, 0)) return false;
  if (signal(cpu, IE | SF | (isEmpty(cpu, 0) ? 0 : C1))) return true;
  writeRegister(cpu, 0, invalid());
  store<u32>(cpu, physical(cpu, 7), FPU_TOP);
  writeRegister(cpu, 0, invalid());
  return true;
}

/** After cannotReplaceAndPush: writes both results unless an exception of either forbids it. */
export function replaceAndPush(cpu: u32, replacement: F80, pushed: F80): void {
  if (signal(cpu, flagsOf(replacement) | flagsOf(pushed))) return;
  writeRegister(cpu, 0, replacement);
  store<u32>(cpu, physical(cpu, 7), FPU_TOP);
  writeRegister(cpu, 0, pushed);
}

/** Sets ES and B from the present exceptions and masks. */
export function refreshSummary(cpu: u32): void {
  const status = load<u32>(cpu, FPU_SW) & ~(ES | BUSY);
  const pending = status & ~controlWord(cpu) & EXCEPTIONS;
  if (pending !== 0) setPending(cpu, status);
  else store<u32>(cpu, status, FPU_SW);
}

/** Writes `status` with ES and B. An error that did not wait yet is one that nobody has said is to be ignored. */
function setPending(cpu: u32, status: u32): void {
  if ((load<u32>(cpu, FPU_SW) & ES) === 0) store<u32>(cpu, 0, FPU_IGNNE);
  store<u32>(cpu, status | ES | BUSY, FPU_SW);
}

/** The two tag bits of physical register n: 0 valid, 1 zero, 2 special, 3 empty. */
export function fullTag(cpu: u32, n: u32): u32 {
  if (((load<u32>(cpu, FPU_TAG) >> n) & 1) !== 0) return 3;
  const slot = cpu + FPR + (n << 4);
  const exponent = (load<u16>(slot + 8) as u32) & MAX_EXPONENT;
  const significand = load<u64>(slot);
  if (exponent === 0 && significand === 0) return 1;
  return exponent === 0 || exponent === MAX_EXPONENT || (significand & INTEGER_BIT) === 0 ? 2 : 0;
}
