// Alignment checks (Intel SDM vol. 3 §6.15, interrupt 17): in force at CPL 3 with CR0.AM and EFLAGS.AC. While they are, the user
// TLB stays empty, so that every access of an instruction comes through memory.ts; what the CPU does by itself is not checked. An operand
// of several parts has one alignment, checked before any of them is touched.

import { CPL, CR0, LEAVE, SYSFLAGS, WATCH, WATCH_ALIGNMENT } from '../../abi/layout.ts';
import { CR0_AM, EFLAGS_AC } from '../state/control-bits.ts';
import { raise, VECTOR_AC } from '../state/exceptions.ts';
import { tlb_flush } from './tlb.ts';

/** To be called when CPL, CR0.AM or EFLAGS.AC may have changed. */
export function alignment_update(cpu: usize): void {
  const asked = (load<u32>(cpu, SYSFLAGS) & EFLAGS_AC) !== 0 && (load<u32>(cpu, CR0) & CR0_AM) !== 0;
  const inForce = asked && load<u32>(cpu, CPL) === 3;
  const watch = load<u32>(cpu, WATCH);
  if (inForce === ((watch & WATCH_ALIGNMENT) !== 0)) return;
  store<u32>(cpu, watch ^ WATCH_ALIGNMENT, WATCH);
  if (inForce) tlb_flush(cpu, 1);
  store<i32>(cpu, 1, LEAVE);
}

/** Raises #AC(0) for an access that is not at a multiple of `alignment`, a power of 2. */
export function alignment_check(cpu: usize, linear: u32, alignment: u32): void {
  if ((load<u32>(cpu, WATCH) & WATCH_ALIGNMENT) !== 0 && (linear & (alignment - 1)) !== 0) raise(cpu, VECTOR_AC, 0, 1);
}
