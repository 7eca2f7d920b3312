// Hardware task switches (Intel SDM vol. 3 §7.3): through JMP, CALL, task gates in the IDT, and IRET with NT set.
//
// The order of the manual matters: up to the commit point a fault belongs to the old task; after it (loading the new
// task's segments, task-segments.ts) to the new one. Both kinds are raised as usual; RIP says which task has it.
//
// An absent page is an exception of neither task: a switch that meets one, at whatever step, is undone and restarts when the
// page is there. What stays of it, in the old TSS and the link field, is then written again with the same values.

import { CR0, CR3, DR, FAULT, SEG_TR, TASK_UNDO, TASK_UNDO_BUSY, TASK_UNDO_FREE } from '../../abi/layout.ts';
import { breakpoints_update } from '../memory/breakpoints.ts';
import { linear_probe, linear_read, linear_write } from '../memory/memory.ts';
import { ACCESS_IMPLICIT, ACCESS_WRITE } from '../memory/paging.ts';
import { tlb_flush } from '../memory/tlb.ts';
import {
  descriptor_attr,
  descriptor_base,
  descriptor_exists,
  descriptor_limit,
  descriptor_probe_write,
  descriptor_read_existing,
  descriptor_write_type,
  is_null,
  SELECTOR_MASK,
  SELECTOR_TI,
  TYPE_TSS16,
  TYPE_TSS32,
} from '../segments/descriptors.ts';
import { mode_update } from '../segments/mode.ts';
import { task_register_store } from '../segments/segments.ts';
import { tss_is_32bit } from '../segments/tss.ts';
import {
  TSS_LINK,
  TSS16_FLAGS,
  TSS16_GPR,
  TSS16_IP,
  TSS16_LDT,
  TSS16_SEGMENTS,
  TSS16_SIZE,
  TSS32_CR3,
  TSS32_EFLAGS,
  TSS32_EIP,
  TSS32_GPR,
  TSS32_LDT,
  TSS32_SEGMENTS,
  TSS32_SIZE,
  TSS32_TRAP,
} from '../segments/tss-layout.ts';
import { CR0_PG, CR0_TS, EFLAGS_NT } from '../state/control-bits.ts';
import { awaits_page, faulted, raise, raise_gp, raise_np, raise_ts, VECTOR_DB } from '../state/exceptions.ts';
import { eflags_read, eflags_write } from '../state/flags.ts';
import { instruction_pointer_write, register_read, register_write } from '../state/registers.ts';
import { ATTR_P, ATTR_S, ATTR_TYPE, segment_base, segment_selector } from '../state/segment-cache.ts';
import { cr3_load } from '../system/control-registers.ts';
import { task_segments_load } from './task-segments.ts';

export const TASK_JUMP: u32 = 0;
export const TASK_CALL: u32 = 1;
/** As CALL, for an event. */
export const TASK_INTERRUPT: u32 = 2;
const TASK_RETURN: u32 = 3;

/** What stands before the run state. */
const REGISTERS_SIZE: usize = FAULT;

/** In the type of a TSS descriptor. */
const BUSY: u32 = 2;
const DR6: usize = DR + 6 * 8;
const DR7: usize = DR + 7 * 8;
/** L0 to L3, and LE. */
const DR7_LOCAL: u32 = 0x155;
/** A task switch to a TSS with the T bit. */
const DR6_BT: u64 = 0x8000;
/** Every defined flag but RF. */
const ALL_FLAGS: u32 = 0x003e7fd5;

/** Switches to the task that a task gate names. Raises #GP, #NP with the TSS selector. */
export function task_switch_through_gate(cpu: usize, selector: u32, cause: u32, next: u32, external: u32): void {
  const error = (selector & SELECTOR_MASK) | external;
  if (is_null(selector) || (selector & SELECTOR_TI) !== 0 || !descriptor_exists(cpu, selector)) {
    raise_gp(cpu, error);
    return;
  }
  const descriptor = descriptor_read_existing(cpu, selector);
  if (faulted(cpu)) return;
  const attr = descriptor_attr(descriptor);
  if (!is_tss(attr) || (attr & BUSY) !== 0) raise_gp(cpu, error);
  else if ((attr & ATTR_P) === 0) raise_np(cpu, error);
  else task_switch(cpu, selector, descriptor, cause, next, external);
}

