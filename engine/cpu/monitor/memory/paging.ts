// The page walker: linear → guest-physical under the tables of CR3, for all formats (Intel SDM vol. 3, chapter 4). It
// raises #PF, sets the A and D bits, and knows nothing of TLBs.
//
// The result packs the guest-physical page address and the TLB_* bits of TLB_PHYSICAL; it is NO_PAGE after a fault.
// Guest-physical addresses have 32 bits (CPUID leaf 0x80000008 says so), so address bits from 32 up are reserved bits.
//
// A table may be absent: its entries then read as zero, not present, and what would be a fault is VECTOR_ABSENT. A leaf gets its
// D bit only once the page it leads to is there to be written.

import {
  A20_MASK,
  ABSENT_PAGE,
  CR0,
  CR3,
  CR4,
  EFER,
  NO_PAGE,
  PDPTE,
  TLB_GLOBAL,
  TLB_NO_EXECUTE,
  TLB_USER_PAGE,
  TLB_WRITABLE,
  USER_PAGES,
  USER_PAGES_FREE,
  USER_PAGES_OPEN,
} from '../../abi/layout.ts';
import { CR0_PG, CR0_WP, CR4_PAE, CR4_PGE, CR4_PSE, CR4_SMEP, EFER_LMA, EFER_NXE } from '../state/control-bits.ts';
import { is_page_absent, raise_absent, raise_pf } from '../state/exceptions.ts';
import { is_memory, machine_page_for_write, page_for_writes } from './physical.ts';
import { phys_read32, phys_read64, phys_write32, phys_write64 } from './physical-access.ts';
import { PAGE_MASK } from './tlb.ts';

// An access, in the bits of the #PF error code.
export const ACCESS_READ: u32 = 0;
export const ACCESS_WRITE: u32 = 2;
export const ACCESS_USER: u32 = 4;
export const ACCESS_FETCH: u32 = 16;
/** Not of the error code: the CPU itself looks into a descriptor table or a TSS, whatever the CPL (vol. 3 §4.6). */
export const ACCESS_IMPLICIT: u32 = 0x100;

/** Nor this: nothing is raised, the result is NO_PAGE where there would be a fault. */
export const ACCESS_QUIET: u32 = 0x200;
/** Nor this: A and D bits stay as they are. */
export const ACCESS_UNMARKED: u32 = 0x400;

const ERROR_PRESENT: u32 = 1;
const ERROR_RESERVED: u32 = 8;

const PTE_P: u64 = 1;
const PTE_W: u64 = 2;
const PTE_U: u64 = 4;
const PTE_A: u64 = 0x20;
const PTE_D: u64 = 0x40;
const PTE_PS: u64 = 0x80;
const PTE_G: u64 = 0x100;
const PTE_NX: u64 = 0x8000000000000000;

// Reserved bits. 4 MiB pages: bits 13..21. PAE and 4-level entries: bits 32..51 (52..62 are ignored in 4-level paging).
const RESERVED_4M: u64 = 0x3fe000;
const RESERVED_PAE: u64 = 0x7fffffff00000000;
const RESERVED_4LEVEL: u64 = 0x000fffff00000000;
const RESERVED_2M: u64 = 0x1fe000;
export const RESERVED_PDPTE: u64 = (0xffffffff << 32) | 0x1e6;

/** The page of `linear` for `access` (ACCESS_* bits). */
export function page_walk(cpu: usize, linear: u64, access: u32): u32 {
  if ((load<u32>(cpu, CR0) & CR0_PG) === 0) {
    return ((linear as u32) & load<u32>(cpu, A20_MASK) & PAGE_MASK) | TLB_WRITABLE;
  }
  if ((load<u32>(cpu, CR4) & CR4_PAE) === 0) return walk_32bit(cpu, linear as u32, access);
  if ((load<u32>(cpu, EFER) & EFER_LMA) !== 0) {
    return walk_64bit(cpu, linear, access, 4, (load<u64>(cpu, CR3) & 0xffffffffff000) | PTE_P | PTE_W | PTE_U);
  }
  const pdpte = load<u64>(cpu + PDPTE + (((linear as u32) >>> 30) << 3));
  return walk_64bit(cpu, linear, access, 2, pdpte | PTE_W | PTE_U);
}

/** A page of memory that was needed is absent. False, for its callers. */
export function absent(cpu: usize, access: u32): bool {
  if ((access & ACCESS_QUIET) !== 0) store<u32>(cpu, 0, ABSENT_PAGE);
  else raise_absent(cpu);
  return false;
}

