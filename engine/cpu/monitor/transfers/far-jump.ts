// Far JMP (Intel SDM vol. 2 JMP; vol. 3 §5.8) and the checks of code targets that far CALL shares.

import { CPL, SEG_CS } from '../../abi/layout.ts';
import {
  descriptor_attr,
  descriptor_limit,
  descriptor_mark_accessed,
  descriptor_read,
  gate_offset,
  gate_selector,
  is_null,
  rpl,
  SELECTOR_MASK,
  TYPE_CALL_GATE16,
  TYPE_CALL_GATE32,
  TYPE_TASK_GATE,
  TYPE_TSS16,
  TYPE_TSS32,
} from '../segments/descriptors.ts';
import { mode_update } from '../segments/mode.ts';
import { code_segment_store, segment_store_real } from '../segments/segments.ts';
import { faulted, raise_gp, raise_np } from '../state/exceptions.ts';
import { in_protected_mode } from '../state/flags.ts';
import { instruction_pointer_write, size_mask } from '../state/registers.ts';
import {
  ATTR_CODE,
  ATTR_CONFORMING,
  ATTR_P,
  ATTR_S,
  ATTR_TYPE,
  attr_dpl,
  segment_limit,
} from '../state/segment-cache.ts';
import { TASK_JUMP, task_switch, task_switch_through_gate } from './task-switch.ts';

export function far_jump(cpu: usize, selector: u32, offset: u32, operandSize: u32, next: u32): void {
  selector &= 0xffff;
  offset &= size_mask(operandSize);
  if (!in_protected_mode(cpu)) {
    if (real_target_check(cpu, offset)) real_code_enter(cpu, selector, offset);
    return;
  }
  const descriptor = far_target_read(cpu, selector);
  if (faulted(cpu)) return;
  const attr = descriptor_attr(descriptor);
  if ((attr & ATTR_S) !== 0) {
    if (direct_target_check(cpu, selector, attr)) code_enter(cpu, selector, descriptor, offset);
    return;
  }
  if (!system_target_check(cpu, selector, attr)) return;
  switch (attr & ATTR_TYPE) {
    case TYPE_CALL_GATE16:
    case TYPE_CALL_GATE32:
      jump_through_gate(cpu, descriptor);
      break;
    case TYPE_TASK_GATE:
      task_switch_through_gate(cpu, gate_selector(descriptor), TASK_JUMP, next, 0);
      break;
    default:
      task_switch(cpu, selector, descriptor, TASK_JUMP, next, 0);
  }
}

/** In real and virtual-8086 mode the target must be within the limit of CS. False after the fault. */
export function real_target_check(cpu: usize, offset: u32): bool {
  if (offset <= segment_limit(cpu, SEG_CS)) return true;
  raise_gp(cpu, 0);
  return false;
}

export function real_code_enter(cpu: usize, selector: u32, offset: u32): void {
  segment_store_real(cpu, SEG_CS, selector);
  mode_update(cpu);
  instruction_pointer_write(cpu, offset);
}

/** Descriptor of a far target. Raises #GP(0) for null, #GP(selector) beyond the table. */
export function far_target_read(cpu: usize, selector: u32): u64 {
  if (!is_null(selector)) return descriptor_read(cpu, selector, 0);
  raise_gp(cpu, 0);
  return 0;
}

/** May code at this descriptor be entered directly, staying at the CPL? False after a fault. */
export function direct_target_check(cpu: usize, selector: u32, attr: u32): bool {
  const cpl = load<u32>(cpu, CPL);
  const dpl = attr_dpl(attr);
  const conforming = (attr & ATTR_CONFORMING) !== 0;
  const allowed = conforming ? dpl <= cpl : rpl(selector) <= cpl && dpl === cpl;
  if ((attr & ATTR_CODE) === 0 || !allowed) raise_gp(cpu, selector & SELECTOR_MASK);
  else if ((attr & ATTR_P) === 0) raise_np(cpu, selector & SELECTOR_MASK);
  return !faulted(cpu);
}

/** A gate or TSS: its DPL must be at least CPL and RPL, it must be of a type that can be entered, and present. */
export function system_target_check(cpu: usize, selector: u32, attr: u32): bool {
  const privilege = max<u32>(load<u32>(cpu, CPL), rpl(selector));
  if (!is_enterable(attr & ATTR_TYPE) || attr_dpl(attr) < privilege) raise_gp(cpu, selector & SELECTOR_MASK);
  else if ((attr & ATTR_P) === 0) raise_np(cpu, selector & SELECTOR_MASK);
  return !faulted(cpu);
}

function is_enterable(type: u32): bool {
  switch (type) {
    case TYPE_TSS16:
    case TYPE_TSS32:
    case TYPE_CALL_GATE16:
    case TYPE_CALL_GATE32:
    case TYPE_TASK_GATE:
      return true;
    default:
      return false;
  }
}

/** The code descriptor that a call gate leads to. Raises #GP, #NP with the code selector. */
export function gate_target_read(cpu: usize, gate: u64): u64 {
  const selector = gate_selector(gate);
  const descriptor = far_target_read(cpu, selector);
  if (faulted(cpu)) return 0;
  const attr = descriptor_attr(descriptor);
  const isCode = (attr & (ATTR_S | ATTR_CODE)) === (ATTR_S | ATTR_CODE);
  if (!isCode || attr_dpl(attr) > load<u32>(cpu, CPL)) raise_gp(cpu, selector & SELECTOR_MASK);
  else if ((attr & ATTR_P) === 0) raise_np(cpu, selector & SELECTOR_MASK);
  return descriptor;
}

export function gate_target_offset(gate: u64): u32 {
  const wide = (descriptor_attr(gate) & ATTR_TYPE) === TYPE_CALL_GATE32;
  return wide ? gate_offset(gate) : gate_offset(gate) & 0xffff;
}

function jump_through_gate(cpu: usize, gate: u64): void {
  const descriptor = gate_target_read(cpu, gate);
  if (faulted(cpu)) return;
  const selector = gate_selector(gate);
  const attr = descriptor_attr(descriptor);
  if ((attr & ATTR_CONFORMING) === 0 && attr_dpl(attr) !== load<u32>(cpu, CPL)) {
    raise_gp(cpu, selector & SELECTOR_MASK);
    return;
  }
  code_enter(cpu, selector, descriptor, gate_target_offset(gate));
}

/** Enters checked code without a change of privilege. Raises #GP(0) beyond its limit. */
function code_enter(cpu: usize, selector: u32, descriptor: u64, offset: u32): void {
  if (offset > descriptor_limit(descriptor)) {
    raise_gp(cpu, 0);
    return;
  }
  if (!descriptor_mark_accessed(cpu, selector, descriptor)) return;
  code_segment_store(cpu, selector, descriptor, load<u32>(cpu, CPL));
  mode_update(cpu);
  instruction_pointer_write(cpu, offset);
}
