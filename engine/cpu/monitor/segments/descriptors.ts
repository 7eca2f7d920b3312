// Segment and gate descriptors in the GDT and LDT, as 64-bit values (Intel SDM vol. 3 §3.4.5, §3.5, §5.8.3). Tables are
// read with supervisor rights whatever the CPL.

import { GDTR_BASE, GDTR_LIMIT, SEG_LDTR } from '../../abi/layout.ts';
import { linear_probe, linear_read, linear_write } from '../memory/memory.ts';
import { ACCESS_IMPLICIT, ACCESS_WRITE } from '../memory/paging.ts';
import { faulted, raise_gp } from '../state/exceptions.ts';
import { ATTR_ACCESSED, ATTR_P, segment_attr, segment_base, segment_limit } from '../state/segment-cache.ts';

export const SELECTOR_TI: u32 = 4;
/** A selector without its RPL, as error codes carry it. */
export const SELECTOR_MASK: u32 = 0xfffc;

export const TYPE_TSS16: u32 = 1;
export const TYPE_LDT: u32 = 2;
export const TYPE_TSS16_BUSY: u32 = 3;
export const TYPE_CALL_GATE16: u32 = 4;
export const TYPE_TASK_GATE: u32 = 5;
export const TYPE_INTERRUPT_GATE16: u32 = 6;
export const TYPE_TRAP_GATE16: u32 = 7;
export const TYPE_TSS32: u32 = 9;
export const TYPE_TSS32_BUSY: u32 = 11;
export const TYPE_CALL_GATE32: u32 = 12;
export const TYPE_INTERRUPT_GATE32: u32 = 14;
export const TYPE_TRAP_GATE32: u32 = 15;

export function is_null(selector: u32): bool {
  return (selector & SELECTOR_MASK) === 0;
}

export function rpl(selector: u32): u32 {
  return selector & 3;
}

export function descriptor_base(descriptor: u64): u32 {
  return (((descriptor >> 16) & 0xffffff) as u32) | (((descriptor >> 56) << 24) as u32);
}

/** In bytes. */
export function descriptor_limit(descriptor: u64): u32 {
  const limit = ((descriptor & 0xffff) | ((descriptor >> 32) & 0xf0000)) as u32;
  return (descriptor & 0x80000000000000) !== 0 ? (limit << 12) | 0xfff : limit;
}

/** As SEG_ATTR. */
export function descriptor_attr(descriptor: u64): u32 {
  return ((descriptor >> 40) & 0xf0ff) as u32;
}

export function gate_selector(gate: u64): u32 {
  return ((gate >> 16) & 0xffff) as u32;
}

/** Full 32 bits; gates of 16-bit types have only the low half. */
export function gate_offset(gate: u64): u32 {
  return ((gate & 0xffff) | ((gate >> 32) & 0xffff0000)) as u32;
}

/** Is the selector's descriptor within its table? */
export function descriptor_exists(cpu: usize, selector: u32): bool {
  const last = (selector & ~7) + 7;
  if ((selector & SELECTOR_TI) === 0) return last <= load<u32>(cpu, GDTR_LIMIT);
  return (segment_attr(cpu, SEG_LDTR) & ATTR_P) !== 0 && last <= segment_limit(cpu, SEG_LDTR);
}

function descriptor_address(cpu: usize, selector: u32): u32 {
  const table = (selector & SELECTOR_TI) === 0 ? load<u32>(cpu, GDTR_BASE) : segment_base(cpu, SEG_LDTR);
  return table + (selector & 0xfff8);
}

/** Raises #PF only: the selector's descriptor must exist. */
export function descriptor_read_existing(cpu: usize, selector: u32): u64 {
  return linear_read<u64>(cpu, descriptor_address(cpu, selector), ACCESS_IMPLICIT);
}

/** Raises #GP(selector | external) if the selector points beyond its table. `selector` must not be null. */
export function descriptor_read(cpu: usize, selector: u32, external: u32): u64 {
  if (descriptor_exists(cpu, selector)) return descriptor_read_existing(cpu, selector);
  raise_gp(cpu, (selector & SELECTOR_MASK) | external);
  return 0;
}

/** Sets the accessed bit of a code or data descriptor in its table. May raise #PF. False after a fault. */
export function descriptor_mark_accessed(cpu: usize, selector: u32, descriptor: u64): bool {
  const attr = descriptor_attr(descriptor);
  if ((attr & ATTR_ACCESSED) !== 0) return true;
  const upper = ((descriptor >> 32) as u32) | (ATTR_ACCESSED << 8);
  linear_write<u32>(cpu, descriptor_address(cpu, selector) + 4, upper, ACCESS_IMPLICIT);
  return !faulted(cpu);
}

/** Raises the #PF that `descriptor_write_type` would raise. */
export function descriptor_probe_write(cpu: usize, selector: u32): void {
  linear_probe(cpu, descriptor_address(cpu, selector) + 5, 1, ACCESS_IMPLICIT | ACCESS_WRITE);
}

/** Rewrites the type of a system descriptor (TSS busy or available). May raise #PF. */
export function descriptor_write_type(cpu: usize, selector: u32, descriptor: u64, type: u32): void {
  const attr = (descriptor_attr(descriptor) & 0xf0) | type;
  linear_write<u8>(cpu, descriptor_address(cpu, selector) + 5, attr as u8, ACCESS_IMPLICIT);
}
