// Guest-physical memory: through the memory map to pages of memory and the p2m table, everything else through the host's MMIO
// imports. Every write of the guest that does not go through a TLB write tag passes here, which is where copy-on-write, the
// dirty log and the invalidation of decoded code happen.
//
// A page of memory may be absent. The vCPU then stops at its instruction (`raise_absent`), before anything has changed. So
// a page is asked for before it is used: by translate.ts for every access of an instruction, by paging.ts for the tables.

import {
  ABSENT_PAGE,
  CODE_MAP,
  DIRTY_BITMAP,
  NOT_MEMORY,
  P2M,
  P2M_COW,
  P2M_PRESENT,
  PLANAR_MEMORY,
  WINDOW_COUNT,
  WINDOW_FIRST,
  WINDOW_PAGES,
  WINDOW_READS,
  WINDOW_SIZE,
  WINDOW_WRITES,
  WINDOWS,
} from '../../abi/layout.ts';
import { code_write, p2m_fault } from '../state/host.ts';
import { tlb_forget_machine } from './tlb.ts';

export const OFFSET_MASK: u32 = 0xfff;

/** The window of the memory map that a guest-physical page lies in, 0 for none. */
export function window_of(cpu: usize, page: u32): usize {
  const end = cpu + WINDOWS + load<u32>(cpu, WINDOW_COUNT) * WINDOW_SIZE;
  for (let window = cpu + WINDOWS; window < end; window += WINDOW_SIZE) {
    if (page - load<u32>(window, WINDOW_FIRST) < load<u32>(window, WINDOW_PAGES)) return window;
  }
  return 0;
}

/** Does that stand for a page of memory? */
export function is_memory(page: u32): bool {
  return page < (PLANAR_MEMORY as u32);
}

/** The page of memory that reads of a guest-physical page in `window` reach; NOT_MEMORY for pages of devices and of nothing. */
export function window_reads(window: usize, page: u32): u32 {
  if (window === 0) return NOT_MEMORY;
  const first = load<u32>(window, WINDOW_READS);
  return is_memory(first) ? first + (page - load<u32>(window, WINDOW_FIRST)) : first;
}

/** The same for writes; WRITES_DROPPED for ROM. */
export function window_writes(window: usize, page: u32): u32 {
  if (window === 0) return NOT_MEMORY;
  const first = load<u32>(window, WINDOW_WRITES);
  return is_memory(first) ? first + (page - load<u32>(window, WINDOW_FIRST)) : first;
}

export function page_for_reads(cpu: usize, page: u32): u32 {
  return window_reads(window_of(cpu, page), page);
}

export function page_for_writes(cpu: usize, page: u32): u32 {
  return window_writes(window_of(cpu, page), page);
}

/** Is this page of memory somewhere else now? */
export function is_absent(cpu: usize, memoryPage: u32): bool {
  return present_page(cpu, memoryPage) === 0;
}

/** Machine address of a page of memory as it is now, without a request for it; 0 if it is absent. */
export function present_page(cpu: usize, memoryPage: u32): u32 {
  const entry = load<u32>(p2m_slot(cpu, memoryPage));
  return (entry & P2M_PRESENT) !== 0 ? entry & ~OFFSET_MASK : 0;
}

function p2m_slot(cpu: usize, memoryPage: u32): usize {
  return (load<u32>(cpu, P2M) + (memoryPage << 2)) as usize;
}

/** Asks the host for a page of memory; false, and noted, if it has to be waited for. */
function obtained(cpu: usize, memoryPage: u32, write: u32): bool {
  if (p2m_fault(memoryPage, write) !== 0) return true;
  store<u32>(cpu, ((memoryPage + 1) << 1) | write, ABSENT_PAGE);
  return false;
}

/** Machine address of a page of memory, for reading; 0, and noted in ABSENT_PAGE, if it is absent. */
export function machine_page(cpu: usize, memoryPage: u32): u32 {
  const slot = p2m_slot(cpu, memoryPage);
  if ((load<u32>(slot) & P2M_PRESENT) === 0 && !obtained(cpu, memoryPage, 0)) return 0;
  return load<u32>(slot) & ~OFFSET_MASK;
}

/** Machine address of what reads of a guest-physical page reach. 0 for pages of devices and of nothing, and for absent pages. */
export function readable_page(cpu: usize, page: u32): u32 {
  const memoryPage = page_for_reads(cpu, page);
  return is_memory(memoryPage) ? present_page(cpu, memoryPage) : 0;
}

/**
 * Machine address of a page of memory that is about to be written: private from now on, and in the dirty log. 0, and noted in
 * ABSENT_PAGE, if it has to be waited for.
 */
export function machine_page_for_write(cpu: usize, memoryPage: u32): u32 {
  const slot = p2m_slot(cpu, memoryPage);
  const before = load<u32>(slot);
  if ((before & (P2M_PRESENT | P2M_COW)) !== P2M_PRESENT) {
    if (!obtained(cpu, memoryPage, 1)) return 0;
    if ((before & P2M_PRESENT) !== 0) tlb_forget_machine(cpu, before & ~OFFSET_MASK);
  }
  const bitmap = load<u32>(cpu, DIRTY_BITMAP);
  if (bitmap !== 0) {
    const word = (bitmap + ((memoryPage >>> 5) << 2)) as usize;
    const bit: u32 = 1 << (memoryPage & 31);
    if ((atomic.load<u32>(word) & bit) === 0) atomic.or<u32>(word, bit);
  }
  return load<u32>(slot) & ~OFFSET_MASK;
}

function holds_code(cpu: usize, memoryPage: u32): bool {
  const map = load<u32>(cpu, CODE_MAP);
  return map !== 0 && load<u8>((map + memoryPage) as usize) !== 0;
}

/** To be called after a store of `size` bytes to one page of memory: reports a store that may have hit decoded code. */
export function code_check(cpu: usize, memoryPage: u32, physical: u32, size: u32): void {
  if (holds_code(cpu, memoryPage)) code_write(physical, size);
}

/** May writes to this page of memory go unseen from now on, that is: may a TLB entry carry its write tag? */
export function writes_may_pass(cpu: usize, memoryPage: u32): bool {
  const entry = load<u32>(p2m_slot(cpu, memoryPage));
  if ((entry & (P2M_PRESENT | P2M_COW)) !== P2M_PRESENT || holds_code(cpu, memoryPage)) return false;
  const bitmap = load<u32>(cpu, DIRTY_BITMAP);
  if (bitmap === 0) return true;
  return (atomic.load<u32>((bitmap + ((memoryPage >>> 5) << 2)) as usize) & (1 << (memoryPage & 31))) !== 0;
}

/**
 * The same for a store through another way than the page's own windows: wherever the page can be read, `size` bytes from `offset` in it have
 * changed.
 */
export function code_check_everywhere(cpu: usize, memoryPage: u32, offset: u32, size: u32): void {
  if (!holds_code(cpu, memoryPage)) return;
  const end = cpu + WINDOWS + load<u32>(cpu, WINDOW_COUNT) * WINDOW_SIZE;
  for (let window = cpu + WINDOWS; window < end; window += WINDOW_SIZE) {
    const first = load<u32>(window, WINDOW_READS);
    if (!is_memory(first) || memoryPage - first >= load<u32>(window, WINDOW_PAGES)) continue;
    code_write(((load<u32>(window, WINDOW_FIRST) + (memoryPage - first)) << 12) | offset, size);
  }
}
