// What the string instructions share. They work in runs: a number of elements that lie in one page on each side, keep clear
// of the segment's bound and of address wrap-around, and can therefore be checked once and moved in bulk. What does not fit
// a run (elements across pages, MMIO, the last bytes of a segment) goes element by element.

import {
  BUDGET,
  LEAVE,
  PENDING_TRAPS,
  SEG_BASE,
  SEG_READ_BOUND,
  SEG_WRITE_BOUND,
  SYSFLAGS,
  TLB_ADDEND,
  TLB_READ_TAG,
  TLB_WRITE_TAG,
  WATCH,
} from '../../abi/layout.ts';
import { alignment_check } from '../memory/alignment.ts';
import { linear_read, linear_write } from '../memory/memory.ts';
import { ACCESS_USER, ACCESS_WRITE } from '../memory/paging.ts';
import { machine_page_for_write, readable_page } from '../memory/physical.ts';
import { PAGE_MASK, tlb_entry } from '../memory/tlb.ts';
import { translate } from '../memory/translate.ts';
import { seg_check } from '../segments/segments.ts';
import { EFLAGS_DF, EFLAGS_TF } from '../state/control-bits.ts';
import { faulted } from '../state/exceptions.ts';
import { doorbell_due } from '../state/interrupt-window.ts';
import { size_mask, sized_write } from '../state/registers.ts';
import { segment } from '../state/segment-cache.ts';

const PAGE: u32 = 0x1000;
/** Elements that cost as much of the slice as one instruction. */
const ELEMENTS_PER_INSTRUCTION_SHIFT: u32 = 3;

export const REP_NONE: u32 = 0;
export const REP_EQUAL: u32 = 1;
export const REP_NOT_EQUAL: u32 = 2;

export function is_backward(cpu: usize): bool {
  return (load<u32>(cpu, SYSFLAGS) & EFLAGS_DF) !== 0;
}

/** From an element's address to the next one's. */
export function step_of(cpu: usize, size: u32): u32 {
  return is_backward(cpu) ? 0 - size : size;
}

/** Moves an index register past `count` elements. */
export function index_advance(cpu: usize, register: usize, addressSize: u32, size: u32, count: u32): void {
  const bytes = is_backward(cpu) ? 0 - count * size : count * size;
  sized_write(cpu + register, addressSize, load<u32>(cpu + register) + bytes);
}

/** Linear address of the element at `offset` of a segment. Raises #GP(0), #SS(0), #AC(0). */
export function element_linear(cpu: usize, n: u32, offset: u32, size: u32, write: u32): u32 {
  const cache = segment(cpu, n);
  const bound = write !== 0 ? load<i64>(cache, SEG_WRITE_BOUND) : load<i64>(cache, SEG_READ_BOUND);
  if ((offset as i64) + size - 1 > bound) seg_check(cpu, n, offset, size, write);
  const linear = load<u32>(cache, SEG_BASE) + offset;
  alignment_check(cpu, linear, size);
  return linear;
}

/** How many of `count` elements from `offset` on make a run; 0 if not even the first is fit for one. */
export function run_length(cpu: usize, n: u32, offset: u32, addressSize: u32, size: u32, count: u32, write: u32): u32 {
  // Single step and breakpoints come between elements.
  if (load<u32>(cpu, WATCH) !== 0 || (load<u32>(cpu, SYSFLAGS) & EFLAGS_TF) !== 0) return 0;
  const cache = segment(cpu, n);
  const linear = load<u32>(cache, SEG_BASE) + offset;
  const inPage = linear & ~PAGE_MASK;
  if (inPage + size > PAGE || (offset as u64) + size - 1 > (size_mask(addressSize) as u64)) return 0;
  let length: u32;
  let lowest = offset;
  if (is_backward(cpu)) {
    length = min<u32>(count, min<u32>(inPage / size, offset / size) + 1);
    lowest = offset - (length - 1) * size;
  } else {
    length = min<u32>(count, (PAGE - inPage) / size);
    const beforeWrap = ((size_mask(addressSize) as u64) + 1 - offset) / size;
    if ((length as u64) > beforeWrap) length = beforeWrap as u32;
  }
  const bound = write !== 0 ? load<i64>(cache, SEG_WRITE_BOUND) : load<i64>(cache, SEG_READ_BOUND);
  return (lowest as i64) + length * size - 1 > bound ? 0 : length;
}

/** Address of the lowest byte of a run whose first element is at `first`. */
export function run_lowest(cpu: usize, first: u32, size: u32, count: u32): u32 {
  return is_backward(cpu) ? first - (count - 1) * size : first;
}

/** Machine address of `linear` for reading, 0 if it is not memory or a fault was raised. */
export function machine_for_read(cpu: usize, linear: u32, access: u32): u32 {
  const entry = tlb_entry(cpu, linear, (access & ACCESS_USER) !== 0);
  if (load<u32>(entry, TLB_READ_TAG) === (linear & PAGE_MASK)) return linear + load<u32>(entry, TLB_ADDEND);
  const physical = translate(cpu, linear, access);
  if (faulted(cpu)) return 0;
  const machine = readable_page(cpu, physical >>> 12);
  return machine === 0 ? 0 : machine | (physical & ~PAGE_MASK);
}

/** Machine address of `linear` if writes to its page go unseen, else 0. */
export function machine_if_writable(cpu: usize, linear: u32, access: u32): u32 {
  const entry = tlb_entry(cpu, linear, (access & ACCESS_USER) !== 0);
  if (load<u32>(entry, TLB_WRITE_TAG) !== (linear & PAGE_MASK)) return 0;
  return linear + load<u32>(entry, TLB_ADDEND);
}

/** Guest-physical address of `linear` for writing. Raises #PF. */
export function physical_for_write(cpu: usize, linear: u32, access: u32): u32 {
  return translate(cpu, linear, access | ACCESS_WRITE);
}

/** Machine address of a guest-physical address in page `memoryPage` of memory, which physical_for_write has given. */
export function machine_for_write(cpu: usize, memoryPage: u32, physical: u32): u32 {
  return machine_page_for_write(cpu, memoryPage) | (physical & ~PAGE_MASK);
}

export function element_read(cpu: usize, linear: u32, size: u32, access: u32): u32 {
  if (size === 1) return linear_read<u8>(cpu, linear, access) as u32;
  if (size === 2) return linear_read<u16>(cpu, linear, access) as u32;
  return linear_read<u32>(cpu, linear, access);
}

export function element_write(cpu: usize, linear: u32, size: u32, value: u32, access: u32): void {
  if (size === 1) linear_write<u8>(cpu, linear, value as u8, access);
  else if (size === 2) linear_write<u16>(cpu, linear, value as u16, access);
  else linear_write<u32>(cpu, linear, value, access);
}

/** Charges `done` elements to the slice. True if the instruction has to be left between two elements. */
export function pause_due(cpu: usize, done: u32): bool {
  const budget = load<i32>(cpu, BUDGET) - (((done + 7) >>> ELEMENTS_PER_INSTRUCTION_SHIFT) as i32);
  store<i32>(cpu, budget, BUDGET);
  if (budget < 0 || load<i32>(cpu, LEAVE) !== 0) return true;
  if ((load<u32>(cpu, SYSFLAGS) & EFLAGS_TF) !== 0 || load<u32>(cpu, PENDING_TRAPS) !== 0) return true;
  return doorbell_due(cpu) !== 0;
}
