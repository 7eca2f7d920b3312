// EFLAGS: the arithmetic flags in their lazy and canonical forms (cpu/abi/layout.ts, cpu/abi/flag-kinds.ts), the system flags, and
// who may change which of them (Intel SDM vol. 1 §3.4.3; vol. 2 POPF, IRET).

import {
  KIND_ADC,
  KIND_ADD,
  KIND_CANONICAL,
  KIND_DEC,
  KIND_INC,
  KIND_LOGIC,
  KIND_OPERATION_MASK,
  KIND_SBB,
  KIND_SIZE_SHIFT,
  KIND_SUB,
} from '../../abi/flag-kinds.ts';
import {
  AUX_AF,
  AUX_CF,
  AUX_CF_OF,
  AUX_SF,
  CPL,
  CR0,
  F_A,
  F_B,
  F_KIND,
  F_R,
  SYSFLAGS,
  WATCH,
  WATCH_EXECUTION,
} from '../../abi/layout.ts';
import {
  CR0_PE,
  EFLAGS_AC,
  EFLAGS_AF,
  EFLAGS_ARITHMETIC,
  EFLAGS_CF,
  EFLAGS_DF,
  EFLAGS_FIXED,
  EFLAGS_ID,
  EFLAGS_IF,
  EFLAGS_IOPL,
  EFLAGS_NT,
  EFLAGS_OF,
  EFLAGS_PF,
  EFLAGS_RF,
  EFLAGS_SF,
  EFLAGS_TF,
  EFLAGS_VM,
  EFLAGS_ZF,
} from './control-bits.ts';

/** aux of the canonical form for the lazy state (kind, a, b, r). */
export function flags_aux(_cpu: usize, kind: u32, a: u32, b: u32, r: u32): u32 {
  const operation = kind & KIND_OPERATION_MASK;
  const unusedBits: u32 = 32 - (8 << (kind >>> KIND_SIZE_SHIFT));
  // Bit n of the vector is the carry or borrow out of bit n.
  let carries: u32 = 0;
  switch (operation) {
    case KIND_CANONICAL:
      return a;
    case KIND_LOGIC:
      return 0;
    case KIND_ADD:
    case KIND_ADC:
      carries = (a & b) | ((a | b) & ~r);
      break;
    case KIND_SUB:
    case KIND_SBB:
      carries = (~a & b) | ((~a | b) & r);
      break;
    case KIND_INC:
    case KIND_DEC: {
      const before = operation === KIND_INC ? r - 1 : r + 1;
      carries = operation === KIND_INC ? (before & 1) | ((before | 1) & ~r) : (~before & 1) | ((~before | 1) & r);
      const top = carries << unusedBits;
      const overflow = (top ^ (top << 1)) & (AUX_CF as u32);
      const carry = b & (AUX_CF as u32);
      return carry | ((carry ^ overflow) >>> 1) | (carries & AUX_AF);
    }
    default:
      unreachable();
  }
  return ((carries << unusedBits) & ((AUX_CF as u32) | AUX_CF_OF)) | (carries & AUX_AF);
}

export function flags_canonical(cpu: usize): void {
  const kind = load<u32>(cpu, F_KIND);
  if (kind === KIND_CANONICAL) return;
  const aux = flags_aux(cpu, kind, load<u32>(cpu, F_A), load<u32>(cpu, F_B), load<u32>(cpu, F_R));
  store<u32>(cpu, aux, F_A);
  store<u32>(cpu, KIND_CANONICAL, F_KIND);
}

/** Sets the flags of the operation `kind` on a and b with result r (sign-extended). */
export function flags_set_result(cpu: usize, kind: u32, a: u32, b: u32, r: u32): void {
  store<u32>(cpu, flags_aux(cpu, kind, a, b, r), F_A);
  store<u32>(cpu, r, F_R);
  store<u32>(cpu, KIND_CANONICAL, F_KIND);
}

