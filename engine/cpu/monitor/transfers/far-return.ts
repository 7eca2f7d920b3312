// Far RET, and the return to a code segment of the same or an outer level that IRET shares (Intel SDM vol. 2 RET, IRET).

import { CPL, SEG_SS } from '../../abi/layout.ts';
import {
  descriptor_attr,
  descriptor_limit,
  descriptor_mark_accessed,
  descriptor_read,
  is_null,
  rpl,
  SELECTOR_MASK,
} from '../segments/descriptors.ts';
import { mode_update } from '../segments/mode.ts';
import {
  code_segment_store,
  data_segments_restrict,
  is_stack_of,
  segment_store_descriptor,
} from '../segments/segments.ts';
import { stack_read, stack_slot } from '../segments/stack.ts';
import { faulted, raise_gp, raise_np, raise_ss } from '../state/exceptions.ts';
import { in_protected_mode } from '../state/flags.ts';
import {
  instruction_pointer_write,
  stack_mask,
  stack_mask_of,
  stack_pointer,
  stack_pointer_write,
} from '../state/registers.ts';
import { ATTR_CODE, ATTR_CONFORMING, ATTR_P, ATTR_S, attr_dpl } from '../state/segment-cache.ts';
import { far_target_read, real_code_enter, real_target_check } from './far-jump.ts';

/** `release`: bytes of parameters to take off each stack. */
export function far_return(cpu: usize, operandSize: u32, release: u32): void {
  const ip = stack_slot(cpu, 0, operandSize);
  const selector = stack_slot(cpu, 1, operandSize) & 0xffff;
  if (faulted(cpu)) return;
  const mask = stack_mask(cpu);
  const after = stack_pointer(cpu) + 2 * operandSize + release;
  if (!in_protected_mode(cpu)) {
    if (!real_target_check(cpu, ip)) return;
    stack_pointer_write(cpu, mask, after);
    real_code_enter(cpu, selector, ip);
    return;
  }
  const descriptor = return_target_read(cpu, selector, ip);
  if (faulted(cpu)) return;
  if (rpl(selector) === load<u32>(cpu, CPL)) {
    return_same_level(cpu, selector, descriptor, ip, after);
    return;
  }
  const pointer = stack_read(cpu, after & mask, operandSize);
  if (faulted(cpu)) return;
  const stackSelector = stack_read(cpu, (after + operandSize) & mask, operandSize) & 0xffff;
  if (faulted(cpu)) return;
  return_outer_level(cpu, selector, descriptor, ip, stackSelector, pointer + release);
}

/** Descriptor of the code returned to. Raises #GP(0) null or beyond the limit, #GP(selector), #NP(selector). */
export function return_target_read(cpu: usize, selector: u32, ip: u32): u64 {
  const descriptor = far_target_read(cpu, selector);
  if (faulted(cpu)) return 0;
  const attr = descriptor_attr(descriptor);
  const level = rpl(selector);
  const isCode = (attr & (ATTR_S | ATTR_CODE)) === (ATTR_S | ATTR_CODE);
  const conforming = (attr & ATTR_CONFORMING) !== 0;
  const levelFits = conforming ? attr_dpl(attr) <= level : attr_dpl(attr) === level;
  if (!isCode || level < load<u32>(cpu, CPL) || !levelFits) raise_gp(cpu, selector & SELECTOR_MASK);
  else if ((attr & ATTR_P) === 0) raise_np(cpu, selector & SELECTOR_MASK);
  else if (ip > descriptor_limit(descriptor)) raise_gp(cpu, 0);
  return descriptor;
}

/** `pointer`: the stack pointer afterwards. False after a fault. */
export function return_same_level(cpu: usize, selector: u32, descriptor: u64, ip: u32, pointer: u32): bool {
  if (!descriptor_mark_accessed(cpu, selector, descriptor)) return false;
  code_segment_store(cpu, selector, descriptor, load<u32>(cpu, CPL));
  stack_pointer_write(cpu, stack_mask(cpu), pointer);
  mode_update(cpu);
  instruction_pointer_write(cpu, ip);
  return true;
}

/** Raises #GP or #SS if the outer stack segment is not acceptable. False after a fault. */
export function return_outer_level(
  cpu: usize,
  selector: u32,
  descriptor: u64,
  ip: u32,
  stackSelector: u32,
  pointer: u32,
): bool {
  const level = rpl(selector);
  const stackDescriptor = outer_stack_read(cpu, stackSelector, level);
  if (faulted(cpu)) return false;
  if (!descriptor_mark_accessed(cpu, selector, descriptor)) return false;
  if (!descriptor_mark_accessed(cpu, stackSelector, stackDescriptor)) return false;
  code_segment_store(cpu, selector, descriptor, level);
  segment_store_descriptor(cpu, SEG_SS, stackSelector, stackDescriptor);
  stack_pointer_write(cpu, stack_mask_of(descriptor_attr(stackDescriptor)), pointer);
  data_segments_restrict(cpu, level);
  mode_update(cpu);
  instruction_pointer_write(cpu, ip);
  return true;
}

function outer_stack_read(cpu: usize, selector: u32, level: u32): u64 {
  if (is_null(selector)) {
    raise_gp(cpu, 0);
    return 0;
  }
  const descriptor = descriptor_read(cpu, selector, 0);
  if (faulted(cpu)) return 0;
  const attr = descriptor_attr(descriptor);
  if (rpl(selector) !== level || !is_stack_of(attr, level)) raise_gp(cpu, selector & SELECTOR_MASK);
  else if ((attr & ATTR_P) === 0) raise_ss(cpu, selector & SELECTOR_MASK);
  return descriptor;
}
