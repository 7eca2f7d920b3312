// Instruction fetches: from a linear address of code to its page, by the rights of a fetch (Intel SDM vol. 3 §4.6).
//
// What the TLB may keep is a matter of data: it has no entry for a watched page, for any user-mode page while alignment is
// checked, for those that SMAP closes, for pages of devices. So the answer here is the TLB's where it has one, else the page
// walk's, and never "look into the TLB now".

import { NO_PAGE } from '../../abi/layout.ts';
import { faulted } from '../state/exceptions.ts';
import { ACCESS_FETCH, ACCESS_QUIET, ACCESS_UNMARKED } from './paging.ts';
import { is_absent, is_memory, page_for_reads } from './physical.ts';
import { code_page_used, PAGE_MASK } from './tlb.ts';
import { current_access, page_of } from './translate.ts';

/** The page of code at `linear` for the current CPL: guest-physical address and TLB_* bits. Raises #PF. */
export function fetch_page(cpu: usize, linear: u32): u32 {
  code_page_used(cpu, linear);
  return page_of(cpu, linear, ACCESS_FETCH | current_access(cpu));
}

/** The same where the guest must see no fault: NO_PAGE instead. */
export function fetch_page_quietly(cpu: usize, linear: u32): u32 {
  code_page_used(cpu, linear);
  return page_of(cpu, linear, ACCESS_FETCH | ACCESS_QUIET | current_access(cpu));
}

/** Guest-physical address of code at `linear` for execution at the current CPL. Raises #PF. */
export function code_address(cpu: usize, linear: u32): u32 {
  const page = fetch_page(cpu, linear);
  return faulted(cpu) ? 0 : (page & PAGE_MASK) | (linear & ~PAGE_MASK);
}

/**
 * Guest-physical address of the page of code at `linear`, or NO_PAGE if it is not there. A query only: it changes nothing that
 * the guest can see, not even an accessed bit, which may lie in the very code that is asked about.
 */
export function code_page(cpu: usize, linear: u32): u32 {
  const page = page_of(cpu, linear, ACCESS_FETCH | ACCESS_QUIET | ACCESS_UNMARKED | current_access(cpu));
  if (page === (NO_PAGE as u32)) return NO_PAGE;
  const memoryPage = page_for_reads(cpu, page >>> 12);
  return is_memory(memoryPage) && is_absent(cpu, memoryPage) ? NO_PAGE : page & PAGE_MASK;
}
