// Control instructions and the traps before an x87 or MMX instruction.
// Source: Intel SDM vol. 1 ch. 8.1, 8.3.13, 8.7, 9.6; vol. 2 of each instruction; vol. 3 ch. 13.1 (EM, MP, TS).

import {
  CR0,
  FPU_CS,
  FPU_CW,
  FPU_DP,
  FPU_DS,
  FPU_IGNNE,
  FPU_IP,
  FPU_OPCODE,
  FPU_SW,
  FPU_TAG,
  FPU_TOP,
  FPU_TRAP,
  VECTOR_FPU_ERROR,
} from '../../abi/layout.ts';
import { BUSY, C1, ES, EXCEPTIONS, SF } from '../f80/f80.ts';
import { raiseFault, refreshSummary } from './state.ts';

const CR0_MP: u32 = 2;
const CR0_EM: u32 = 4;
const CR0_TS: u32 = 8;
const CR0_NE: u32 = 0x20;
const VECTOR_UD: u32 = 6;
const VECTOR_NM: u32 = 7;
const VECTOR_MF: u32 = 16;

/** The exception of an earlier instruction: #MF, or with CR0.NE clear what the machine makes of it (vol. 1 ch. 8.7.2). */
function raisePending(cpu: u32): void {
  if ((load<u32>(cpu, FPU_SW) & ES) === 0) return;
  if ((load<u32>(cpu, CR0) & CR0_NE) !== 0) raiseFault(cpu, VECTOR_MF, 0);
  else if (load<u32>(cpu, FPU_IGNNE) === 0) raiseFault(cpu, VECTOR_FPU_ERROR, 0);
}

/** Before a waiting instruction. */
export function fpu_check(cpu: u32): void {
  if (load<u32>(cpu, FPU_TRAP) !== 0) raiseFault(cpu, VECTOR_NM, 0);
  else raisePending(cpu);
}

/** Before a non-waiting instruction, FXSAVE and FXRSTOR. */
export function fpu_check_nowait(cpu: u32): void {
  if (load<u32>(cpu, FPU_TRAP) !== 0) raiseFault(cpu, VECTOR_NM, 0);
}

export function fpu_wait(cpu: u32): void {
  const both = CR0_MP | CR0_TS;
  if ((load<u32>(cpu, CR0) & both) === both) raiseFault(cpu, VECTOR_NM, 0);
  else raisePending(cpu);
}

export function mmx_check(cpu: u32): void {
  const cr0 = load<u32>(cpu, CR0);
  if ((cr0 & CR0_EM) !== 0) raiseFault(cpu, VECTOR_UD, 0);
  else if ((cr0 & CR0_TS) !== 0) raiseFault(cpu, VECTOR_NM, 0);
  else raisePending(cpu);
}

/** What every MMX instruction but EMMS does to the x87 state, besides writing all ones to the exponent of its target. */
export function mmx_enter(cpu: u32): void {
  store<u32>(cpu, 0, FPU_TOP);
  store<u32>(cpu, 0, FPU_TAG);
}

export function emms(cpu: u32): void {
  store<u32>(cpu, 0, FPU_TOP);
  store<u32>(cpu, 0xff, FPU_TAG);
}

export function fpu_init(cpu: u32): void {
  store<u32>(cpu, 0x37f, FPU_CW);
  store<u32>(cpu, 0, FPU_SW);
  store<u32>(cpu, 0, FPU_TOP);
  store<u32>(cpu, 0xff, FPU_TAG);
  fpu_pointers(cpu, 0, 0, 0, 0, 0);
}

export function fpu_clex(cpu: u32): void {
  store<u32>(cpu, load<u32>(cpu, FPU_SW) & ~(EXCEPTIONS | SF | ES | BUSY), FPU_SW);
}

export function fpu_ldcw(cpu: u32, value: u32): void {
  loadControlWord(cpu, value);
  refreshSummary(cpu);
}

/** Bit 6 always reads as one, bits 7 and 13..15 as zero. */
export function loadControlWord(cpu: u32, value: u32): void {
  store<u32>(cpu, (value & 0x1f3f) | 0x40, FPU_CW);
}

export function fpu_stcw(cpu: u32): u32 {
  return load<u32>(cpu, FPU_CW);
}

export function fpu_stsw(cpu: u32): u32 {
  return load<u32>(cpu, FPU_SW) | (load<u32>(cpu, FPU_TOP) << 11);
}

export function fpu_incstp(cpu: u32): void {
  rotate(cpu, 1);
}

export function fpu_decstp(cpu: u32): void {
  rotate(cpu, 7);
}

function rotate(cpu: u32, by: u32): void {
  store<u32>(cpu, (load<u32>(cpu, FPU_TOP) + by) & 7, FPU_TOP);
  store<u32>(cpu, load<u32>(cpu, FPU_SW) & ~C1, FPU_SW);
}

/** FFREE ST(i), with a pop FFREEP. Processors clear C1. */
export function fpu_free(cpu: u32, i: u32, pops: u32): void {
  store<u32>(cpu, load<u32>(cpu, FPU_SW) & ~C1, FPU_SW);
  const top = load<u32>(cpu, FPU_TOP);
  store<u32>(cpu, load<u32>(cpu, FPU_TAG) | (1 << ((top + i) & 7)) | (pops << top), FPU_TAG);
  store<u32>(cpu, (top + pops) & 7, FPU_TOP);
}

/** FNOP, and the 8087's and 80287's FENI, FDISI, FSETPM. */
export function fpu_nop(_cpu: u32): void {}

/**
 * Last instruction and operand.
 * @param opcode eleven bits: low three of the first byte, then the modrm byte
 */
export function fpu_pointers(cpu: u32, opcode: u32, cs: u32, ip: u32, ds: u32, dp: u32): void {
  store<u32>(cpu, opcode & 0x7ff, FPU_OPCODE);
  store<u32>(cpu, cs & 0xffff, FPU_CS);
  store<u64>(cpu, ip, FPU_IP);
  store<u32>(cpu, ds & 0xffff, FPU_DS);
  store<u64>(cpu, dp, FPU_DP);
}
