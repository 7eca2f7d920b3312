// PUSHF, POPF, CLI, STI (Intel SDM vol. 2).

import { CPL, LEAVE, SHADOW, SHADOW_INTERRUPTS, SYSFLAGS } from '../../abi/layout.ts';
import { alignment_update } from '../memory/alignment.ts';
import { user_pages_update } from '../memory/user-pages.ts';
import { EFLAGS_IF, EFLAGS_RF, EFLAGS_TF, EFLAGS_VM } from '../state/control-bits.ts';
import { eflags_read, eflags_writable, eflags_write, io_privilege_level } from '../state/flags.ts';
import { leave_if_rung } from '../state/interrupt-window.ts';
import {
  flags_image_allowed,
  is_kept_from_flags,
  virtual_flag_change,
  virtual_flags_allowed,
  virtual_flags_read,
  virtual_flags_write,
} from './virtual-flags.ts';

/** What PUSHF pushes: VM and RF as 0. Raises #GP(0). */
export function pushf(cpu: usize, operandSize: u32): u32 {
  if (!flags_image_allowed(cpu, operandSize)) return 0;
  const flags = is_kept_from_flags(cpu) ? virtual_flags_read(cpu) : eflags_read(cpu);
  return flags & ~(EFLAGS_VM | EFLAGS_RF);
}

export function popf(cpu: usize, value: u32, operandSize: u32): void {
  if (!flags_image_allowed(cpu, operandSize)) return;
  if (is_kept_from_flags(cpu)) {
    if (virtual_flags_allowed(cpu, value)) virtual_flags_write(cpu, value);
    return;
  }
  const mask = eflags_writable(cpu, operandSize);
  eflags_write(cpu, value, mask);
  alignment_update(cpu);
  user_pages_update(cpu);
  if ((value & mask & EFLAGS_TF) !== 0) store<i32>(cpu, 1, LEAVE);
  if ((value & mask & EFLAGS_IF) !== 0) leave_if_rung(cpu);
}

function may_change_interrupt_flag(cpu: usize): bool {
  return load<u32>(cpu, CPL) <= io_privilege_level(cpu);
}

export function cli(cpu: usize): void {
  if (may_change_interrupt_flag(cpu)) store<u32>(cpu, load<u32>(cpu, SYSFLAGS) & ~EFLAGS_IF, SYSFLAGS);
  else virtual_flag_change(cpu, false);
}

export function sti(cpu: usize): void {
  if (!may_change_interrupt_flag(cpu)) {
    virtual_flag_change(cpu, true);
    return;
  }
  const flags = load<u32>(cpu, SYSFLAGS);
  if ((flags & EFLAGS_IF) !== 0) return;
  store<u32>(cpu, flags | EFLAGS_IF, SYSFLAGS);
  store<i32>(cpu, SHADOW_INTERRUPTS, SHADOW);
  leave_if_rung(cpu);
}
