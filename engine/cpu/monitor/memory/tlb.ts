// The soft TLBs and the jump cache as tables: indexing, invalidating, taking write tags away. Filling is translate.ts.
//
// Invariant: an entry's tags and addend may be used by generated code at any time without asking, so whatever makes an
// entry wrong (page tables, rights, p2m, dirty log, code map) must invalidate it here before the guest's next instruction.

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
  PLANAR_GRANTED,
  TLB_ADDEND,
  TLB_ENTRIES,
  TLB_ENTRY_SIZE,
  TLB_FILLED,
  TLB_FILLED_COUNT,
  TLB_FILLED_MAXIMUM,
  TLB_GLOBAL,
  TLB_INVALID,
  TLB_PHYSICAL,
  TLB_READ_TAG,
  TLB_SUPERVISOR,
  TLB_USER,
  TLB_WRITE_TAG,
} from '../../abi/layout.ts';

export const PAGE_MASK: u32 = 0xfffff000;

// The two TLBs lie one behind the other and count as one table. Few of its entries are valid at a time: what concerns them all
// goes through the list of those that were filled.
const ENTRIES_OF_BOTH: u32 = 2 * TLB_ENTRIES;

export function tlb_entry(cpu: usize, linear: u32, user: bool): usize {
  const table: usize = user ? TLB_USER : TLB_SUPERVISOR;
  return cpu + table + ((linear >>> 12) & (TLB_ENTRIES - 1)) * TLB_ENTRY_SIZE;
}

/** To be called when an entry is about to become valid, or to change. */
export function tlb_filled(cpu: usize, entry: usize): void {
  let count = load<u32>(cpu, TLB_FILLED_COUNT);
  if (count === TLB_FILLED_MAXIMUM) count = rebuild_list(cpu);
  const index = ((entry - cpu - TLB_SUPERVISOR) / TLB_ENTRY_SIZE) as u16;
  store<u16>(cpu + (count << 1), index, TLB_FILLED);
  store<u32>(cpu, count + 1, TLB_FILLED_COUNT);
}

/** Lists each valid entry once. There are fewer of them than the list has room for. */
function rebuild_list(cpu: usize): u32 {
  let count: u32 = 0;
  for (let index: u32 = 0; index < ENTRIES_OF_BOTH; index++) {
    if (load<u32>(entry_at(cpu, index), TLB_READ_TAG) === TLB_INVALID) continue;
    store<u16>(cpu + (count << 1), index as u16, TLB_FILLED);
    count++;
  }
  return count;
}

function entry_at(cpu: usize, index: u32): usize {
  return cpu + TLB_SUPERVISOR + index * TLB_ENTRY_SIZE;
}

/** The entry at a place of the list of those that were filled; it may be invalid, or listed twice. */
export function filled_entry(cpu: usize, place: u32): usize {
  return entry_at(cpu, filled_at(cpu, place));
}

function filled_at(cpu: usize, place: u32): u32 {
  return load<u16>(cpu + (place << 1), TLB_FILLED) as u32;
}

/** To be called when MODE or a generation has changed. */
export function jump_cache_key_update(cpu: usize): void {
  const mode = load<u32>(cpu, MODE);
  store<u32>(cpu, mode | (load<u32>(cpu, JC_GENERATION) << 8), JC_KEY_NOW);
  store<u32>(cpu, mode | (load<u32>(cpu, JC_GLOBAL_GENERATION) << 8), JC_GLOBAL_KEY_NOW);
}

/** Invalidates the jump cache: the linear → code mapping may have changed, under running code as well. */
export function code_mappings_changed(cpu: usize): void {
  generation_advance(cpu, cpu + JC_GLOBAL_GENERATION, 2);
  local_code_mappings_changed(cpu);
  memory.fill(cpu + CODE_PAGES, 0, CODE_PAGES_BITS >> 3);
}

/** Invalidates the jump cache except for code in global pages. */
function local_code_mappings_changed(cpu: usize): void {
  generation_advance(cpu, cpu + JC_GENERATION, 1);
  jump_cache_key_update(cpu);
  store<i32>(cpu, 1, LEAVE);
}

