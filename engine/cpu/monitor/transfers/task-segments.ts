// The last part of a task switch: the new task's segment registers, checked in its own context. What is wrong with them is
// #TS, #NP or #SS of the new task (Intel SDM vol. 3 §7.3, table 7-1), with the registers not loaded yet null.

import { CPL, SEG_CS, SEG_DS, SEG_ES, SEG_FS, SEG_GS, SEG_LDTR, SEG_SS } from '../../abi/layout.ts';
import { current_access } from '../memory/translate.ts';
import {
  descriptor_attr,
  descriptor_base,
  descriptor_exists,
  descriptor_limit,
  descriptor_mark_accessed,
  descriptor_read_existing,
  is_null,
  rpl,
  SELECTOR_MASK,
  SELECTOR_TI,
  TYPE_LDT,
} from '../segments/descriptors.ts';
import { mode_update } from '../segments/mode.ts';
import {
  checks_privilege,
  code_segment_store,
  is_readable,
  is_stack_of,
  segment_store_descriptor,
  segment_store_real,
} from '../segments/segments.ts';
import { stack_check, stack_push } from '../segments/stack.ts';
import { tss_is_32bit } from '../segments/tss.ts';
import { faulted, raise_np, raise_ss, raise_ts } from '../state/exceptions.ts';
import { in_vm86 } from '../state/flags.ts';
import { stack_mask, stack_pointer, stack_pointer_write } from '../state/registers.ts';
import {
  ATTR_CODE,
  ATTR_CONFORMING,
  ATTR_P,
  ATTR_S,
  ATTR_TYPE,
  attr_dpl,
  segment_attr,
  segment_base,
  segment_limit,
  segment_store,
  segment_store_null,
} from '../state/segment-cache.ts';

export function task_segments_load(
  cpu: usize,
  ldt: u32,
  es: u32,
  cs: u32,
  ss: u32,
  ds: u32,
  fs: u32,
  gs: u32,
  external: u32,
): void {
  segment_store_null(cpu, SEG_LDTR, ldt);
  segment_store_null(cpu, SEG_ES, es);
  segment_store_null(cpu, SEG_CS, cs);
  segment_store_null(cpu, SEG_SS, ss);
  segment_store_null(cpu, SEG_DS, ds);
  segment_store_null(cpu, SEG_FS, fs);
  segment_store_null(cpu, SEG_GS, gs);
  store<u32>(cpu, in_vm86(cpu) ? 3 : rpl(cs), CPL);
  ldt_load(cpu, ldt, external);
  if (in_vm86(cpu)) {
    segment_store_real(cpu, SEG_CS, cs);
    segment_store_real(cpu, SEG_SS, ss);
    segment_store_real(cpu, SEG_ES, es);
    segment_store_real(cpu, SEG_DS, ds);
    segment_store_real(cpu, SEG_FS, fs);
    segment_store_real(cpu, SEG_GS, gs);
  } else {
    code_load(cpu, cs, external);
    stack_load(cpu, ss, external);
    data_load(cpu, SEG_ES, es, external);
    data_load(cpu, SEG_DS, ds, external);
    data_load(cpu, SEG_FS, fs, external);
    data_load(cpu, SEG_GS, gs, external);
  }
  mode_update(cpu);
}

/** Raises #TS(selector | external) if there is no such descriptor. Zero after a fault. */
function task_descriptor_read(cpu: usize, selector: u32, external: u32): u64 {
  if (!is_null(selector) && descriptor_exists(cpu, selector)) return descriptor_read_existing(cpu, selector);
  raise_ts(cpu, (selector & SELECTOR_MASK) | external);
  return 0;
}

function ldt_load(cpu: usize, selector: u32, external: u32): void {
  if (faulted(cpu) || is_null(selector)) return;
  const error = (selector & SELECTOR_MASK) | external;
  if ((selector & SELECTOR_TI) !== 0) {
    raise_ts(cpu, error);
    return;
  }
  const descriptor = task_descriptor_read(cpu, selector, external);
  if (faulted(cpu)) return;
  const attr = descriptor_attr(descriptor);
  if ((attr & (ATTR_S | ATTR_TYPE)) !== TYPE_LDT || (attr & ATTR_P) === 0) raise_ts(cpu, error);
  else segment_store(cpu, SEG_LDTR, selector, descriptor_base(descriptor), descriptor_limit(descriptor), attr);
}

function code_load(cpu: usize, selector: u32, external: u32): void {
  if (faulted(cpu)) return;
  const descriptor = task_descriptor_read(cpu, selector, external);
  if (faulted(cpu)) return;
  const attr = descriptor_attr(descriptor);
  const error = (selector & SELECTOR_MASK) | external;
  const level = rpl(selector);
  const isCode = (attr & (ATTR_S | ATTR_CODE)) === (ATTR_S | ATTR_CODE);
  const conforming = (attr & ATTR_CONFORMING) !== 0;
  if (!isCode || (conforming ? attr_dpl(attr) > level : attr_dpl(attr) !== level)) raise_ts(cpu, error);
  else if ((attr & ATTR_P) === 0) raise_np(cpu, error);
  else if (descriptor_mark_accessed(cpu, selector, descriptor)) code_segment_store(cpu, selector, descriptor, level);
}

function stack_load(cpu: usize, selector: u32, external: u32): void {
  if (faulted(cpu)) return;
  const descriptor = task_descriptor_read(cpu, selector, external);
  if (faulted(cpu)) return;
  const attr = descriptor_attr(descriptor);
  const error = (selector & SELECTOR_MASK) | external;
  const level = load<u32>(cpu, CPL);
  if (rpl(selector) !== level || !is_stack_of(attr, level)) raise_ts(cpu, error);
  else if ((attr & ATTR_P) === 0) raise_ss(cpu, error);
  else if (descriptor_mark_accessed(cpu, selector, descriptor))
    segment_store_descriptor(cpu, SEG_SS, selector, descriptor);
}

function data_load(cpu: usize, n: u32, selector: u32, external: u32): void {
  if (faulted(cpu) || is_null(selector)) return;
  const descriptor = task_descriptor_read(cpu, selector, external);
  if (faulted(cpu)) return;
  const attr = descriptor_attr(descriptor);
  const error = (selector & SELECTOR_MASK) | external;
  const privilege = max<u32>(load<u32>(cpu, CPL), rpl(selector));
  if (!is_readable(attr) || (checks_privilege(attr) && privilege > attr_dpl(attr))) raise_ts(cpu, error);
  else if ((attr & ATTR_P) === 0) raise_np(cpu, error);
  else if (descriptor_mark_accessed(cpu, selector, descriptor)) segment_store_descriptor(cpu, n, selector, descriptor);
}

/** The error code of an exception that came through a task gate, on the new task's stack. Raises #SS, #PF. */
export function task_switch_error_push(cpu: usize, error: u32): void {
  const size: u32 = tss_is_32bit(cpu) ? 4 : 2;
  const base = segment_base(cpu, SEG_SS);
  const mask = stack_mask(cpu);
  const pointer = stack_pointer(cpu);
  const attr = segment_attr(cpu, SEG_SS);
  const access = current_access(cpu);
  if (!stack_check(cpu, base, segment_limit(cpu, SEG_SS), attr, mask, pointer, size, size, 1, access)) return;
  stack_pointer_write(cpu, mask, stack_push(cpu, base, mask, pointer, size, error, access));
}
