// Far CALL: direct, through call gates with and without a change of privilege, to tasks (Intel SDM vol. 2 CALL; vol. 3
// §5.8.4, §5.8.5).

import { CPL, SEG_CS, SEG_SS } from '../../abi/layout.ts';
import { ACCESS_READ } from '../memory/paging.ts';
import { current_access } from '../memory/translate.ts';
import {
  descriptor_attr,
  descriptor_base,
  descriptor_limit,
  descriptor_mark_accessed,
  gate_selector,
  SELECTOR_MASK,
  TYPE_CALL_GATE16,
  TYPE_CALL_GATE32,
  TYPE_TASK_GATE,
} from '../segments/descriptors.ts';
import { mode_update } from '../segments/mode.ts';
import { code_segment_store, segment_store_descriptor } from '../segments/segments.ts';
import { stack_check, stack_push, stack_slot } from '../segments/stack.ts';
import { inner_stack_descriptor, tss_inner_stack } from '../segments/tss.ts';
import { faulted, raise_gp } from '../state/exceptions.ts';
import { in_protected_mode } from '../state/flags.ts';
import {
  instruction_pointer_write,
  size_mask,
  stack_mask,
  stack_mask_of,
  stack_pointer,
  stack_pointer_write,
} from '../state/registers.ts';
import {
  ATTR_CONFORMING,
  ATTR_S,
  ATTR_TYPE,
  attr_dpl,
  segment_attr,
  segment_base,
  segment_limit,
  segment_selector,
} from '../state/segment-cache.ts';
import {
  direct_target_check,
  far_target_read,
  gate_target_offset,
  gate_target_read,
  real_code_enter,
  real_target_check,
  system_target_check,
} from './far-jump.ts';
import { TASK_CALL, task_switch, task_switch_through_gate } from './task-switch.ts';

export function far_call(cpu: usize, selector: u32, offset: u32, operandSize: u32, next: u32): void {
  selector &= 0xffff;
  offset &= size_mask(operandSize);
  if (!in_protected_mode(cpu)) {
    if (!real_target_check(cpu, offset) || !return_frame_push(cpu, operandSize, next)) return;
    real_code_enter(cpu, selector, offset);
    return;
  }
  const descriptor = far_target_read(cpu, selector);
  if (faulted(cpu)) return;
  const attr = descriptor_attr(descriptor);
  if ((attr & ATTR_S) !== 0) {
    if (direct_target_check(cpu, selector, attr)) call_code(cpu, selector, descriptor, offset, operandSize, next);
    return;
  }
  if (!system_target_check(cpu, selector, attr)) return;
  switch (attr & ATTR_TYPE) {
    case TYPE_CALL_GATE16:
    case TYPE_CALL_GATE32:
      call_through_gate(cpu, descriptor, next);
      break;
    case TYPE_TASK_GATE:
      task_switch_through_gate(cpu, gate_selector(descriptor), TASK_CALL, next, 0);
      break;
    default:
      task_switch(cpu, selector, descriptor, TASK_CALL, next, 0);
  }
}

/** CS and the return address on the current stack. False after a fault. */
function return_frame_push(cpu: usize, size: u32, next: u32): bool {
  const base = segment_base(cpu, SEG_SS);
  const mask = stack_mask(cpu);
  const access = current_access(cpu);
  const attr = segment_attr(cpu, SEG_SS);
  let pointer = stack_pointer(cpu);
  if (!stack_check(cpu, base, segment_limit(cpu, SEG_SS), attr, mask, pointer, 2 * size, size, 0, access)) return false;
  pointer = stack_push(cpu, base, mask, pointer, size, segment_selector(cpu, SEG_CS), access);
  pointer = stack_push(cpu, base, mask, pointer, size, next, access);
  stack_pointer_write(cpu, mask, pointer);
  return true;
}