function arithmetic_read(cpu: usize): u32 {
  const aux = load<u32>(cpu, F_A);
  const r = load<u32>(cpu, F_R);
  let flags: u32 = aux >>> 31;
  if ((popcnt<u32>((r ^ (aux >>> 8)) & 0xff) & 1) === 0) flags |= EFLAGS_PF;
  if ((aux & AUX_AF) !== 0) flags |= EFLAGS_AF;
  if (r === 0) flags |= EFLAGS_ZF;
  if (((r >>> 31) ^ (aux & AUX_SF)) !== 0) flags |= EFLAGS_SF;
  if (((aux ^ (aux << 1)) & (AUX_CF as u32)) !== 0) flags |= EFLAGS_OF;
  return flags;
}

function arithmetic_write(cpu: usize, flags: u32): void {
  const r: u32 = (flags & EFLAGS_ZF) !== 0 ? 0 : 1;
  const parityByte = r ^ ((flags & EFLAGS_PF) !== 0 ? 0 : 1);
  let aux: u32 = parityByte << 8;
  const carry = flags & EFLAGS_CF;
  const overflow = (flags & EFLAGS_OF) !== 0 ? 1 : 0;
  if (carry !== 0) aux |= AUX_CF as u32;
  if (carry !== (overflow as u32)) aux |= AUX_CF_OF;
  if ((flags & EFLAGS_AF) !== 0) aux |= AUX_AF;
  if ((flags & EFLAGS_SF) !== 0) aux |= AUX_SF;
  store<u32>(cpu, r, F_R);
  store<u32>(cpu, aux, F_A);
  store<u32>(cpu, KIND_CANONICAL, F_KIND);
}

export function zero_flag_write(cpu: usize, zero: bool): void {
  const flags = arithmetic_read(cpu) & ~EFLAGS_ZF;
  arithmetic_write(cpu, zero ? flags | EFLAGS_ZF : flags);
}

/** All of EFLAGS, VM included, without PUSHF's check. The arithmetic flags must be canonical. */
export function eflags_read(cpu: usize): u32 {
  return load<u32>(cpu, SYSFLAGS) | arithmetic_read(cpu) | EFLAGS_FIXED;
}

/** Replaces the bits of `mask`; the system flags of the mask include VM: mode_update is the caller's business. */
export function eflags_write(cpu: usize, value: u32, mask: u32): void {
  if ((mask & EFLAGS_ARITHMETIC) !== 0) {
    const kept = (mask & EFLAGS_ARITHMETIC) === EFLAGS_ARITHMETIC ? 0 : arithmetic_read(cpu) & ~mask;
    arithmetic_write(cpu, (value & mask) | kept);
  }
  const system = mask & ~EFLAGS_ARITHMETIC;
  store<u32>(cpu, (load<u32>(cpu, SYSFLAGS) & ~system) | (value & system) | EFLAGS_FIXED, SYSFLAGS);
}

export function io_privilege_level(cpu: usize): u32 {
  return (load<u32>(cpu, SYSFLAGS) & EFLAGS_IOPL) >>> 12;
}

export function in_vm86(cpu: usize): bool {
  return (load<u32>(cpu, SYSFLAGS) & EFLAGS_VM) !== 0;
}

export function in_protected_mode(cpu: usize): bool {
  return (load<u32>(cpu, CR0) & CR0_PE) !== 0 && !in_vm86(cpu);
}

/** The bits that POPF and IRET may change at the current CPL with this operand size (2 or 4). VM and RF are not among them. */
export function eflags_writable(cpu: usize, operandSize: u32): u32 {
  let mask = EFLAGS_ARITHMETIC | EFLAGS_TF | EFLAGS_DF | EFLAGS_NT | EFLAGS_AC | EFLAGS_ID;
  const cpl = load<u32>(cpu, CPL);
  if (cpl === 0) mask |= EFLAGS_IOPL;
  if (cpl <= io_privilege_level(cpu)) mask |= EFLAGS_IF;
  return operandSize === 2 ? mask & 0xffff : mask;
}

/** What IRET may change: RF too. It only holds back instruction breakpoints, so it is kept only while there are any. */
export function iret_writable(cpu: usize, operandSize: u32): u32 {
  const mask = eflags_writable(cpu, operandSize);
  const resumes = operandSize === 4 && (load<u32>(cpu, WATCH) & WATCH_EXECUTION) !== 0;
  return resumes ? mask | EFLAGS_RF : mask;
}
