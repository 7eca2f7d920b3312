// The current task-state segment: inner stacks, the I/O permission bitmap and the interrupt redirection bitmap (Intel SDM vol. 3
// §7.2, §20.3.3; vol. 1 §18.5.2).

import { CPL, SEG_TR } from '../../abi/layout.ts';
import { linear_read } from '../memory/memory.ts';
import { ACCESS_IMPLICIT } from '../memory/paging.ts';
import { faulted, raise_gp, raise_ss, raise_ts } from '../state/exceptions.ts';
import { in_protected_mode, io_privilege_level } from '../state/flags.ts';
import {
  ATTR_P,
  ATTR_TYPE,
  segment_attr,
  segment_base,
  segment_limit,
  segment_selector,
} from '../state/segment-cache.ts';
import {
  descriptor_attr,
  descriptor_exists,
  descriptor_read_existing,
  is_null,
  rpl,
  SELECTOR_MASK,
  TYPE_TSS32_BUSY,
} from './descriptors.ts';
import { is_stack_of } from './segments.ts';

const IO_MAP_BASE: u32 = 0x66;
const REDIRECTION_MAP_SIZE: u32 = 32;

export function tss_is_32bit(cpu: usize): bool {
  return (segment_attr(cpu, SEG_TR) & ATTR_TYPE) === TYPE_TSS32_BUSY;
}

/** SS << 32 | ESP for privilege level `dpl`. Raises #TS(TR | external), #PF. */
export function tss_inner_stack(cpu: usize, dpl: u32, external: u32): u64 {
  const base = segment_base(cpu, SEG_TR);
  const wide = tss_is_32bit(cpu);
  const offset: u32 = wide ? 4 + dpl * 8 : 2 + dpl * 4;
  if (offset + (wide ? 5 : 3) > segment_limit(cpu, SEG_TR)) {
    raise_ts(cpu, (segment_selector(cpu, SEG_TR) & SELECTOR_MASK) | external);
    return 0;
  }
  if (wide) {
    const pointer = linear_read<u32>(cpu, base + offset, ACCESS_IMPLICIT);
    if (faulted(cpu)) return 0;
    const selector = linear_read<u16>(cpu, base + offset + 4, ACCESS_IMPLICIT);
    return ((selector as u64) << 32) | (pointer as u64);
  }
  const both = linear_read<u32>(cpu, base + offset, ACCESS_IMPLICIT);
  return (((both >>> 16) as u64) << 32) | ((both & 0xffff) as u64);
}

/** Descriptor of a stack segment for level `dpl`. Raises #TS(selector | external), #SS(selector | external), #PF. */
export function inner_stack_descriptor(cpu: usize, selector: u32, dpl: u32, external: u32): u64 {
  const error = (selector & SELECTOR_MASK) | external;
  if (is_null(selector) || !descriptor_exists(cpu, selector) || rpl(selector) !== dpl) {
    raise_ts(cpu, error);
    return 0;
  }
  const descriptor = descriptor_read_existing(cpu, selector);
  if (faulted(cpu)) return 0;
  const attr = descriptor_attr(descriptor);
  if (!is_stack_of(attr, dpl)) raise_ts(cpu, error);
  else if ((attr & ATTR_P) === 0) raise_ss(cpu, error);
  return descriptor;
}

/**
 * Has the 8086 program of this task a handler of its own for INT `vector`? The 32 bytes before the I/O permission bitmap say so
 * (vol. 3 §20.3.3). Raises #GP(0) where there are none.
 */
export function interrupt_redirected(cpu: usize, vector: u32): bool {
  const limit = segment_limit(cpu, SEG_TR);
  if (!tss_is_32bit(cpu) || limit < IO_MAP_BASE + 1) {
    raise_gp(cpu, 0);
    return false;
  }
  const base = segment_base(cpu, SEG_TR);
  const map = linear_read<u16>(cpu, base + IO_MAP_BASE, ACCESS_IMPLICIT) as u32;
  if (faulted(cpu)) return false;
  const offset = map - REDIRECTION_MAP_SIZE + (vector >>> 3);
  if (offset > limit) {
    raise_gp(cpu, 0);
    return false;
  }
  const bits = linear_read<u8>(cpu, base + offset, ACCESS_IMPLICIT) as u32;
  return ((bits >>> (vector & 7)) & 1) === 0;
}

/** Raises #GP(0) if the current task may not use these ports. */
export function io_permission_check(cpu: usize, port: u32, size: u32): void {
  if (io_permitted(cpu)) return;
  if (!io_bitmap_allows(cpu, port, size) && !faulted(cpu)) raise_gp(cpu, 0);
}

/** May code of this privilege access every port? Real mode has CPL 0; virtual-8086 mode always asks the bitmap. */
export function io_permitted(cpu: usize): bool {
  const cpl = load<u32>(cpu, CPL);
  return in_protected_mode(cpu) ? cpl <= io_privilege_level(cpu) : cpl === 0;
}

function io_bitmap_allows(cpu: usize, port: u32, size: u32): bool {
  const limit = segment_limit(cpu, SEG_TR);
  if (!tss_is_32bit(cpu) || limit < IO_MAP_BASE + 1) return false;
  const base = segment_base(cpu, SEG_TR);
  const map = linear_read<u16>(cpu, base + IO_MAP_BASE, ACCESS_IMPLICIT) as u32;
  if (faulted(cpu)) return false;
  // Always two bytes, which is why the bitmap ends with a byte of ones.
  const offset = map + (port >>> 3);
  if (offset + 1 > limit) return false;
  const bits = linear_read<u16>(cpu, base + offset, ACCESS_IMPLICIT) as u32;
  const asked: u32 = ((1 << size) - 1) << (port & 7);
  return !faulted(cpu) && (bits & asked) === 0;
}
