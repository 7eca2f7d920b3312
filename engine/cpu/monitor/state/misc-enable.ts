// IA32_MISC_ENABLE (Intel SDM vol. 4 table 2-2): switches, most of them of things that this CPU does not have.

import { MSR_MISC_ENABLE } from '../../abi/layout.ts';
import { raise_gp } from './exceptions.ts';

const FAST_STRINGS: u64 = 1 << 0;
const THERMAL_CONTROL: u64 = 1 << 3;
const NO_BRANCH_TRACE_STORAGE: u64 = 1 << 11;
const NO_PRECISE_EVENT_SAMPLING: u64 = 1 << 12;
const ENHANCED_SPEEDSTEP: u64 = 1 << 16;
const MONITOR_FSM: u64 = 1 << 18;
export const MISC_ENABLE_LIMIT_CPUID: u64 = 1 << 22;
const XTPR_DISABLE: u64 = 1 << 23;
export const MISC_ENABLE_XD_DISABLE: u64 = (1 as u64) << 34;

/** Two of these have an effect; the others are kept as written. The rest of the register is read-only. */
const WRITABLE: u64 =
  FAST_STRINGS |
  THERMAL_CONTROL |
  ENHANCED_SPEEDSTEP |
  MONITOR_FSM |
  MISC_ENABLE_LIMIT_CPUID |
  XTPR_DISABLE |
  MISC_ENABLE_XD_DISABLE;

export const MISC_ENABLE_RESET: u64 = FAST_STRINGS | NO_BRANCH_TRACE_STORAGE | NO_PRECISE_EVENT_SAMPLING;

export function misc_enabled(cpu: usize, bit: u64): bool {
  return (load<u64>(cpu, MSR_MISC_ENABLE) & bit) !== 0;
}

/** Raises #GP(0) for a change of what is read-only. */
export function misc_enable_write(cpu: usize, value: u64): void {
  if (((value ^ load<u64>(cpu, MSR_MISC_ENABLE)) & ~WRITABLE) !== 0) raise_gp(cpu, 0);
  else store<u64>(cpu, value, MSR_MISC_ENABLE);
}
