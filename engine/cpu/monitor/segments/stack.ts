// Frames on a stack, current or about to become current. A frame is checked as a whole with stack_check before its first
// slot is written, so that stack_push cannot fault and a refused frame leaves no trace.
//
// A stack is (base, limit, attr, mask) of its segment and a pointer; `size` is the size of a slot, 2 or 4 bytes.

import { SEG_SS } from '../../abi/layout.ts';
import { alignment_check } from '../memory/alignment.ts';
import { linear_probe, linear_read, linear_write } from '../memory/memory.ts';
import { ACCESS_USER, ACCESS_WRITE } from '../memory/paging.ts';
import { current_access } from '../memory/translate.ts';
import { faulted, raise_ss } from '../state/exceptions.ts';
import { stack_mask, stack_pointer } from '../state/registers.ts';
import { limit_allows, segment_base } from '../state/segment-cache.ts';
import { seg_check } from './segments.ts';

const PAGE: u32 = 0x1000;

/** Raises what writing a slot would raise: #AC(0) where user code pushes it, #PF. */
function slot_check(cpu: usize, linear: u32, size: u32, access: u32): void {
  if ((access & ACCESS_USER) !== 0) alignment_check(cpu, linear, size);
  if (!faulted(cpu)) linear_probe(cpu, linear, size, access | ACCESS_WRITE);
}

/** Room for `bytes` below `pointer`, in slots of `size`? Raises #SS(error), #AC(0) or #PF; false after a fault. */
export function stack_check(
  cpu: usize,
  base: u32,
  limit: u32,
  attr: u32,
  mask: u32,
  pointer: u32,
  bytes: u32,
  size: u32,
  error: u32,
  access: u32,
): bool {
  const top = pointer & mask;
  const bottom = (pointer - bytes) & mask;
  const inOnePage = (((base + bottom) ^ (base + top - 1)) & ~(PAGE - 1)) === 0;
  if (bottom < top && inOnePage) {
    // A page fault is the first push's.
    if (!limit_allows(limit, attr, bottom, bytes)) raise_ss(cpu, error);
    else slot_check(cpu, base + top - size, size, access);
    return !faulted(cpu);
  }
  // The frame reaches into another page, or wraps around the end of the segment: slot by slot.
  for (let done: u32 = 0; done < bytes; done += size) {
    pointer = (pointer - size) & mask;
    if (!limit_allows(limit, attr, pointer, size)) raise_ss(cpu, error);
    else slot_check(cpu, base + pointer, size, access);
    if (faulted(cpu)) return false;
  }
  return true;
}

/** Writes one slot of a checked frame; returns the new pointer. */
export function stack_push(cpu: usize, base: u32, mask: u32, pointer: u32, size: u32, value: u32, access: u32): u32 {
  pointer = (pointer - size) & mask;
  if (size === 2) linear_write<u16>(cpu, base + pointer, value as u16, access);
  else linear_write<u32>(cpu, base + pointer, value, access);
  return pointer;
}

/** Slot `index`, counted upwards from the pointer, of the current stack. Raises #SS(0), #AC(0), #PF; zero after a fault. */
export function stack_slot(cpu: usize, index: u32, size: u32): u32 {
  if (faulted(cpu)) return 0;
  const offset = (stack_pointer(cpu) + index * size) & stack_mask(cpu);
  return stack_read(cpu, offset, size);
}

/** Reads at an offset of the stack segment. Raises #SS(0), #AC(0), #PF; zero after a fault. */
export function stack_read(cpu: usize, offset: u32, size: u32): u32 {
  seg_check(cpu, SEG_SS, offset, size, 0);
  if (faulted(cpu)) return 0;
  const linear = segment_base(cpu, SEG_SS) + offset;
  alignment_check(cpu, linear, size);
  if (faulted(cpu)) return 0;
  const access = current_access(cpu);
  return size === 2 ? (linear_read<u16>(cpu, linear, access) as u32) : linear_read<u32>(cpu, linear, access);
}
