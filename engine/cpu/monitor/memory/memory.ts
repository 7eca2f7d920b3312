// Loads and stores of the guest at linear addresses, through the TLB: what generated code calls when its inline check fails,
// and what the rest of the monitor uses. `access` is 0 (supervisor) or ACCESS_USER.
//
// An access that crosses a page has both pages checked before a byte of it is done. An operand of several parts is checked as a
// whole first (`mem_probe`): the functions linear_* that then move its parts do not look at alignment, those named mem_* do.

import {
  TLB_ADDEND,
  TLB_PLANAR,
  TLB_READ_TAG,
  TLB_WRITE_TAG,
  USER_PAGES,
  USER_PAGES_OPEN,
  WATCH,
  WATCH_DATA,
} from '../../abi/layout.ts';
import { faulted } from '../state/exceptions.ts';
import { alignment_check } from './alignment.ts';
import { watch_data } from './breakpoints.ts';
import { ACCESS_IMPLICIT, ACCESS_USER, ACCESS_WRITE } from './paging.ts';
import {
  phys_read8,
  phys_read16,
  phys_read32,
  phys_read64,
  phys_write8,
  phys_write16,
  phys_write32,
  phys_write64,
} from './physical-access.ts';
import { planar_read, planar_write } from './planar.ts';
import { PAGE_MASK, tlb_entry } from './tlb.ts';
import { current_access, translate } from './translate.ts';

function watch(cpu: usize, linear: u32, size: u32, write: bool): void {
  if ((load<u32>(cpu, WATCH) & WATCH_DATA) !== 0) watch_data(cpu, linear, size, write);
}

/** Do the tags not say whether this access is allowed? */
function tags_misled(cpu: usize, access: u32): bool {
  return (access & ACCESS_IMPLICIT) !== 0 && load<u32>(cpu, USER_PAGES) === (USER_PAGES_OPEN as u32);
}

/** Zero after a fault. */
export function linear_read<T>(cpu: usize, linear: u32, access: u32): T {
  const entry = tlb_entry(cpu, linear, (access & ACCESS_USER) !== 0);
  const lastPage = (linear + (sizeof<T>() as u32) - 1) & PAGE_MASK;
  if (load<u32>(entry, TLB_READ_TAG) === lastPage && !tags_misled(cpu, access))
    return load<T>((linear + load<u32>(entry, TLB_ADDEND)) as usize);
  if (load<u32>(entry, TLB_READ_TAG) === (lastPage | TLB_PLANAR) && !tags_misled(cpu, access))
    return planar_read<T>(cpu, linear + load<u32>(entry, TLB_ADDEND));
  if (sizeof<T>() > 1 && lastPage !== (linear & PAGE_MASK))
    return read_crossing(cpu, linear, access, sizeof<T>() as u32) as T;
  const physical = translate(cpu, linear, access);
  if (faulted(cpu)) return 0 as T;
  watch(cpu, linear, sizeof<T>() as u32, false);
  if (sizeof<T>() === 1) return phys_read8(cpu, physical) as T;
  if (sizeof<T>() === 2) return phys_read16(cpu, physical) as T;
  if (sizeof<T>() === 4) return phys_read32(cpu, physical) as T;
  return phys_read64(cpu, physical) as T;
}

export function linear_write<T>(cpu: usize, linear: u32, value: T, access: u32): void {
  const entry = tlb_entry(cpu, linear, (access & ACCESS_USER) !== 0);
  const lastPage = (linear + (sizeof<T>() as u32) - 1) & PAGE_MASK;
  if (load<u32>(entry, TLB_WRITE_TAG) === lastPage && !tags_misled(cpu, access)) {
    store<T>((linear + load<u32>(entry, TLB_ADDEND)) as usize, value);
    return;
  }
  if (load<u32>(entry, TLB_WRITE_TAG) === (lastPage | TLB_PLANAR) && !tags_misled(cpu, access)) {
    planar_write<T>(cpu, linear + load<u32>(entry, TLB_ADDEND), value);
    return;
  }
  if (sizeof<T>() > 1 && lastPage !== (linear & PAGE_MASK)) {
    write_crossing(cpu, linear, value as u64, access, sizeof<T>() as u32);
    return;
  }
  const physical = translate(cpu, linear, access | ACCESS_WRITE);
  if (faulted(cpu)) return;
  watch(cpu, linear, sizeof<T>() as u32, true);
  if (sizeof<T>() === 1) phys_write8(cpu, physical, value as u32);
  else if (sizeof<T>() === 2) phys_write16(cpu, physical, value as u32);
  else if (sizeof<T>() === 4) phys_write32(cpu, physical, value as u32);
  else phys_write64(cpu, physical, value as u64);
}

