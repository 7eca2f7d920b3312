// SYSENTER and SYSEXIT (Intel SDM vol. 2; vol. 3 §5.8.7): flat segments by fiat, no descriptor is read.

import {
  CPL,
  MSR_SYSENTER_CS,
  MSR_SYSENTER_EIP,
  MSR_SYSENTER_ESP,
  RCX,
  RDX,
  RSP,
  SEG_CS,
  SEG_SS,
} from '../../abi/layout.ts';
import { mode_update } from '../segments/mode.ts';
import { EFLAGS_IF, EFLAGS_VM } from '../state/control-bits.ts';
import { FEATURE_SEP, features } from '../state/cpu-features.ts';
import { raise_gp, undefined_opcode } from '../state/exceptions.ts';
import { eflags_write, in_protected_mode, in_vm86 } from '../state/flags.ts';
import { instruction_pointer_write } from '../state/registers.ts';
import { ATTR_ACCESSED, ATTR_CODE, ATTR_DB, ATTR_P, ATTR_RW, ATTR_S, segment_store } from '../state/segment-cache.ts';

const ATTR_G: u32 = 0x8000;
const FLAT_DATA: u32 = ATTR_P | ATTR_S | ATTR_RW | ATTR_ACCESSED | ATTR_DB | ATTR_G;
const FLAT_CODE: u32 = FLAT_DATA | ATTR_CODE;
const DPL_3: u32 = 0x60;

/** Bit 0 and 1 of the selectors are the level's, whatever the MSR says. */
function enter_flat(cpu: usize, codeSelector: u32, stackSelector: u32, level: u32): void {
  const dpl = level === 3 ? DPL_3 : 0;
  segment_store(cpu, SEG_CS, (codeSelector & 0xfffc) | level, 0, 0xffffffff, FLAT_CODE | dpl);
  segment_store(cpu, SEG_SS, (stackSelector & 0xfffc) | level, 0, 0xffffffff, FLAT_DATA | dpl);
  store<u32>(cpu, level, CPL);
  mode_update(cpu);
}

/** Raises #UD without the feature. */
function exists(cpu: usize): bool {
  if ((features(cpu) & FEATURE_SEP) !== 0) return true;
  undefined_opcode(cpu);
  return false;
}

export function sysenter(cpu: usize): void {
  if (!exists(cpu)) return;
  const selector = load<u32>(cpu, MSR_SYSENTER_CS);
  if ((!in_protected_mode(cpu) && !in_vm86(cpu)) || (selector & 0xfffc) === 0) {
    raise_gp(cpu, 0);
    return;
  }
  eflags_write(cpu, 0, EFLAGS_VM | EFLAGS_IF);
  enter_flat(cpu, selector, selector + 8, 0);
  store<u64>(cpu, load<u64>(cpu, MSR_SYSENTER_ESP), RSP);
  instruction_pointer_write(cpu, load<u32>(cpu, MSR_SYSENTER_EIP));
}

/** To EDX on the stack at ECX. Only operand size 4 exists outside of 64-bit mode. */
export function sysexit(cpu: usize, operandSize: u32): void {
  if (!exists(cpu)) return;
  const selector = load<u32>(cpu, MSR_SYSENTER_CS);
  if (!in_protected_mode(cpu) || load<u32>(cpu, CPL) !== 0 || (selector & 0xfffc) === 0 || operandSize === 8) {
    raise_gp(cpu, 0);
    return;
  }
  enter_flat(cpu, selector + 16, selector + 24, 3);
  store<u64>(cpu, load<u32>(cpu, RCX) as u64, RSP);
  instruction_pointer_write(cpu, load<u32>(cpu, RDX));
}
