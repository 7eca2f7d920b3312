// Loading segment registers and checking accesses through them (Intel SDM vol. 3 §5.3–§5.6; vol. 2 MOV, LLDT, LTR).

import { CPL, SEG_CS, SEG_DS, SEG_ES, SEG_LDTR, SEG_SS, SEG_TR, SHADOW, SHADOW_ALL } from '../../abi/layout.ts';
import { faulted, raise_gp, raise_np, raise_ss, undefined_opcode } from '../state/exceptions.ts';
import { in_protected_mode, in_vm86 } from '../state/flags.ts';
import {
  ATTR_ACCESSED,
  ATTR_CODE,
  ATTR_CONFORMING,
  ATTR_P,
  ATTR_REAL,
  ATTR_RW,
  ATTR_S,
  ATTR_TYPE,
  ATTR_VM86,
  attr_dpl,
  limit_allows,
  segment_attr,
  segment_limit,
  segment_store,
  segment_store_null,
} from '../state/segment-cache.ts';
import {
  descriptor_attr,
  descriptor_base,
  descriptor_limit,
  descriptor_mark_accessed,
  descriptor_read,
  descriptor_write_type,
  is_null,
  rpl,
  SELECTOR_MASK,
  SELECTOR_TI,
  TYPE_LDT,
  TYPE_TSS16,
  TYPE_TSS32,
} from './descriptors.ts';
import { mode_update } from './mode.ts';

/** Checks an access that the plain bound test refused; `write` 0 or 1. Raises #GP(0), for SS #SS(0), or nothing. */
export function seg_check(cpu: usize, n: u32, offset: u32, size: u32, write: u32): void {
  const attr = segment_attr(cpu, n);
  if (segment_permits(attr, write) && limit_allows(segment_limit(cpu, n), attr, offset, size)) return;
  if (n === SEG_SS) raise_ss(cpu, 0);
  else raise_gp(cpu, 0);
}

function segment_permits(attr: u32, write: u32): bool {
  if ((attr & (ATTR_P | ATTR_S)) !== (ATTR_P | ATTR_S)) return false;
  if ((attr & ATTR_CODE) !== 0) return write === 0 && (attr & ATTR_RW) !== 0;
  return write === 0 || (attr & ATTR_RW) !== 0;
}

export function segment_store_descriptor(cpu: usize, n: u32, selector: u32, descriptor: u64): void {
  const attr = descriptor_attr(descriptor) | ATTR_ACCESSED;
  segment_store(cpu, n, selector, descriptor_base(descriptor), descriptor_limit(descriptor), attr);
}

/**
 * Real mode keeps limit and attributes (CS becomes writable; one left null by protected mode becomes an ordinary segment);
 * virtual-8086 mode sets them.
 */
export function segment_store_real(cpu: usize, n: u32, selector: u32): void {
  const base = selector << 4;
  const attr = segment_attr(cpu, n);
  if (in_vm86(cpu)) segment_store(cpu, n, selector, base, 0xffff, ATTR_VM86);
  else if ((attr & ATTR_P) === 0) segment_store(cpu, n, selector, base, 0xffff, ATTR_REAL);
  else segment_store(cpu, n, selector, base, segment_limit(cpu, n), n === SEG_CS ? ATTR_REAL : attr);
}

/** MOV, POP, LES.. to ES SS DS FS GS. Raises #GP, #NP, #SS. After a load of SS the next instruction is not interrupted. */
export function seg_load(cpu: usize, n: u32, selector: u32): void {
  selector &= 0xffff;
  if (!in_protected_mode(cpu)) segment_store_real(cpu, n, selector);
  else if (n === SEG_SS) stack_segment_load(cpu, selector);
  else data_segment_load(cpu, n, selector);
  if (faulted(cpu)) return;
  if (n === SEG_SS) store<i32>(cpu, SHADOW_ALL, SHADOW);
  if (n <= (SEG_DS as u32)) mode_update(cpu);
}

function stack_segment_load(cpu: usize, selector: u32): void {
  const cpl = load<u32>(cpu, CPL);
  if (is_null(selector)) {
    raise_gp(cpu, 0);
    return;
  }
  const descriptor = descriptor_read(cpu, selector, 0);
  if (faulted(cpu)) return;
  const attr = descriptor_attr(descriptor);
  if (rpl(selector) !== cpl || !is_stack_of(attr, cpl)) {
    raise_gp(cpu, selector & SELECTOR_MASK);
    return;
  }
  if ((attr & ATTR_P) === 0) {
    raise_ss(cpu, selector & SELECTOR_MASK);
    return;
  }
  if (descriptor_mark_accessed(cpu, selector, descriptor)) segment_store_descriptor(cpu, SEG_SS, selector, descriptor);
}

/** Writable data of this DPL. */
export function is_stack_of(attr: u32, dpl: u32): bool {
  return (attr & (ATTR_S | ATTR_CODE | ATTR_RW)) === (ATTR_S | ATTR_RW) && attr_dpl(attr) === dpl;
}