/** The I bit of the error code is reported only where execution can be refused, by NX or SMEP (§4.7). */
function fault(cpu: usize, linear: u64, access: u32, cause: u32): u32 {
  if (is_page_absent(cpu)) {
    absent(cpu, access);
    return NO_PAGE;
  }
  if ((access & ACCESS_QUIET) !== 0) return NO_PAGE;
  let error = (access & ~(ACCESS_IMPLICIT | ACCESS_UNMARKED)) | cause;
  const cr4 = load<u32>(cpu, CR4);
  const nx = (load<u32>(cpu, EFER) & EFER_NXE) !== 0 && (cr4 & CR4_PAE) !== 0;
  if (!nx && (cr4 & CR4_SMEP) === 0) error &= ~ACCESS_FETCH;
  raise_pf(cpu, linear as u32, error);
  return NO_PAGE;
}

function walk_32bit(cpu: usize, linear: u32, access: u32): u32 {
  const pdeAddress = (load<u32>(cpu, CR3) & PAGE_MASK) + ((linear >>> 22) << 2);
  const pde = phys_read32(cpu, pdeAddress) as u64;
  if ((pde & PTE_P) === 0) return fault(cpu, linear, access, 0);
  if ((pde & PTE_PS) !== 0 && (load<u32>(cpu, CR4) & CR4_PSE) !== 0) {
    if ((pde & RESERVED_4M) !== 0) return fault(cpu, linear, access, ERROR_PRESENT | ERROR_RESERVED);
    if (!allowed(cpu, pde, access)) return fault(cpu, linear, access, ERROR_PRESENT);
    const physical = ((pde & 0xffc00000) as u32) | (linear & 0x3ff000);
    if (!may_mark(cpu, physical, pde, access)) return NO_PAGE;
    const marked = mark_32bit(cpu, pdeAddress, pde, access, true);
    return leaf(cpu, physical, marked, pde, access);
  }
  const pteAddress = ((pde as u32) & PAGE_MASK) + (((linear >>> 12) & 0x3ff) << 2);
  const pte = phys_read32(cpu, pteAddress) as u64;
  if ((pte & PTE_P) === 0) return fault(cpu, linear, access, 0);
  const rights = pde & pte;
  if (!allowed(cpu, rights, access)) return fault(cpu, linear, access, ERROR_PRESENT);
  const physical = (pte as u32) & PAGE_MASK;
  if (!may_mark(cpu, physical, pte, access)) return NO_PAGE;
  mark_32bit(cpu, pdeAddress, pde, access, false);
  const marked = mark_32bit(cpu, pteAddress, pte, access, true);
  return leaf(cpu, physical, marked, rights, access);
}

/** PAE (`level` 2, from a PDPTE) and 4-level paging (`level` 4, from CR3): `entry` is the one that points to the table. */
function walk_64bit(cpu: usize, linear: u64, access: u32, level: u32, entry: u64): u32 {
  const longMode = level === 4;
  let reserved = longMode ? RESERVED_4LEVEL : RESERVED_PAE;
  if ((load<u32>(cpu, EFER) & EFER_NXE) === 0) reserved |= PTE_NX;
  if ((entry & PTE_P) === 0) return fault(cpu, linear, access, 0);
  let rights: u64 = PTE_W | PTE_U;
  let refused: u64 = 0;
  // First down to the leaf without a mark, since a fault must leave the tables as they are; then the marks from the top.
  const top = entry;
  let address: u32 = 0;
  let size: u64 = 0x1000;
  for (;;) {
    level--;
    address = ((entry as u32) & PAGE_MASK) + ((((linear >> (12 + 9 * level)) & 0x1ff) << 3) as u32);
    entry = phys_read64(cpu, address);
    if ((entry & PTE_P) === 0) return fault(cpu, linear, access, 0);
    let bad = reserved;
    const large = level > 0 && (entry & PTE_PS) !== 0;
    if (large) bad |= level === 1 ? RESERVED_2M : PTE_PS;
    if ((entry & bad) !== 0) return fault(cpu, linear, access, ERROR_PRESENT | ERROR_RESERVED);
    rights &= entry;
    refused |= entry & PTE_NX;
    if (large) size = 0x200000;
    if (large || level === 0) break;
  }
  if (!allowed(cpu, rights, access) || ((access & ACCESS_FETCH) !== 0 && refused !== 0)) {
    return fault(cpu, linear, access, ERROR_PRESENT);
  }
  const physical = ((entry & ~(size - 1) & 0xfffff000) | (linear & (size - 1) & 0xfffff000)) as u32;
  if (!may_mark(cpu, physical, entry, access)) return NO_PAGE;
  if ((access & ACCESS_UNMARKED) === 0) mark_tables(cpu, linear, top, longMode ? 4 : 2, level);
  const marked = mark_64bit(cpu, address, entry, access, true);
  const result = leaf(cpu, physical, marked, rights, access);
  return refused !== 0 ? result | TLB_NO_EXECUTE : result;
}