/** Generations of one kind are odd, of the other even, so that no key of one is ever a key of the other. */
function generation_advance(cpu: usize, counter: usize, first: u32): void {
  let generation = ((load<u32>(counter) + 2) & 0xffffff) | (first & 1);
  if (generation <= first) {
    // Generations wrap around: no entry of an old one may be left. Cleared entries never match.
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

/** Invalidates every entry, or with `global` 0 all but those of global pages, and the jump cache. */
export function tlb_flush(cpu: usize, global: i32): void {
  if (global !== 0) {
    // Whatever they were: this is also how the TLBs start.
    for (let index: u32 = 0; index < ENTRIES_OF_BOTH; index++) invalidate_entry(entry_at(cpu, index));
    store<u32>(cpu, 0, TLB_FILLED_COUNT);
    store<u32>(cpu, 0, PLANAR_GRANTED);
    code_mappings_changed(cpu);
  } else {
    invalidate_local(cpu);
    local_code_mappings_changed(cpu);
  }
}

/** Invalidates the entries of pages that are not global; those that stay are the list from now on. */
function invalidate_local(cpu: usize): void {
  const count = load<u32>(cpu, TLB_FILLED_COUNT);
  let kept: u32 = 0;
  for (let place: u32 = 0; place < count; place++) {
    const index = filled_at(cpu, place);
    const entry = entry_at(cpu, index);
    if (load<u32>(entry, TLB_READ_TAG) === TLB_INVALID) continue;
    if ((load<u32>(entry, TLB_PHYSICAL) & TLB_GLOBAL) === 0) {
      invalidate_entry(entry);
      continue;
    }
    store<u16>(cpu + (kept << 1), index as u16, TLB_FILLED);
    kept++;
  }
  store<u32>(cpu, kept, TLB_FILLED_COUNT);
}

/** Both tags at once: they are neighbours. */
export function invalidate_entry(entry: usize): void {
  store<u64>(entry, ((TLB_INVALID as u64) << 32) | (TLB_INVALID as u64), TLB_READ_TAG);
}

/** INVLPG: invalidates the page's entries, global or not, and the jump cache if code of this page may be in it. */
export function tlb_flush_page(cpu: usize, linear: u32): void {
  const page = linear & PAGE_MASK;
  const supervisor = tlb_entry(cpu, page, false);
  if ((load<u32>(supervisor, TLB_READ_TAG) & PAGE_MASK) === page) invalidate_entry(supervisor);
  const user = tlb_entry(cpu, page, true);
  if ((load<u32>(user, TLB_READ_TAG) & PAGE_MASK) === page) invalidate_entry(user);
  if (code_page_in_use(cpu, linear)) code_mappings_changed(cpu);
}

/** Takes every write tag away: the next write to each page goes through the slow path (new dirty-log round, shootdown). */
export function tlb_withdraw_writes(cpu: usize): void {
  store<u32>(cpu, 0, PLANAR_GRANTED);
  const count = load<u32>(cpu, TLB_FILLED_COUNT);
  for (let place: u32 = 0; place < count; place++)
    store<u32>(entry_at(cpu, filled_at(cpu, place)), TLB_INVALID, TLB_WRITE_TAG);
}

/** Machine page of an entry. Meaningless for an invalid one, which may be invalidated again. */
export function machine_of(entry: usize): u32 {
  return (load<u32>(entry, TLB_READ_TAG) & PAGE_MASK) + load<u32>(entry, TLB_ADDEND);
}

/** Takes away the write tags of one machine page, wherever the guest sees it: decoded code was just read from it. */
export function tlb_withdraw_page_writes(cpu: usize, machine: u32): void {
  store<u32>(cpu, 0, PLANAR_GRANTED);
  const count = load<u32>(cpu, TLB_FILLED_COUNT);
  for (let place: u32 = 0; place < count; place++) {
    const entry = entry_at(cpu, filled_at(cpu, place));
    if (machine_of(entry) === machine) store<u32>(entry, TLB_INVALID, TLB_WRITE_TAG);
  }
}

/** Invalidates the entries of one machine page, which another page replaces. Code mappings stay as they are. */
export function tlb_forget_machine(cpu: usize, machine: u32): void {
  store<u32>(cpu, 0, PLANAR_GRANTED);
  const count = load<u32>(cpu, TLB_FILLED_COUNT);
  for (let place: u32 = 0; place < count; place++) {
    const entry = entry_at(cpu, filled_at(cpu, place));
    if (machine_of(entry) === machine) invalidate_entry(entry);
  }
}
