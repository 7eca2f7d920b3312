// Recording of exceptions. An instruction that faults only notes it here; the dispatcher delivers it later with RIP at the
// instruction. The first exception of an instruction wins.

import {
  ABSENT_PAGE,
  AWAITED_PAGE,
  CR2,
  EXC_ERROR,
  EXC_HAS_ERROR,
  EXC_VECTOR,
  FAULT,
  VECTOR_ABSENT,
  VECTOR_FPU_ERROR,
} from '../../abi/layout.ts';

export const VECTOR_DE: u32 = 0;
export const VECTOR_DB: u32 = 1;
export const VECTOR_NMI: u32 = 2;
export const VECTOR_BP: u32 = 3;
export const VECTOR_OF: u32 = 4;
export const VECTOR_BR: u32 = 5;
export const VECTOR_UD: u32 = 6;
export const VECTOR_NM: u32 = 7;
export const VECTOR_DF: u32 = 8;
export const VECTOR_TS: u32 = 10;
export const VECTOR_NP: u32 = 11;
export const VECTOR_SS: u32 = 12;
export const VECTOR_GP: u32 = 13;
export const VECTOR_PF: u32 = 14;
export const VECTOR_AC: u32 = 17;

export function faulted(cpu: usize): bool {
  return load<i32>(cpu, FAULT) !== 0;
}

/** Exported to generated code. `error` counts only if `hasError`. */
export function raise(cpu: usize, vector: u32, error: u32, hasError: u32): void {
  if (faulted(cpu)) return;
  store<i32>(cpu, 1, FAULT);
  store<u32>(cpu, vector, EXC_VECTOR);
  store<u32>(cpu, error, EXC_ERROR);
  store<u32>(cpu, hasError, EXC_HAS_ERROR);
}

export function raise_gp(cpu: usize, error: u32): void {
  raise(cpu, VECTOR_GP, error, 1);
}

export function raise_ss(cpu: usize, error: u32): void {
  raise(cpu, VECTOR_SS, error, 1);
}

export function raise_ts(cpu: usize, error: u32): void {
  raise(cpu, VECTOR_TS, error, 1);
}

export function raise_np(cpu: usize, error: u32): void {
  raise(cpu, VECTOR_NP, error, 1);
}

export function raise_pf(cpu: usize, linear: u32, error: u32): void {
  if (faulted(cpu)) return;
  store<u64>(cpu, linear as u64, CR2);
  raise(cpu, VECTOR_PF, error, 1);
}

/** Has the instruction met an absent page of memory? */
export function is_page_absent(cpu: usize): bool {
  return load<u32>(cpu, ABSENT_PAGE) !== 0;
}

/** Leaves the instruction, or the delivery of an event, for the page just asked for: like an exception, but the guest's handler does not run. */
export function raise_absent(cpu: usize): void {
  if (!faulted(cpu)) store<u32>(cpu, load<u32>(cpu, ABSENT_PAGE), AWAITED_PAGE);
  store<u32>(cpu, 0, ABSENT_PAGE);
  raise(cpu, VECTOR_ABSENT, 0, 0);
}

/** Is that what has been raised? */
export function awaits_page(cpu: usize): bool {
  return faulted(cpu) && load<u32>(cpu, EXC_VECTOR) === (VECTOR_ABSENT as u32);
}

/** Has an instruction met an x87 error that is the machine's to report? */
export function awaits_fpu_interrupt(cpu: usize): bool {
  return faulted(cpu) && load<u32>(cpu, EXC_VECTOR) === (VECTOR_FPU_ERROR as u32);
}

export function undefined_opcode(cpu: usize): void {
  raise(cpu, VECTOR_UD, 0, 0);
}