/** Data or readable code. */
export function is_readable(attr: u32): bool {
  return (attr & ATTR_S) !== 0 && (attr & (ATTR_CODE | ATTR_RW)) !== ATTR_CODE;
}

/** Conforming code may be read at any privilege. */
export function checks_privilege(attr: u32): bool {
  return (attr & (ATTR_CODE | ATTR_CONFORMING)) !== (ATTR_CODE | ATTR_CONFORMING);
}

function data_segment_load(cpu: usize, n: u32, selector: u32): void {
  if (is_null(selector)) {
    segment_store_null(cpu, n, selector);
    return;
  }
  const descriptor = descriptor_read(cpu, selector, 0);
  if (faulted(cpu)) return;
  const attr = descriptor_attr(descriptor);
  const privilege = max<u32>(load<u32>(cpu, CPL), rpl(selector));
  if (!is_readable(attr) || (checks_privilege(attr) && privilege > attr_dpl(attr))) {
    raise_gp(cpu, selector & SELECTOR_MASK);
    return;
  }
  if ((attr & ATTR_P) === 0) {
    raise_np(cpu, selector & SELECTOR_MASK);
    return;
  }
  if (descriptor_mark_accessed(cpu, selector, descriptor)) segment_store_descriptor(cpu, n, selector, descriptor);
}

/** A return to `cpl` nulls the data segment registers that this level may not use (Intel SDM vol. 3 §5.8.6). */
export function data_segments_restrict(cpu: usize, cpl: u32): void {
  for (let n: u32 = SEG_ES; n < (SEG_LDTR as u32); n++) {
    if (n === SEG_CS || n === SEG_SS) continue;
    const attr = segment_attr(cpu, n);
    if (attr !== 0 && checks_privilege(attr) && attr_dpl(attr) < cpl) segment_store_null(cpu, n, 0);
  }
}

/** Loads CS and CPL from a checked descriptor; its selector's RPL becomes the CPL. */
export function code_segment_store(cpu: usize, selector: u32, descriptor: u64, cpl: u32): void {
  segment_store_descriptor(cpu, SEG_CS, (selector & SELECTOR_MASK) | cpl, descriptor);
  store<u32>(cpu, cpl, CPL);
}

function system_instruction_permitted(cpu: usize): bool {
  if (!in_protected_mode(cpu)) undefined_opcode(cpu);
  else if (load<u32>(cpu, CPL) !== 0) raise_gp(cpu, 0);
  return !faulted(cpu);
}

export function lldt(cpu: usize, selector: u32): void {
  selector &= 0xffff;
  if (!system_instruction_permitted(cpu)) return;
  if (is_null(selector)) {
    segment_store_null(cpu, SEG_LDTR, selector);
    return;
  }
  const descriptor = system_descriptor_read(cpu, selector);
  if (faulted(cpu)) return;
  const attr = descriptor_attr(descriptor);
  if ((attr & (ATTR_S | ATTR_TYPE)) !== TYPE_LDT) raise_gp(cpu, selector & SELECTOR_MASK);
  else if ((attr & ATTR_P) === 0) raise_np(cpu, selector & SELECTOR_MASK);
  else segment_store(cpu, SEG_LDTR, selector, descriptor_base(descriptor), descriptor_limit(descriptor), attr);
}

export function ltr(cpu: usize, selector: u32): void {
  selector &= 0xffff;
  if (!system_instruction_permitted(cpu)) return;
  if (is_null(selector)) {
    raise_gp(cpu, 0);
    return;
  }
  const descriptor = system_descriptor_read(cpu, selector);
  if (faulted(cpu)) return;
  const attr = descriptor_attr(descriptor);
  const type = attr & (ATTR_S | ATTR_TYPE);
  if (type !== TYPE_TSS16 && type !== TYPE_TSS32) {
    raise_gp(cpu, selector & SELECTOR_MASK);
    return;
  }
  if ((attr & ATTR_P) === 0) {
    raise_np(cpu, selector & SELECTOR_MASK);
    return;
  }
  descriptor_write_type(cpu, selector, descriptor, type | 2);
  if (!faulted(cpu)) task_register_store(cpu, selector, descriptor);
}

/** TR always holds a busy TSS. */
export function task_register_store(cpu: usize, selector: u32, descriptor: u64): void {
  const attr = descriptor_attr(descriptor) | 2;
  segment_store(cpu, SEG_TR, selector, descriptor_base(descriptor), descriptor_limit(descriptor), attr);
}

/** LDTs and TSSs are described in the GDT only. */
function system_descriptor_read(cpu: usize, selector: u32): u64 {
  if ((selector & SELECTOR_TI) === 0) return descriptor_read(cpu, selector, 0);
  raise_gp(cpu, selector & SELECTOR_MASK);
  return 0;
}
