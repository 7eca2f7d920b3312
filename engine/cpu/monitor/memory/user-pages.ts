// SMAP (Intel SDM vol. 3 §4.6): while CR4.SMAP is set, supervisor code reaches the data of user-mode pages only while EFLAGS.AC
// is set, and what the CPU looks up by itself never does.
//
// Generated code looks at nothing but tags. So the supervisor TLB has the tags of user-mode pages only while they may be
// reached; each of its entries for one is listed, and closing parks its tags: they equal no page's address until opening gives
// them back. Copying to and from user memory, which opens and closes each time, thus finds its entries again.

import {
  CPL,
  CR4,
  LEAVE,
  SYSFLAGS,
  TLB_INVALID,
  TLB_PARKED,
  TLB_PHYSICAL,
  TLB_READ_TAG,
  TLB_USER_PAGE,
  USER_PAGES,
  USER_PAGES_CLOSED,
  USER_PAGES_FREE,
  USER_PAGES_LISTED,
  USER_PAGES_NEXT,
  USER_PAGES_OPEN,
  USER_PAGES_SLOTS,
} from '../../abi/layout.ts';
import { CR4_SMAP, EFLAGS_AC } from '../state/control-bits.ts';
import { FEATURE_SMAP, leaf7_ebx } from '../state/cpu-features.ts';
import { undefined_opcode } from '../state/exceptions.ts';
import { invalidate_entry } from './tlb.ts';

const LIST_START: usize = USER_PAGES_LISTED;
const LIST_END: usize = USER_PAGES_LISTED + USER_PAGES_SLOTS * 4;
const BOTH_PARKED: u64 = ((TLB_PARKED as u64) << 32) | (TLB_PARKED as u64);

/** To be called when CPL, CR4.SMAP or EFLAGS.AC may have changed; a change of CR4.SMAP flushes the TLBs as well. */
export function user_pages_update(cpu: usize): void {
  // The region that runs may rely on what it has checked.
  if (is_closed_now(cpu)) store<i32>(cpu, 1, LEAVE);
}

/** Lets the tags follow. True if pages that could be reached can be so no longer. */
function is_closed_now(cpu: usize): bool {
  const before = load<u32>(cpu, USER_PAGES);
  const now = access(cpu);
  if (now === before) return false;
  store<u32>(cpu, now, USER_PAGES);
  if (now === (USER_PAGES_FREE as u32) || before === (USER_PAGES_FREE as u32)) {
    memory.fill(cpu + LIST_START, 0, LIST_END - LIST_START);
    return false;
  }
  const closed = now === (USER_PAGES_CLOSED as u32);
  park(cpu, closed);
  return closed;
}

function access(cpu: usize): u32 {
  if ((load<u32>(cpu, CR4) & CR4_SMAP) === 0) return USER_PAGES_FREE;
  const open = (load<u32>(cpu, SYSFLAGS) & EFLAGS_AC) !== 0 && load<u32>(cpu, CPL) < 3;
  return open ? USER_PAGES_OPEN : USER_PAGES_CLOSED;
}

/** Puts the tags of the listed entries aside, or gives them back. */
function park(cpu: usize, closed: bool): void {
  for (let listed = cpu + LIST_START; listed < cpu + LIST_END; listed += 4) {
    const entry = cpu + load<u32>(listed);
    if (!is_user_page(cpu, entry)) continue;
    const tags = load<u64>(entry, TLB_READ_TAG);
    store<u64>(entry, closed ? tags | BOTH_PARKED : tags & ~BOTH_PARKED, TLB_READ_TAG);
  }
}

/** Is the entry still the listed one? It may have been invalidated or replaced since; an invalid one stays invalid. */
function is_user_page(cpu: usize, entry: usize): bool {
  if (entry === cpu || load<u32>(entry, TLB_READ_TAG) === TLB_INVALID) return false;
  return (load<u32>(entry, TLB_PHYSICAL) & TLB_USER_PAGE) !== 0;
}

/** May this entry of the supervisor TLB be filled with a user-mode page? Then it is listed; what it displaces is invalid. */
export function user_page_listed(cpu: usize, entry: usize): bool {
  const state = load<u32>(cpu, USER_PAGES);
  if (state !== (USER_PAGES_OPEN as u32)) return state === (USER_PAGES_FREE as u32);
  const offset = (entry - cpu) as u32;
  for (let listed = cpu + LIST_START; listed < cpu + LIST_END; listed += 4) {
    if (load<u32>(listed) === offset) return true;
  }
  const next = load<u32>(cpu, USER_PAGES_NEXT);
  const listed = cpu + LIST_START + (next << 2);
  const oldest = cpu + load<u32>(listed);
  if (is_user_page(cpu, oldest)) invalidate_entry(oldest);
  store<u32>(listed, offset);
  store<u32>(cpu, (next + 1) % (USER_PAGES_SLOTS as u32), USER_PAGES_NEXT);
  return true;
}

/** CLAC: the caller discards what it has checked. */
export function clac(cpu: usize): void {
  access_flag_write(cpu, 0);
}

export function stac(cpu: usize): void {
  access_flag_write(cpu, EFLAGS_AC);
}

function access_flag_write(cpu: usize, value: u32): void {
  if (load<u32>(cpu, CPL) !== 0 || (leaf7_ebx(cpu) & FEATURE_SMAP) === 0) {
    undefined_opcode(cpu);
    return;
  }
  store<u32>(cpu, (load<u32>(cpu, SYSFLAGS) & ~EFLAGS_AC) | value, SYSFLAGS);
  is_closed_now(cpu);
}