function read_crossing(cpu: usize, linear: u32, access: u32, size: u32): u64 {
  const first = translate(cpu, linear, access);
  if (faulted(cpu)) return 0;
  const boundary = (linear & PAGE_MASK) + 0x1000;
  const second = translate(cpu, boundary, access);
  if (faulted(cpu)) return 0;
  watch(cpu, linear, size, false);
  let value: u64 = 0;
  for (let i: u32 = 0; i < size; i++) {
    const before = i < boundary - linear;
    const byte = phys_read8(cpu, before ? first + i : second + (linear + i - boundary));
    value |= (byte as u64) << (i << 3);
  }
  return value;
}

function write_crossing(cpu: usize, linear: u32, value: u64, access: u32, size: u32): void {
  const first = translate(cpu, linear, access | ACCESS_WRITE);
  if (faulted(cpu)) return;
  const boundary = (linear & PAGE_MASK) + 0x1000;
  const second = translate(cpu, boundary, access | ACCESS_WRITE);
  if (faulted(cpu)) return;
  watch(cpu, linear, size, true);
  for (let i: u32 = 0; i < size; i++) {
    const before = i < boundary - linear;
    phys_write8(cpu, before ? first + i : second + (linear + i - boundary), ((value >> (i << 3)) & 0xff) as u32);
  }
}

/** Raises the #PF that an access to `size` bytes (at most a page) would raise. */
export function linear_probe(cpu: usize, linear: u32, size: u32, access: u32): void {
  const entry = tlb_entry(cpu, linear, (access & ACCESS_USER) !== 0);
  const lastPage = (linear + size - 1) & PAGE_MASK;
  const tag = (access & ACCESS_WRITE) !== 0 ? load<u32>(entry, TLB_WRITE_TAG) : load<u32>(entry, TLB_READ_TAG);
  if ((tag & ~TLB_PLANAR) === lastPage && !tags_misled(cpu, access)) return;
  translate(cpu, linear, access);
  if (lastPage !== (linear & PAGE_MASK) && !faulted(cpu)) translate(cpu, lastPage, access);
}

export function mem_read8(cpu: usize, linear: u32): u32 {
  return linear_read<u8>(cpu, linear, current_access(cpu)) as u32;
}

export function mem_read16(cpu: usize, linear: u32): u32 {
  alignment_check(cpu, linear, 2);
  if (faulted(cpu)) return 0;
  return linear_read<u16>(cpu, linear, current_access(cpu)) as u32;
}

export function mem_read32(cpu: usize, linear: u32): u32 {
  alignment_check(cpu, linear, 4);
  if (faulted(cpu)) return 0;
  return linear_read<u32>(cpu, linear, current_access(cpu));
}

export function mem_read64(cpu: usize, linear: u32): u64 {
  alignment_check(cpu, linear, 8);
  if (faulted(cpu)) return 0;
  return linear_read<u64>(cpu, linear, current_access(cpu));
}

export function mem_write8(cpu: usize, linear: u32, value: u32): void {
  linear_write<u8>(cpu, linear, value as u8, current_access(cpu));
}

export function mem_write16(cpu: usize, linear: u32, value: u32): void {
  alignment_check(cpu, linear, 2);
  if (faulted(cpu)) return;
  linear_write<u16>(cpu, linear, value as u16, current_access(cpu));
}

export function mem_write32(cpu: usize, linear: u32, value: u32): void {
  alignment_check(cpu, linear, 4);
  if (faulted(cpu)) return;
  linear_write<u32>(cpu, linear, value, current_access(cpu));
}

export function mem_write64(cpu: usize, linear: u32, value: u64): void {
  alignment_check(cpu, linear, 8);
  if (faulted(cpu)) return;
  linear_write<u64>(cpu, linear, value, current_access(cpu));
}

/** Raises what an access to an operand of `size` bytes would raise: #AC(0) off a multiple of `alignment`, #PF of any page. */
export function mem_probe(cpu: usize, linear: u32, size: u32, alignment: u32, write: u32): void {
  alignment_check(cpu, linear, alignment);
  if (faulted(cpu)) return;
  linear_probe(cpu, linear, size, current_access(cpu) | (write !== 0 ? ACCESS_WRITE : 0));
}