/** Calls checked code at the same privilege. */
function call_code(cpu: usize, selector: u32, descriptor: u64, offset: u32, size: u32, next: u32): void {
  if (offset > descriptor_limit(descriptor)) {
    raise_gp(cpu, 0);
    return;
  }
  if (!descriptor_mark_accessed(cpu, selector, descriptor) || !return_frame_push(cpu, size, next)) return;
  code_segment_store(cpu, selector, descriptor, load<u32>(cpu, CPL));
  mode_update(cpu);
  instruction_pointer_write(cpu, offset);
}

function call_through_gate(cpu: usize, gate: u64, next: u32): void {
  const descriptor = gate_target_read(cpu, gate);
  if (faulted(cpu)) return;
  const attr = descriptor_attr(descriptor);
  const inner = (attr & ATTR_CONFORMING) === 0 && attr_dpl(attr) < load<u32>(cpu, CPL);
  if (inner) {
    call_inner(cpu, gate, descriptor, next);
    return;
  }
  const size: u32 = (descriptor_attr(gate) & ATTR_TYPE) === TYPE_CALL_GATE32 ? 4 : 2;
  call_code(cpu, gate_selector(gate), descriptor, gate_target_offset(gate), size, next);
}

/** The frame on the inner stack: SS, ESP, the parameters as they lay on the old stack, CS, EIP. */
function call_inner(cpu: usize, gate: u64, descriptor: u64, next: u32): void {
  const dpl = attr_dpl(descriptor_attr(descriptor));
  const selector = gate_selector(gate);
  const offset = gate_target_offset(gate);
  const size: u32 = (descriptor_attr(gate) & ATTR_TYPE) === TYPE_CALL_GATE32 ? 4 : 2;
  const parameters = ((gate >> 32) & 0x1f) as u32;
  const innerStack = tss_inner_stack(cpu, dpl, 0);
  if (faulted(cpu)) return;
  const stackSelector = (innerStack >> 32) as u32;
  const stackDescriptor = inner_stack_descriptor(cpu, stackSelector, dpl, 0);
  if (faulted(cpu)) return;
  const base = descriptor_base(stackDescriptor);
  const limit = descriptor_limit(stackDescriptor);
  const attr = descriptor_attr(stackDescriptor);
  const mask = stack_mask_of(attr);
  const bytes = (4 + parameters) * size;
  const error = stackSelector & SELECTOR_MASK;
  let pointer = innerStack as u32;
  if (!stack_check(cpu, base, limit, attr, mask, pointer, bytes, size, error, ACCESS_READ)) return;
  if (offset > descriptor_limit(descriptor)) {
    raise_gp(cpu, 0);
    return;
  }
  // All reads of the old stack come before the first change: they may fault.
  for (let i: u32 = 0; i < parameters; i++) stack_slot(cpu, i, size);
  if (faulted(cpu)) return;
  if (!descriptor_mark_accessed(cpu, selector, descriptor)) return;
  if (!descriptor_mark_accessed(cpu, stackSelector, stackDescriptor)) return;
  const oldPointer = stack_pointer(cpu);
  let copied = (pointer - 2 * size) & mask;
  for (let i: u32 = parameters; i > 0; i--) {
    const value = stack_slot(cpu, i - 1, size);
    copied = stack_push(cpu, base, mask, copied, size, value, ACCESS_READ);
  }
  pointer = stack_push(cpu, base, mask, pointer, size, segment_selector(cpu, SEG_SS), ACCESS_READ);
  stack_push(cpu, base, mask, pointer, size, oldPointer, ACCESS_READ);
  copied = stack_push(cpu, base, mask, copied, size, segment_selector(cpu, SEG_CS), ACCESS_READ);
  copied = stack_push(cpu, base, mask, copied, size, next, ACCESS_READ);
  code_segment_store(cpu, selector, descriptor, dpl);
  segment_store_descriptor(cpu, SEG_SS, stackSelector, stackDescriptor);
  stack_pointer_write(cpu, mask, copied);
  mode_update(cpu);
  instruction_pointer_write(cpu, offset);
}