/** IRET with NT set: back to the task of the link field, saving `next` as EIP. Raises #TS with its selector. */
export function task_switch_return(cpu: usize, next: u32): void {
  const selector = linear_read<u16>(cpu, segment_base(cpu, SEG_TR) + TSS_LINK, ACCESS_IMPLICIT) as u32;
  if (faulted(cpu)) return;
  if (is_null(selector) || (selector & SELECTOR_TI) !== 0 || !descriptor_exists(cpu, selector)) {
    raise_ts(cpu, selector & SELECTOR_MASK);
    return;
  }
  const descriptor = descriptor_read_existing(cpu, selector);
  if (faulted(cpu)) return;
  const attr = descriptor_attr(descriptor);
  if (!is_tss(attr) || (attr & BUSY) === 0) raise_ts(cpu, selector & SELECTOR_MASK);
  else if ((attr & ATTR_P) === 0) raise_np(cpu, selector & SELECTOR_MASK);
  else task_switch(cpu, selector, descriptor, TASK_RETURN, next, 0);
}

function is_tss(attr: u32): bool {
  const type = attr & (ATTR_S | ATTR_TYPE) & ~BUSY;
  return type === TYPE_TSS16 || type === TYPE_TSS32;
}

/** Switches to the task of a present TSS. `next` is saved as the old task's EIP. Raises #TS, #PF. */
export function task_switch(cpu: usize, selector: u32, descriptor: u64, cause: u32, next: u32, external: u32): void {
  const type = descriptor_attr(descriptor) & ATTR_TYPE & ~BUSY;
  const wide = type === TYPE_TSS32;
  const size = wide ? TSS32_SIZE : TSS16_SIZE;
  if (descriptor_limit(descriptor) < size - 1) {
    raise_ts(cpu, (selector & SELECTOR_MASK) | external);
    return;
  }
  const base = descriptor_base(descriptor);
  const nests = cause === TASK_CALL || cause === TASK_INTERRUPT;
  const oldSelector = segment_selector(cpu, SEG_TR);
  if (!both_reachable(cpu, base, size, nests)) return;
  if (!nests) descriptor_probe_write(cpu, oldSelector);
  if (!faulted(cpu) && cause !== TASK_RETURN) descriptor_probe_write(cpu, selector);
  if (faulted(cpu)) return;

  memory.copy(cpu + TASK_UNDO, cpu, REGISTERS_SIZE);
  store<u32>(cpu, nests ? 0 : oldSelector, TASK_UNDO_BUSY);
  store<u32>(cpu, cause === TASK_RETURN ? 0 : selector, TASK_UNDO_FREE);
  if (!nests) mark_busy(cpu, oldSelector, false);
  // The old task's flags keep NT unless it ends here.
  const flags = eflags_read(cpu);
  save_state(cpu, next, cause === TASK_RETURN ? flags & ~EFLAGS_NT : flags);
  if (nests) linear_write<u16>(cpu, base + TSS_LINK, oldSelector as u16, ACCESS_IMPLICIT);
  if (cause !== TASK_RETURN) mark_busy(cpu, selector, true);

  // Commit: from here on the machine is the new task's.
  task_register_store(cpu, selector, descriptor);
  store<u32>(cpu, load<u32>(cpu, CR0) | CR0_TS, CR0);
  forget_local_breakpoints(cpu);
  load_state(cpu, base, wide, nests, external);
  if (wide && !faulted(cpu) && (linear_read<u16>(cpu, base + TSS32_TRAP, ACCESS_IMPLICIT) & 1) !== 0) {
    store<u64>(cpu, load<u64>(cpu, DR6) | DR6_BT, DR6);
    raise(cpu, VECTOR_DB, 0, 0);
  }
  task_switch_undo_if_absent(cpu);
}

/** If a page was absent, all that the switch has done so far is undone. */
export function task_switch_undo_if_absent(cpu: usize): void {
  if (!awaits_page(cpu)) return;
  memory.copy(cpu, cpu + TASK_UNDO, REGISTERS_SIZE);
  tlb_flush(cpu, 1);
  breakpoints_update(cpu);
  mode_update(cpu);
  // The descriptors' pages are here: they have just been written.
  store<i32>(cpu, 0, FAULT);
  const busy = load<u32>(cpu, TASK_UNDO_BUSY);
  const free = load<u32>(cpu, TASK_UNDO_FREE);
  if (busy !== 0) mark_busy(cpu, busy, true);
  if (free !== 0) mark_busy(cpu, free, false);
  store<i32>(cpu, 1, FAULT);
}

/** Breakpoints with only their local enable are the old task's. */
function forget_local_breakpoints(cpu: usize): void {
  const control = load<u32>(cpu, DR7);
  if ((control & DR7_LOCAL) === 0) return;
  store<u64>(cpu, (control & ~DR7_LOCAL) as u64, DR7);
  breakpoints_update(cpu);
}

