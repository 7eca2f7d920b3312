// Entering a handler through the IDT, or in real mode the interrupt vector table (Intel SDM vol. 3 §6.12, §20.1.4, §20.3;
// vol. 2 INT n). One attempt: what goes wrong on the way is raised like any exception and nothing is changed.

import { CPL, IDTR_BASE, IDTR_LIMIT, SEG_CS, SEG_DS, SEG_ES, SEG_FS, SEG_GS, SEG_SS } from '../../abi/layout.ts';
import { linear_read } from '../memory/memory.ts';
import { ACCESS_IMPLICIT, ACCESS_READ } from '../memory/paging.ts';
import { current_access } from '../memory/translate.ts';
import {
  descriptor_attr,
  descriptor_base,
  descriptor_limit,
  descriptor_mark_accessed,
  descriptor_read,
  gate_offset,
  gate_selector,
  is_null,
  SELECTOR_MASK,
  TYPE_INTERRUPT_GATE16,
  TYPE_INTERRUPT_GATE32,
  TYPE_TASK_GATE,
  TYPE_TRAP_GATE16,
  TYPE_TRAP_GATE32,
} from '../segments/descriptors.ts';
import { mode_update } from '../segments/mode.ts';
import { code_segment_store, segment_store_descriptor, segment_store_real } from '../segments/segments.ts';
import { stack_check, stack_push } from '../segments/stack.ts';
import { inner_stack_descriptor, tss_inner_stack } from '../segments/tss.ts';
import { EFLAGS_AC, EFLAGS_IF, EFLAGS_NT, EFLAGS_RF, EFLAGS_TF, EFLAGS_VM } from '../state/control-bits.ts';
import { faulted, raise_gp, raise_np } from '../state/exceptions.ts';
import { eflags_read, eflags_write, in_protected_mode, in_vm86 } from '../state/flags.ts';
import {
  instruction_pointer_write,
  stack_mask,
  stack_mask_of,
  stack_pointer,
  stack_pointer_write,
} from '../state/registers.ts';
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
  segment_selector,
  segment_store_null,
} from '../state/segment-cache.ts';
import { task_switch_error_push } from '../transfers/task-segments.ts';
import { TASK_INTERRUPT, task_switch_through_gate, task_switch_undo_if_absent } from '../transfers/task-switch.ts';

// Where an event comes from.
/** INT n, INT3, INTO: subject to the gate's DPL, EXT clear in error codes. */
export const SOURCE_SOFTWARE: u32 = 0;
/** External interrupt, NMI, INT1, or an exception: EXT set in error codes. */
export const SOURCE_EVENT: u32 = 1;
/** An exception of the fault class: the pushed EFLAGS have RF set. */
export const SOURCE_FAULT: u32 = 3;

/** `returnAddress` is pushed as EIP, and after it `error` if `hasError`. */
export function interrupt_enter(
  cpu: usize,
  vector: u32,
  returnAddress: u32,
  source: u32,
  error: u32,
  hasError: bool,
): void {
  if (!in_protected_mode(cpu) && !in_vm86(cpu)) {
    enter_real(cpu, vector, returnAddress);
    return;
  }
  const external = source & SOURCE_EVENT;
  const gateError = (vector << 3) | 2 | external;
  if ((vector << 3) + 7 > load<u32>(cpu, IDTR_LIMIT)) {
    raise_gp(cpu, gateError);
    return;
  }
  const gate = linear_read<u64>(cpu, load<u32>(cpu, IDTR_BASE) + (vector << 3), ACCESS_IMPLICIT);
  if (faulted(cpu)) return;
  const attr = descriptor_attr(gate);
  if (!is_interrupt_gate(attr) || (source === SOURCE_SOFTWARE && attr_dpl(attr) < load<u32>(cpu, CPL))) {
    raise_gp(cpu, gateError);
    return;
  }
  if ((attr & ATTR_P) === 0) {
    raise_np(cpu, gateError);
    return;
  }
  if ((attr & ATTR_TYPE) === TYPE_TASK_GATE) {
    task_switch_through_gate(cpu, gate_selector(gate), TASK_INTERRUPT, returnAddress, external);
    if (hasError && !faulted(cpu)) {
      task_switch_error_push(cpu, error);
      task_switch_undo_if_absent(cpu);
    }
    return;
  }
  enter_protected(cpu, gate, returnAddress, source, error, hasError);
}

