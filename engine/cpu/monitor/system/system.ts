// System instructions that fit nowhere else: descriptor-table registers, INVLPG, WBINVD, HLT, and what counts as undefined.

import {
  GDTR_BASE,
  GDTR_LIMIT,
  IDTR_BASE,
  IDTR_LIMIT,
  N_HALTS,
  N_UNDEFINED,
  RUN_HALTED,
  RUN_STATE,
  SEG_CS,
} from '../../abi/layout.ts';
import { tlb_flush_page } from '../memory/tlb.ts';
import { count } from '../state/counters.ts';
import { undefined_opcode } from '../state/exceptions.ts';
import { not_implemented as host_not_implemented } from '../state/host.ts';
import { segment_base } from '../state/segment-cache.ts';
import { is_supervisor } from './privilege.ts';

/** LGDT (`which` 0) and LIDT (1). The operand size has been applied to `base` already. */
export function ldt_table(cpu: usize, which: u32, base: u32, limit: u32): void {
  if (!is_supervisor(cpu)) return;
  if (which === 0) {
    store<u64>(cpu, base as u64, GDTR_BASE);
    store<u32>(cpu, limit & 0xffff, GDTR_LIMIT);
  } else {
    store<u64>(cpu, base as u64, IDTR_BASE);
    store<u32>(cpu, limit & 0xffff, IDTR_LIMIT);
  }
}

export function invlpg(cpu: usize, linear: u32): void {
  if (is_supervisor(cpu)) tlb_flush_page(cpu, linear);
}

/** INVD and WBINVD: memory is always coherent here, only the privilege remains. */
export function wbinvd(cpu: usize): void {
  is_supervisor(cpu);
}

export function halt(cpu: usize): void {
  if (!is_supervisor(cpu)) return;
  count(cpu, N_HALTS);
  store<i32>(cpu, RUN_HALTED, RUN_STATE);
}

/** #UD for an instruction of an extension that this CPU does not have; the host learns which. Its address is exact to the block. */
export function not_implemented(cpu: usize, opcode: i32, address: u32): void {
  count(cpu, N_UNDEFINED);
  host_not_implemented(opcode, segment_base(cpu, SEG_CS) + address);
  undefined_opcode(cpu);
}
