// Linear → guest-physical through the TLB: looks there first, walks on a miss, fills the entry.

import {
  CPL,
  N_TLB_MISSES,
  NO_PAGE,
  PLANAR_MEMORY,
  TLB_ADDEND,
  TLB_INVALID,
  TLB_NO_EXECUTE,
  TLB_PHYSICAL,
  TLB_PLANAR,
  TLB_READ_TAG,
  TLB_USER_PAGE,
  TLB_WRITABLE,
  TLB_WRITE_TAG,
  WATCH,
  WATCH_ALIGNMENT,
} from '../../abi/layout.ts';
import { count } from '../state/counters.ts';
import { is_watched_page } from './breakpoints.ts';
import {
  ACCESS_FETCH,
  ACCESS_IMPLICIT,
  ACCESS_READ,
  ACCESS_UNMARKED,
  ACCESS_USER,
  ACCESS_WRITE,
  absent,
  page_walk,
} from './paging.ts';
import {
  is_memory,
  machine_page,
  machine_page_for_write,
  readable_page,
  window_of,
  window_reads,
  window_writes,
  writes_may_pass,
} from './physical.ts';
import { planar_offset } from './planar.ts';
import { PAGE_MASK, tlb_entry, tlb_filled } from './tlb.ts';
import { user_page_listed } from './user-pages.ts';

/** ACCESS_USER at CPL 3, else 0. */
export function current_access(cpu: usize): u32 {
  return load<u32>(cpu, CPL) === 3 ? ACCESS_USER : ACCESS_READ;
}

/**
 * Guest-physical address of `linear` for `access` (ACCESS_* bits). Raises #PF, and VECTOR_ABSENT: after it the page of memory that
 * such an access reaches is there, and for a write it is private and dirty, so that the write tag can be granted at once. Fills
 * the TLB if the entry may be kept: the caller uses this answer and does not look for the entry.
 */
export function translate(cpu: usize, linear: u32, access: u32): u32 {
  return (page_of(cpu, linear, access) & PAGE_MASK) | (linear & ~PAGE_MASK);
}

/** The same for its page, with the TLB_* bits of TLB_PHYSICAL; NO_PAGE after a fault. */
export function page_of(cpu: usize, linear: u32, access: u32): u32 {
  const entry = tlb_entry(cpu, linear, (access & ACCESS_USER) !== 0);
  const page = linear & PAGE_MASK;
  let physical = load<u32>(entry, TLB_PHYSICAL);
  if ((load<u32>(entry, TLB_READ_TAG) & ~TLB_PLANAR) !== page || !suffices(physical, access)) {
    count(cpu, N_TLB_MISSES);
    physical = page_walk(cpu, linear, access);
    // An entry says that the accessed bit is set.
    if (physical === (NO_PAGE as u32) || (access & ACCESS_UNMARKED) !== 0) return physical;
  }
  return fill(cpu, entry, page, physical, access) ? physical : NO_PAGE;
}

function suffices(physical: u32, access: u32): bool {
  if ((access & ACCESS_IMPLICIT) !== 0 && (physical & TLB_USER_PAGE) !== 0) return false;
  if ((access & ACCESS_WRITE) !== 0) return (physical & TLB_WRITABLE) !== 0;
  if ((access & ACCESS_FETCH) !== 0) return (physical & TLB_NO_EXECUTE) === 0;
  return true;
}

/** May accesses to this page not go unseen? */
function is_withheld(cpu: usize, page: u32, access: u32): bool {
  const watch = load<u32>(cpu, WATCH);
  if (watch === 0) return false;
  return ((watch & WATCH_ALIGNMENT) !== 0 && (access & ACCESS_USER) !== 0) || is_watched_page(cpu, page);
}

/**
 * False if the page of memory is absent. Pages of devices are never entered, so that each access to them comes here; those of planar memory
 * are, with tags that only memory.ts knows.
 */
function fill(cpu: usize, entry: usize, page: u32, physical: u32, access: u32): bool {
  const frame = physical >>> 12;
  const window = window_of(cpu, frame);
  const reads = window_reads(window, frame);
  const writes = window_writes(window, frame);
  if (reads === (PLANAR_MEMORY as u32)) {
    const tag = page | TLB_PLANAR;
    const writable = (physical & TLB_WRITABLE) !== 0;
    entry_store(
      cpu,
      entry,
      tag,
      writable ? tag : TLB_INVALID,
      planar_offset(cpu, physical & PAGE_MASK),
      physical,
      access,
    );
    return true;
  }
  if ((access & ACCESS_WRITE) === 0) {
    if (!is_memory(reads)) return true;
    const machine = machine_page(cpu, reads);
    if (machine === 0) return absent(cpu, access);
    const grant = reads === writes && (physical & TLB_WRITABLE) !== 0 && writes_may_pass(cpu, reads);
    entry_store(cpu, entry, page, grant ? page : TLB_INVALID, machine, physical, access);
    return true;
  }
  if (is_memory(writes)) {
    const machine = machine_page_for_write(cpu, writes);
    if (machine === 0) return absent(cpu, access);
    if (reads === writes) {
      const grant = (physical & TLB_WRITABLE) !== 0 && writes_may_pass(cpu, writes);
      entry_store(cpu, entry, page, grant ? page : TLB_INVALID, machine, physical, access);
      return true;
    }
  }
  const machine = readable_page(cpu, frame);
  if (machine !== 0) entry_store(cpu, entry, page, TLB_INVALID, machine, physical, access);
  return true;
}

/** `tag`: the linear page, and TLB_PLANAR; `target`: machine address of the page, or its offset in planar memory. */
function entry_store(cpu: usize, entry: usize, tag: u32, writeTag: u32, target: u32, physical: u32, access: u32): void {
  const page = tag & PAGE_MASK;
  if (is_withheld(cpu, page, access)) return;
  const foreign = (physical & TLB_USER_PAGE) !== 0 && (access & ACCESS_USER) === 0;
  if (foreign && !user_page_listed(cpu, entry)) return;
  // A valid entry is listed already.
  if (load<u32>(entry, TLB_READ_TAG) === TLB_INVALID) tlb_filled(cpu, entry);
  store<u32>(entry, tag, TLB_READ_TAG);
  store<u32>(entry, writeTag, TLB_WRITE_TAG);
  store<u32>(entry, target - page, TLB_ADDEND);
  store<u32>(entry, physical, TLB_PHYSICAL);
}