/** Sets the A bits of the tables above the leaf's level. */
function mark_tables(cpu: usize, linear: u64, entry: u64, level: u32, leafLevel: u32): void {
  for (level--; level > leafLevel; level--) {
    const address = ((entry as u32) & PAGE_MASK) + ((((linear >> (12 + 9 * level)) & 0x1ff) << 3) as u32);
    entry = phys_read64(cpu, address);
    mark_64bit(cpu, address, entry, ACCESS_READ, false);
  }
}

function allowed(cpu: usize, rights: u64, access: u32): bool {
  if ((access & ACCESS_WRITE) !== 0 && !writable(cpu, rights, access)) return false;
  if ((access & ACCESS_USER) !== 0) return (rights & PTE_U) !== 0;
  return (rights & PTE_U) === 0 || supervisor_allowed(cpu, access);
}

function writable(cpu: usize, rights: u64, access: u32): bool {
  if ((rights & PTE_W) !== 0) return true;
  return (access & ACCESS_USER) === 0 && (load<u32>(cpu, CR0) & CR0_WP) === 0;
}

/** May supervisor code do this to a user-mode page? SMEP is about fetches, SMAP about data. */
function supervisor_allowed(cpu: usize, access: u32): bool {
  if ((access & ACCESS_FETCH) !== 0) return (load<u32>(cpu, CR4) & CR4_SMEP) === 0;
  const state = load<u32>(cpu, USER_PAGES);
  return state === (USER_PAGES_FREE as u32) || (state === (USER_PAGES_OPEN as u32) && (access & ACCESS_IMPLICIT) === 0);
}

/** Is the page there that a leaf is about to be marked dirty for? */
function may_mark(cpu: usize, physical: u32, entry: u64, access: u32): bool {
  if ((access & ACCESS_WRITE) === 0 || (entry & PTE_D) !== 0 || (access & ACCESS_UNMARKED) !== 0) return true;
  const page = page_for_writes(cpu, (physical & load<u32>(cpu, A20_MASK)) >>> 12);
  return !is_memory(page) || machine_page_for_write(cpu, page) !== 0 || absent(cpu, access);
}

/** Sets A, and D when a leaf is written; returns the entry as it is now. */
function mark_32bit(cpu: usize, address: u32, entry: u64, access: u32, isLeaf: bool): u64 {
  if ((access & ACCESS_UNMARKED) !== 0) return entry;
  const marked = entry | PTE_A | (isLeaf && (access & ACCESS_WRITE) !== 0 ? PTE_D : 0);
  if (marked !== entry) phys_write32(cpu, address, marked as u32);
  return marked;
}

function mark_64bit(cpu: usize, address: u32, entry: u64, access: u32, isLeaf: bool): u64 {
  if ((access & ACCESS_UNMARKED) !== 0) return entry;
  const marked = entry | PTE_A | (isLeaf && (access & ACCESS_WRITE) !== 0 ? PTE_D : 0);
  if (marked !== entry) phys_write64(cpu, address, marked);
  return marked;
}

/** `rights` decide whether later writes need the walker again: only when they are allowed and D is set already. */
function leaf(cpu: usize, physical: u32, entry: u64, rights: u64, access: u32): u32 {
  // A table that could not be written: it is read-only until it has a page of its own.
  if (is_page_absent(cpu)) {
    absent(cpu, access);
    return NO_PAGE;
  }
  let result = physical & load<u32>(cpu, A20_MASK);
  if ((entry & PTE_G) !== 0 && (load<u32>(cpu, CR4) & CR4_PGE) !== 0) result |= TLB_GLOBAL;
  if ((entry & PTE_D) !== 0 && writable(cpu, rights, access)) result |= TLB_WRITABLE;
  if ((rights & PTE_U) === 0) return result;
  result |= TLB_USER_PAGE;
  if ((access & ACCESS_USER) === 0 && (load<u32>(cpu, CR4) & CR4_SMEP) !== 0) result |= TLB_NO_EXECUTE;
  return result;
}