/** Raises #PF while the old task can still have it. */
function both_reachable(cpu: usize, base: u32, size: u32, writesLink: bool): bool {
  const oldSize = tss_is_32bit(cpu) ? TSS32_SIZE : TSS16_SIZE;
  linear_probe(cpu, segment_base(cpu, SEG_TR), oldSize, ACCESS_IMPLICIT | ACCESS_WRITE);
  if (!faulted(cpu) && writesLink) linear_probe(cpu, base, 2, ACCESS_IMPLICIT | ACCESS_WRITE);
  if (!faulted(cpu)) linear_probe(cpu, base, size, ACCESS_IMPLICIT);
  return !faulted(cpu);
}

function mark_busy(cpu: usize, selector: u32, busy: bool): void {
  const descriptor = descriptor_read_existing(cpu, selector);
  const type = descriptor_attr(descriptor) & ATTR_TYPE;
  descriptor_write_type(cpu, selector, descriptor, busy ? type | BUSY : type & ~BUSY);
}

function save_state(cpu: usize, next: u32, flags: u32): void {
  const base = segment_base(cpu, SEG_TR);
  if (tss_is_32bit(cpu)) {
    linear_write<u32>(cpu, base + TSS32_EIP, next, ACCESS_IMPLICIT);
    linear_write<u32>(cpu, base + TSS32_EFLAGS, flags, ACCESS_IMPLICIT);
    for (let n: u32 = 0; n < 8; n++)
      linear_write<u32>(cpu, base + TSS32_GPR + n * 4, register_read(cpu, n), ACCESS_IMPLICIT);
    for (let n: u32 = 0; n < 6; n++) {
      linear_write<u16>(cpu, base + TSS32_SEGMENTS + n * 4, segment_selector(cpu, n) as u16, ACCESS_IMPLICIT);
    }
    return;
  }
  linear_write<u16>(cpu, base + TSS16_IP, next as u16, ACCESS_IMPLICIT);
  linear_write<u16>(cpu, base + TSS16_FLAGS, flags as u16, ACCESS_IMPLICIT);
  for (let n: u32 = 0; n < 8; n++) {
    linear_write<u16>(cpu, base + TSS16_GPR + n * 2, register_read(cpu, n) as u16, ACCESS_IMPLICIT);
  }
  for (let n: u32 = 0; n < 4; n++) {
    linear_write<u16>(cpu, base + TSS16_SEGMENTS + n * 2, segment_selector(cpu, n) as u16, ACCESS_IMPLICIT);
  }
}

function load_state(cpu: usize, base: u32, wide: bool, nests: bool, external: u32): void {
  let flags: u32;
  let ip: u32;
  if (wide) {
    ip = linear_read<u32>(cpu, base + TSS32_EIP, ACCESS_IMPLICIT);
    flags = linear_read<u32>(cpu, base + TSS32_EFLAGS, ACCESS_IMPLICIT);
    for (let n: u32 = 0; n < 8; n++)
      register_write(cpu, n, linear_read<u32>(cpu, base + TSS32_GPR + n * 4, ACCESS_IMPLICIT));
  } else {
    ip = linear_read<u16>(cpu, base + TSS16_IP, ACCESS_IMPLICIT) as u32;
    flags = linear_read<u16>(cpu, base + TSS16_FLAGS, ACCESS_IMPLICIT) as u32;
    for (let n: u32 = 0; n < 8; n++) {
      register_write(cpu, n, (linear_read<u16>(cpu, base + TSS16_GPR + n * 2, ACCESS_IMPLICIT) as u32) | 0xffff0000);
    }
  }
  instruction_pointer_write(cpu, ip);
  eflags_write(cpu, nests ? flags | EFLAGS_NT : flags, ALL_FLAGS);
  // The selectors are read before CR3 changes, since the TSS need not be mapped in the new address space.
  const es = task_selector(cpu, base, wide, 0);
  const cs = task_selector(cpu, base, wide, 1);
  const ss = task_selector(cpu, base, wide, 2);
  const ds = task_selector(cpu, base, wide, 3);
  const fs = wide ? task_selector(cpu, base, wide, 4) : 0;
  const gs = wide ? task_selector(cpu, base, wide, 5) : 0;
  const ldt = linear_read<u16>(cpu, base + (wide ? TSS32_LDT : TSS16_LDT), ACCESS_IMPLICIT) as u32;
  if (wide && (load<u32>(cpu, CR0) & CR0_PG) !== 0) {
    const directory = linear_read<u32>(cpu, base + TSS32_CR3, ACCESS_IMPLICIT);
    if (directory !== load<u32>(cpu, CR3)) cr3_load(cpu, directory);
  }
  task_segments_load(cpu, ldt, es, cs, ss, ds, fs, gs, external);
}

function task_selector(cpu: usize, base: u32, wide: bool, n: u32): u32 {
  const address = wide ? base + TSS32_SEGMENTS + n * 4 : base + TSS16_SEGMENTS + n * 2;
  return linear_read<u16>(cpu, address, ACCESS_IMPLICIT) as u32;
}
