// Linear → guest-physical through the TLB: looks there first, walks on a miss, fills the entry.

import {
  CPL,
  CR2,
  FAULT,
  N_TLB_MISSES,
  TLB_ADDEND,
  TLB_INVALID,
  TLB_NO_EXECUTE,
  TLB_PHYSICAL,
  TLB_READ_TAG,
  TLB_USER_PAGE,
  TLB_WRITABLE,
  TLB_WRITE_TAG,
  WATCH,
  WATCH_ALIGNMENT,
} from '../isa/layout.ts';
import { is_watched_page } from './breakpoints.ts';
import { count } from './counters.ts';
import { faulted } from './exceptions.ts';
import { ACCESS_FETCH, ACCESS_IMPLICIT, ACCESS_READ, ACCESS_USER, ACCESS_WRITE, page_walk } from './paging.ts';
import { is_ram, machine_page, machine_page_for_write, reads_ram, writes_may_pass } from './physical.ts';
import { rom_page } from './rom.ts';
import { code_page_used, PAGE_MASK, tlb_entry, tlb_filled } from './tlb.ts';
import { user_page_listed } from './user-pages.ts';

/** ACCESS_USER at CPL 3, else 0. */
export function current_access(cpu: usize): u32 {
  return load<u32>(cpu, CPL) === 3 ? ACCESS_USER : ACCESS_READ;
}

/**
 * Guest-physical address of `linear` for `access` (ACCESS_* bits). Raises #PF. Fills the TLB for RAM and ROM; pages of devices are
 * never entered, so that each access to them comes here. For a write the page is made private and dirty, so that the write
 * tag can be granted at once.
 */
export function translate(cpu: usize, linear: u32, access: u32): u32 {
  const entry = tlb_entry(cpu, linear, (access & ACCESS_USER) !== 0);
  const page = linear & PAGE_MASK;
  let physical = load<u32>(entry, TLB_PHYSICAL);
  if (load<u32>(entry, TLB_READ_TAG) !== page || !suffices(physical, access)) {
    count(cpu, N_TLB_MISSES);
    physical = page_walk(cpu, linear, access);
    if (faulted(cpu)) return 0;
  }
  if (is_ram(cpu, physical >>> 12)) {
    fill(cpu, entry, page, physical, access);
  } else {
    const machine = read_only_page(cpu, physical >>> 12);
    if (machine !== 0) entry_store(cpu, entry, page, TLB_INVALID, machine, physical, access);
  }
  return (physical & PAGE_MASK) | (linear & ~PAGE_MASK);
}

/** Machine address of a page that can only be read: ROM, or RAM that the chipset protects. 0 for others. */
function read_only_page(cpu: usize, page: u32): u32 {
  return reads_ram(cpu, page) ? machine_page(cpu, page) : rom_page(cpu, page);
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

function fill(cpu: usize, entry: usize, page: u32, physical: u32, access: u32): void {
  const write = (access & ACCESS_WRITE) !== 0;
  const frame = physical >>> 12;
  const machine = write ? machine_page_for_write(cpu, frame) : machine_page(cpu, frame);
  const grant = (physical & TLB_WRITABLE) !== 0 && writes_may_pass(cpu, frame);
  entry_store(cpu, entry, page, grant ? page : TLB_INVALID, machine, physical, access);
}

function entry_store(
  cpu: usize,
  entry: usize,
  page: u32,
  writeTag: u32,
  machine: u32,
  physical: u32,
  access: u32,
): void {
  if (is_withheld(cpu, page, access)) return;
  const foreign = (physical & TLB_USER_PAGE) !== 0 && (access & ACCESS_USER) === 0;
  if (foreign && !user_page_listed(cpu, entry)) return;
  // A valid entry is listed already.
  if (load<u32>(entry, TLB_READ_TAG) === TLB_INVALID) tlb_filled(cpu, entry);
  store<u32>(entry, page, TLB_READ_TAG);
  store<u32>(entry, writeTag, TLB_WRITE_TAG);
  store<u32>(entry, machine - page, TLB_ADDEND);
  store<u32>(entry, physical, TLB_PHYSICAL);
}

/** Guest-physical address of code at `linear` for execution at the current CPL. Raises #PF. */
export function code_address(cpu: usize, linear: u32): u32 {
  const physical = translate(cpu, linear, ACCESS_FETCH | current_access(cpu));
  code_page_used(cpu, linear);
  return physical;
}

/** What `code_page` gives where nothing can be fetched: no page's address. */
export const NO_PAGE: u32 = 1;

/** Guest-physical address of the page of code at `linear`, or NO_PAGE. Raises nothing: a fault nobody has caused must not show. */
export function code_page(cpu: usize, linear: u32): u32 {
  const cr2 = load<u32>(cpu, CR2);
  const physical = code_address(cpu, linear);
  if (!faulted(cpu)) return physical & PAGE_MASK;
  store<i32>(cpu, 0, FAULT);
  store<u32>(cpu, cr2, CR2);
  return NO_PAGE;
}
