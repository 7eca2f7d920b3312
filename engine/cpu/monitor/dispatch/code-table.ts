// From a linear address of code to what runs it: the jump cache first, then the code table by guest-physical address, then
// the JavaScript side, which decodes.
//
// A jump-cache entry says that its code lies at `pc` now, with all its pages. It may carry the key of global code, which
// outlives a load of CR3, only if every page it was read from is global.

import {
  CODE_TABLE,
  CT_BITS,
  CT_ENTRY_SIZE,
  CT_HASH,
  CT_MAXIMUM_PAGES,
  CT_MODE,
  CT_PAGE_SIZE,
  CT_PAGES,
  CT_PHYSICAL,
  CT_REGION,
  CT_TARGET,
  CT_VALID,
  CT_WAYS,
  JC,
  JC_ENTRIES,
  JC_ENTRY_SIZE,
  JC_GENERATION,
  JC_GLOBAL_GENERATION,
  JC_KEY,
  JC_PC,
  JC_REGION,
  JC_TARGET,
  MODE_SINGLE,
  MODE_USER,
  NO_PAGE,
  TLB_GLOBAL,
} from '../../abi/layout.ts';
import { fetch_page, fetch_page_quietly } from '../memory/fetch.ts';
import { PAGE_MASK } from '../memory/tlb.ts';
import { faulted } from '../state/exceptions.ts';
import { find_block } from './blocks';

/** A walk may set an accessed bit in the very code it finds, which is decoded again then; each attempt has fewer left to set. */
const ATTEMPTS: u32 = 16;

/** Place in the jump cache; blocks of one instruction have places of their own. */
function place(address: u32, mode: u32): u32 {
  return (address ^ (address >>> 12) ^ ((mode & MODE_SINGLE) << 3)) & (JC_ENTRIES - 1);
}

/** The jump-cache entry that says what runs the code at `pc` in `mode`. Raises the fault of its fetch. */
export function find_code(cpu: usize, pc: u32, mode: u32): usize {
  const entry = cpu + JC + place(pc, mode) * JC_ENTRY_SIZE;
  if (is_known(cpu, entry, pc, mode)) return entry;
  const second = cpu + JC + (place(pc, mode) ^ 1) * JC_ENTRY_SIZE;
  if (is_known(cpu, second, pc, mode)) return second;
  let home = fetch_page(cpu, pc);
  if (faulted(cpu)) return entry;
  // What was here before may be wanted again soon: it moves to its second place.
  displace(entry, second);
  for (let attempt: u32 = 0; attempt < ATTEMPTS; attempt++) {
    if (fill_from_table(cpu, entry, pc, home, mode)) return entry;
    find_block(pc, mode);
    if (faulted(cpu)) return entry;
    home = fetch_page(cpu, pc);
    if (faulted(cpu)) return entry;
  }
  // Better no guest than one that runs what was here before.
  return unreachable();
}

/** Not memory.copy, which is a call out of WebAssembly. */
function displace(entry: usize, second: usize): void {
  store<u64>(second, load<u64>(entry));
  store<u64>(second, load<u64>(entry, 8), 8);
}

function is_known(cpu: usize, entry: usize, pc: u32, mode: u32): bool {
  if (load<u32>(entry, JC_PC) !== pc) return false;
  const key = load<u32>(entry, JC_KEY);
  if (key === (mode | (load<u32>(cpu, JC_GENERATION) << 8))) return true;
  return key === (mode | (load<u32>(cpu, JC_GLOBAL_GENERATION) << 8));
}

/** The code table's entry for this code, or 0. */
function table_entry(cpu: usize, physical: u32, mode: u32): usize {
  const index = ((physical ^ (mode << 24)) * (CT_HASH as u32)) >>> (32 - CT_BITS);
  let found = (load<u32>(cpu, CODE_TABLE) + (index & -CT_WAYS) * CT_ENTRY_SIZE) as usize;
  for (let way = 0; way < CT_WAYS; way++) {
    if (load<u32>(found, CT_PHYSICAL) === physical && load<u32>(found, CT_MODE) === (mode | CT_VALID)) return found;
    found += CT_ENTRY_SIZE;
  }
  return 0;
}

/** `home`: the page of `pc`, as fetch_page gives it. */
function fill_from_table(cpu: usize, entry: usize, pc: u32, home: u32, mode: u32): bool {
  const physical = (home & PAGE_MASK) | (pc & ~PAGE_MASK);
  const found = table_entry(cpu, physical, mode);
  if (found === 0) return false;
  let shared = home;
  for (let n: u32 = 0; n < (CT_MAXIMUM_PAGES as u32); n++) {
    const at = found + CT_PAGES + n * CT_PAGE_SIZE;
    const page = load<u32>(at);
    if (page === 0) break;
    const other = fetch_page_quietly(cpu, (pc & PAGE_MASK) + load<u32>(at, 4));
    if (other === (NO_PAGE as u32) || (other & PAGE_MASK) !== (page & PAGE_MASK)) return false;
    shared &= other;
  }
  // A walk sets accessed bits: where a page table is code, that may just have dropped this code.
  if (load<u32>(found, CT_MODE) !== (mode | CT_VALID)) return false;
  // Regions of user mode compare with the key of the address space alone (cpu/interpreter/region-chain.ts).
  const global = (shared & TLB_GLOBAL) !== 0 && (mode & MODE_USER) === 0;
  const generation = global ? load<u32>(cpu, JC_GLOBAL_GENERATION) : load<u32>(cpu, JC_GENERATION);
  store<u32>(entry, pc, JC_PC);
  store<u32>(entry, mode | (generation << 8), JC_KEY);
  store<u32>(entry, load<u32>(found, CT_TARGET), JC_TARGET);
  store<u32>(entry, load<u32>(found, CT_REGION), JC_REGION);
  return true;
}
