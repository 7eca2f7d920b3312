// INT n in virtual-8086 mode (Intel SDM vol. 3 §20.3.3): with CR4.VME some go to the 8086 program's own handlers.

import { CR4, SEG_CS, SEG_SS } from '../../abi/layout.ts';
import { linear_read } from '../memory/memory.ts';
import { ACCESS_IMPLICIT, ACCESS_USER } from '../memory/paging.ts';
import { mode_update } from '../segments/mode.ts';
import { segment_store_real } from '../segments/segments.ts';
import { stack_check, stack_push } from '../segments/stack.ts';
import { interrupt_redirected } from '../segments/tss.ts';
import { CR4_VME, EFLAGS_IF, EFLAGS_TF, EFLAGS_VIF } from '../state/control-bits.ts';
import { faulted, raise_gp } from '../state/exceptions.ts';
import { eflags_read, eflags_write, io_privilege_level } from '../state/flags.ts';
import { instruction_pointer_write, stack_mask, stack_pointer, stack_pointer_write } from '../state/registers.ts';
import { segment_attr, segment_base, segment_limit, segment_selector } from '../state/segment-cache.ts';
import { is_kept_from_flags, virtual_flags_read } from './virtual-flags.ts';

/**
 * True if the 8086 program's own handler has been entered, or an exception raised. False: it goes
 * through the IDT.
 */
export function interrupt_in_vm86(cpu: usize, vector: u32, next: u32): bool {
  if ((load<u32>(cpu, CR4) & CR4_VME) !== 0) {
    const redirected = interrupt_redirected(cpu, vector);
    if (faulted(cpu)) return true;
    if (redirected) {
      enter_8086(cpu, vector, next);
      return true;
    }
  }
  if (io_privilege_level(cpu) === 3) return false;
  raise_gp(cpu, 0);
  return true;
}

/** By the interrupt vector table at linear address 0. */
function enter_8086(cpu: usize, vector: u32, next: u32): void {
  const target = linear_read<u32>(cpu, vector << 2, ACCESS_IMPLICIT);
  if (faulted(cpu)) return;
  const kept = is_kept_from_flags(cpu);
  const flags = kept ? virtual_flags_read(cpu) : eflags_read(cpu);
  const base = segment_base(cpu, SEG_SS);
  const mask = stack_mask(cpu);
  let pointer = stack_pointer(cpu);
  if (
    !stack_check(cpu, base, segment_limit(cpu, SEG_SS), segment_attr(cpu, SEG_SS), mask, pointer, 6, 2, 0, ACCESS_USER)
  )
    return;
  pointer = stack_push(cpu, base, mask, pointer, 2, flags, ACCESS_USER);
  pointer = stack_push(cpu, base, mask, pointer, 2, segment_selector(cpu, SEG_CS), ACCESS_USER);
  pointer = stack_push(cpu, base, mask, pointer, 2, next, ACCESS_USER);
  stack_pointer_write(cpu, mask, pointer);
  eflags_write(cpu, 0, EFLAGS_TF | (kept ? EFLAGS_VIF : EFLAGS_IF));
  segment_store_real(cpu, SEG_CS, target >>> 16);
  mode_update(cpu);
  instruction_pointer_write(cpu, target & 0xffff);
}
