// The soft TLBs and the jump cache as tables: indexing, voiding, taking write tags away. Filling is translate.ts.
//
// Invariant: an entry's tags and addend may be used by generated code at any time without asking, so whatever makes an
// entry wrong (page tables, rights, p2m, dirty log, code map) must void it here before the guest's next instruction.

import {
  CODE_PAGES,
  CODE_PAGES_BITS,
  JC,
  JC_ENTRIES,
  JC_ENTRY_SIZE,
  JC_GENERATION,
  JC_GLOBAL_GENERATION,
  JC_GLOBAL_KEY_NOW,
  JC_KEY_NOW,
  LEAVE,
  MODE,
  TLB_ENTRIES,
  TLB_ENTRY_SIZE,
  TLB_GLOBAL,
  TLB_INVALID,
  TLB_PHYSICAL,
  TLB_READ_TAG,
  TLB_SUPERVISOR,
  TLB_USER,
  TLB_WRITE_TAG,
} from '../isa/layout.ts';

export const PAGE_MASK: u32 = 0xfffff000;

// The two TLBs lie one behind the other, which lets a sweep treat them as one table.
const SWEEP_START: usize = TLB_SUPERVISOR;
const SWEEP_END: usize = TLB_USER + TLB_ENTRIES * TLB_ENTRY_SIZE;

export function tlb_entry(cpu: usize, linear: u32, user: bool): usize {
  const table: usize = user ? TLB_USER : TLB_SUPERVISOR;
  return cpu + table + ((linear >>> 12) & (TLB_ENTRIES - 1)) * TLB_ENTRY_SIZE;
}

/** To be called when MODE or a generation has changed. */
export function jump_cache_key_update(cpu: usize): void {
  const mode = load<u32>(cpu, MODE);
  store<u32>(cpu, mode | (load<u32>(cpu, JC_GENERATION) << 8), JC_KEY_NOW);
  store<u32>(cpu, mode | (load<u32>(cpu, JC_GLOBAL_GENERATION) << 8), JC_GLOBAL_KEY_NOW);
}

/** Voids the jump cache: the linear → code mapping may have changed, under running code as well. */
export function code_mappings_changed(cpu: usize): void {
  generation_advance(cpu, cpu + JC_GLOBAL_GENERATION, 2);
  local_code_mappings_changed(cpu);
  memory.fill(cpu + CODE_PAGES, 0, CODE_PAGES_BITS >> 3);
}

/** Voids the jump cache but for code in global pages. */
function local_code_mappings_changed(cpu: usize): void {
  generation_advance(cpu, cpu + JC_GENERATION, 1);
  jump_cache_key_update(cpu);
  store<i32>(cpu, 1, LEAVE);
}

/** Generations of one kind are odd, of the other even, so that no key of one is ever a key of the other. */
function generation_advance(cpu: usize, counter: usize, first: u32): void {
  let generation = ((load<u32>(counter) + 2) & 0xffffff) | (first & 1);
  if (generation <= first) {
    // Generations start anew: no entry of an old one may be left. Cleared entries never match.
    memory.fill(cpu + JC, 0, JC_ENTRIES * JC_ENTRY_SIZE);
    generation = first;
  }
  store<u32>(counter, generation);
}

/** Notes that code of this linear page may be in the jump cache. */
export function code_page_used(cpu: usize, linear: u32): void {
  const bit = (linear >>> 12) & (CODE_PAGES_BITS - 1);
  const address = cpu + CODE_PAGES + (bit >>> 3);
  const mask: u32 = 1 << (bit & 7);
  store<u8>(address, ((load<u8>(address) as u32) | mask) as u8);
}

function code_page_in_use(cpu: usize, linear: u32): bool {
  const bit = (linear >>> 12) & (CODE_PAGES_BITS - 1);
  const mask: u32 = 1 << (bit & 7);
  return ((load<u8>(cpu + CODE_PAGES + (bit >>> 3)) as u32) & mask) !== 0;
}

/** Voids every entry, or with `global` 0 all but those of global pages, and the jump cache. */
export function tlb_flush(cpu: usize, global: i32): void {
  const end = cpu + SWEEP_END;
  for (let entry = cpu + SWEEP_START; entry < end; entry += TLB_ENTRY_SIZE) {
    if (global !== 0 || (load<u32>(entry, TLB_PHYSICAL) & TLB_GLOBAL) === 0) entry_void(entry);
  }
  if (global !== 0) code_mappings_changed(cpu);
  else local_code_mappings_changed(cpu);
}

/** Both tags at once: they are neighbours. */
function entry_void(entry: usize): void {
  store<u64>(entry, ((TLB_INVALID as u64) << 32) | (TLB_INVALID as u64), TLB_READ_TAG);
}

/** INVLPG: voids the page's entries, global or not, and the jump cache if code of this page may be in it. */
export function tlb_flush_page(cpu: usize, linear: u32): void {
  const page = linear & PAGE_MASK;
  const supervisor = tlb_entry(cpu, page, false);
  if (load<u32>(supervisor, TLB_READ_TAG) === page) entry_void(supervisor);
  const user = tlb_entry(cpu, page, true);
  if (load<u32>(user, TLB_READ_TAG) === page) entry_void(user);
  if (code_page_in_use(cpu, linear)) code_mappings_changed(cpu);
}

/** Takes every write tag away: the next write to each page goes through the slow path (new dirty-log round, shootdown). */
export function tlb_withdraw_writes(cpu: usize): void {
  const end = cpu + SWEEP_END;
  for (let entry = cpu + SWEEP_START; entry < end; entry += TLB_ENTRY_SIZE) {
    store<u32>(entry, TLB_INVALID, TLB_WRITE_TAG);
  }
}

/** Takes away the write tags of one guest-physical page: decoded code was just read from it. */
export function tlb_withdraw_page_writes(cpu: usize, physical: u32): void {
  const page = physical & PAGE_MASK;
  const end = cpu + SWEEP_END;
  for (let entry = cpu + SWEEP_START; entry < end; entry += TLB_ENTRY_SIZE) {
    if ((load<u32>(entry, TLB_PHYSICAL) & PAGE_MASK) === page) store<u32>(entry, TLB_INVALID, TLB_WRITE_TAG);
  }
}

/** Voids the entries of one guest-physical page: its machine page changed. Code mappings stay as they are. */
export function tlb_forget_physical(cpu: usize, physical: u32): void {
  const page = physical & PAGE_MASK;
  const end = cpu + SWEEP_END;
  for (let entry = cpu + SWEEP_START; entry < end; entry += TLB_ENTRY_SIZE) {
    if ((load<u32>(entry, TLB_PHYSICAL) & PAGE_MASK) === page) entry_void(entry);
  }
}