function is_interrupt_gate(attr: u32): bool {
  if ((attr & ATTR_S) !== 0) return false;
  switch (attr & ATTR_TYPE) {
    case TYPE_TASK_GATE:
    case TYPE_INTERRUPT_GATE16:
    case TYPE_TRAP_GATE16:
    case TYPE_INTERRUPT_GATE32:
    case TYPE_TRAP_GATE32:
      return true;
    default:
      return false;
  }
}

function enter_real(cpu: usize, vector: u32, returnAddress: u32): void {
  const error = (vector << 3) | 2;
  if ((vector << 2) + 3 > load<u32>(cpu, IDTR_LIMIT)) {
    raise_gp(cpu, error);
    return;
  }
  const target = linear_read<u32>(cpu, load<u32>(cpu, IDTR_BASE) + (vector << 2), ACCESS_READ);
  if (faulted(cpu)) return;
  const flags = eflags_read(cpu);
  const base = segment_base(cpu, SEG_SS);
  const mask = stack_mask(cpu);
  const attr = segment_attr(cpu, SEG_SS);
  let pointer = stack_pointer(cpu);
  if (!stack_check(cpu, base, segment_limit(cpu, SEG_SS), attr, mask, pointer, 6, 2, 0, ACCESS_READ)) return;
  pointer = stack_push(cpu, base, mask, pointer, 2, flags, ACCESS_READ);
  pointer = stack_push(cpu, base, mask, pointer, 2, segment_selector(cpu, SEG_CS), ACCESS_READ);
  pointer = stack_push(cpu, base, mask, pointer, 2, returnAddress, ACCESS_READ);
  stack_pointer_write(cpu, mask, pointer);
  eflags_write(cpu, 0, EFLAGS_IF | EFLAGS_TF | EFLAGS_AC);
  segment_store_real(cpu, SEG_CS, target >>> 16);
  mode_update(cpu);
  instruction_pointer_write(cpu, target & 0xffff);
}

/** The handler's code descriptor. Raises #GP, #NP with the selector. */
function handler_read(cpu: usize, selector: u32, external: u32): u64 {
  if (is_null(selector)) {
    raise_gp(cpu, external);
    return 0;
  }
  const descriptor = descriptor_read(cpu, selector, external);
  if (faulted(cpu)) return 0;
  const attr = descriptor_attr(descriptor);
  const isCode = (attr & (ATTR_S | ATTR_CODE)) === (ATTR_S | ATTR_CODE);
  if (!isCode || attr_dpl(attr) > load<u32>(cpu, CPL)) raise_gp(cpu, (selector & SELECTOR_MASK) | external);
  else if ((attr & ATTR_P) === 0) raise_np(cpu, (selector & SELECTOR_MASK) | external);
  return descriptor;
}

