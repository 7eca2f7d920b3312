// IRET: same level, outer level, virtual-8086 mode, nested task (Intel SDM vol. 2 IRET/IRETD; vol. 3 §20.2.5).

import { CPL, SEG_CS, SEG_DS, SEG_ES, SEG_FS, SEG_GS, SEG_SS, SYSFLAGS } from '../../abi/layout.ts';
import { alignment_update } from '../memory/alignment.ts';
import { user_pages_update } from '../memory/user-pages.ts';
import { rpl } from '../segments/descriptors.ts';
import { mode_update } from '../segments/mode.ts';
import { segment_store_real } from '../segments/segments.ts';
import { stack_slot } from '../segments/stack.ts';
import { EFLAGS_IOPL, EFLAGS_NT, EFLAGS_VIF, EFLAGS_VIP, EFLAGS_VM } from '../state/control-bits.ts';
import { faulted, raise_gp } from '../state/exceptions.ts';
import { eflags_write, in_protected_mode, in_vm86, iret_writable } from '../state/flags.ts';
import { nmi_unblock } from '../state/interrupt-window.ts';
import { instruction_pointer_write, stack_mask, stack_pointer, stack_pointer_write } from '../state/registers.ts';
import { real_code_enter, real_target_check } from '../transfers/far-jump.ts';
import { return_outer_level, return_same_level, return_target_read } from '../transfers/far-return.ts';
import { task_switch_return } from '../transfers/task-switch.ts';
import {
  flags_image_allowed,
  is_kept_from_flags,
  virtual_flags_allowed,
  virtual_flags_write,
} from './virtual-flags.ts';

/** All that IRET to virtual-8086 mode takes from the stack: every defined flag but RF. */
const VM86_RETURN_FLAGS: u32 = 0x003e7fd5;

/** `next` becomes the saved EIP of a nested task that ends here. */
export function interrupt_return(cpu: usize, operandSize: u32, next: u32): void {
  nmi_unblock(cpu);
  if (!in_protected_mode(cpu)) {
    return_real(cpu, operandSize);
    return;
  }
  if ((load<u32>(cpu, SYSFLAGS) & EFLAGS_NT) !== 0) {
    task_switch_return(cpu, next);
    return;
  }
  const ip = stack_slot(cpu, 0, operandSize);
  const selector = stack_slot(cpu, 1, operandSize) & 0xffff;
  const flags = stack_slot(cpu, 2, operandSize);
  if (faulted(cpu)) return;
  if (operandSize === 4 && (flags & EFLAGS_VM) !== 0 && load<u32>(cpu, CPL) === 0) {
    return_vm86(cpu, selector, ip, flags);
    return;
  }
  const descriptor = return_target_read(cpu, selector, ip);
  if (faulted(cpu)) return;
  // Which flags may change is decided by the level that executes the IRET.
  const virtual: u32 = operandSize === 4 && load<u32>(cpu, CPL) === 0 ? EFLAGS_VIF | EFLAGS_VIP : 0;
  const writable = iret_writable(cpu, operandSize) | virtual;
  let done: bool;
  if (rpl(selector) === load<u32>(cpu, CPL)) {
    done = return_same_level(cpu, selector, descriptor, ip, stack_pointer(cpu) + 3 * operandSize);
  } else {
    const pointer = stack_slot(cpu, 3, operandSize);
    const stackSelector = stack_slot(cpu, 4, operandSize) & 0xffff;
    if (faulted(cpu)) return;
    done = return_outer_level(cpu, selector, descriptor, ip, stackSelector, pointer);
  }
  if (!done) return;
  eflags_write(cpu, flags, writable);
  alignment_update(cpu);
  user_pages_update(cpu);
}

/** Real mode, and virtual-8086 mode, which keeps its IOPL, and below IOPL 3 its IF. */
function return_real(cpu: usize, size: u32): void {
  if (!flags_image_allowed(cpu, size)) return;
  const ip = stack_slot(cpu, 0, size);
  const selector = stack_slot(cpu, 1, size) & 0xffff;
  const flags = stack_slot(cpu, 2, size);
  if (faulted(cpu) || !real_target_check(cpu, ip)) return;
  const kept = is_kept_from_flags(cpu);
  if (kept && !virtual_flags_allowed(cpu, flags)) return;
  stack_pointer_write(cpu, stack_mask(cpu), stack_pointer(cpu) + 3 * size);
  const writable = iret_writable(cpu, size);
  if (kept) virtual_flags_write(cpu, flags);
  else eflags_write(cpu, flags, in_vm86(cpu) ? writable & ~EFLAGS_IOPL : writable);
  real_code_enter(cpu, selector, ip);
}

function return_vm86(cpu: usize, selector: u32, ip: u32, flags: u32): void {
  const pointer = stack_slot(cpu, 3, 4);
  const ss = stack_slot(cpu, 4, 4) & 0xffff;
  const es = stack_slot(cpu, 5, 4) & 0xffff;
  const ds = stack_slot(cpu, 6, 4) & 0xffff;
  const fs = stack_slot(cpu, 7, 4) & 0xffff;
  const gs = stack_slot(cpu, 8, 4) & 0xffff;
  if (faulted(cpu)) return;
  if (ip > 0xffff) {
    raise_gp(cpu, 0);
    return;
  }
  eflags_write(cpu, flags, VM86_RETURN_FLAGS);
  store<u32>(cpu, 3, CPL);
  segment_store_real(cpu, SEG_CS, selector);
  segment_store_real(cpu, SEG_SS, ss);
  segment_store_real(cpu, SEG_ES, es);
  segment_store_real(cpu, SEG_DS, ds);
  segment_store_real(cpu, SEG_FS, fs);
  segment_store_real(cpu, SEG_GS, gs);
  stack_pointer_write(cpu, 0xffffffff, pointer);
  mode_update(cpu);
  instruction_pointer_write(cpu, ip);
}