function enter_protected(cpu: usize, gate: u64, returnAddress: u32, source: u32, error: u32, hasError: bool): void {
  const external = source & SOURCE_EVENT;
  const type = descriptor_attr(gate) & ATTR_TYPE;
  const wide = type === TYPE_INTERRUPT_GATE32 || type === TYPE_TRAP_GATE32;
  const masksInterrupts = type === TYPE_INTERRUPT_GATE32 || type === TYPE_INTERRUPT_GATE16;
  const selector = gate_selector(gate);
  const handler = handler_read(cpu, selector, external);
  if (faulted(cpu)) return;
  const cpl = load<u32>(cpu, CPL);
  const vm86 = in_vm86(cpu);
  const attr = descriptor_attr(handler);
  const inner = (attr & ATTR_CONFORMING) === 0 && attr_dpl(attr) < cpl;
  // From virtual-8086 mode only level 0 can be entered.
  if (vm86 && (!inner || attr_dpl(attr) !== 0)) {
    raise_gp(cpu, (selector & SELECTOR_MASK) | external);
    return;
  }
  const level = inner ? attr_dpl(attr) : cpl;

  // The stack: the TSS's for an inner level, else the current one.
  let stackSelector = segment_selector(cpu, SEG_SS);
  let stackDescriptor: u64 = 0;
  let base = segment_base(cpu, SEG_SS);
  let limit = segment_limit(cpu, SEG_SS);
  let stackAttr = segment_attr(cpu, SEG_SS);
  let pointer = stack_pointer(cpu);
  let stackError = external;
  if (inner) {
    const stack = tss_inner_stack(cpu, level, external);
    if (faulted(cpu)) return;
    stackSelector = (stack >> 32) as u32;
    stackDescriptor = inner_stack_descriptor(cpu, stackSelector, level, external);
    if (faulted(cpu)) return;
    base = descriptor_base(stackDescriptor);
    limit = descriptor_limit(stackDescriptor);
    stackAttr = descriptor_attr(stackDescriptor);
    pointer = stack as u32;
    stackError |= stackSelector & SELECTOR_MASK;
  }
  const mask = stack_mask_of(stackAttr);
  const size: u32 = wide ? 4 : 2;
  const access = inner ? ACCESS_READ : current_access(cpu);
  let slots: u32 = hasError ? 4 : 3;
  if (inner) slots += 2;
  if (vm86) slots += 4;
  if (!stack_check(cpu, base, limit, stackAttr, mask, pointer, slots * size, size, stackError, access)) return;
  const offset = wide ? gate_offset(gate) : gate_offset(gate) & 0xffff;
  if (offset > descriptor_limit(handler)) {
    raise_gp(cpu, external);
    return;
  }
  if (!descriptor_mark_accessed(cpu, selector, handler)) return;
  if (inner && !descriptor_mark_accessed(cpu, stackSelector, stackDescriptor)) return;

  // Nothing can fault from here on.
  const flags = source === SOURCE_FAULT ? eflags_read(cpu) | EFLAGS_RF : eflags_read(cpu);
  if (vm86) {
    pointer = stack_push(cpu, base, mask, pointer, size, segment_selector(cpu, SEG_GS), access);
    pointer = stack_push(cpu, base, mask, pointer, size, segment_selector(cpu, SEG_FS), access);
    pointer = stack_push(cpu, base, mask, pointer, size, segment_selector(cpu, SEG_DS), access);
    pointer = stack_push(cpu, base, mask, pointer, size, segment_selector(cpu, SEG_ES), access);
  }
  if (inner) {
    pointer = stack_push(cpu, base, mask, pointer, size, segment_selector(cpu, SEG_SS), access);
    pointer = stack_push(cpu, base, mask, pointer, size, stack_pointer(cpu), access);
  }
  pointer = stack_push(cpu, base, mask, pointer, size, flags, access);
  pointer = stack_push(cpu, base, mask, pointer, size, segment_selector(cpu, SEG_CS), access);
  pointer = stack_push(cpu, base, mask, pointer, size, returnAddress, access);
  if (hasError) pointer = stack_push(cpu, base, mask, pointer, size, error, access);
  eflags_write(cpu, 0, EFLAGS_TF | EFLAGS_NT | EFLAGS_VM | EFLAGS_RF | (masksInterrupts ? EFLAGS_IF : 0));
  if (vm86) {
    segment_store_null(cpu, SEG_GS, 0);
    segment_store_null(cpu, SEG_FS, 0);
    segment_store_null(cpu, SEG_DS, 0);
    segment_store_null(cpu, SEG_ES, 0);
  }
  if (inner) segment_store_descriptor(cpu, SEG_SS, stackSelector, stackDescriptor);
  code_segment_store(cpu, selector, handler, level);
  stack_pointer_write(cpu, mask, pointer);
  mode_update(cpu);
  instruction_pointer_write(cpu, offset);
}
