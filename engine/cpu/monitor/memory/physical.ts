// Guest-physical memory: RAM through the p2m table, ROM, everything else through the host's MMIO imports. Every write of the
// guest that does not go through a TLB write tag passes here, which is where copy-on-write, the dirty log and the
// invalidation of decoded code happen. Devices' DMA uses the same functions.

import {
  CODE_MAP,
  DIRTY_BITMAP,
  MEM_PAGES,
  MSR_APIC_BASE,
  N_MMIO,
  P2M,
  P2M_COW,
  P2M_PRESENT,
} from '../../abi/layout.ts';
import { APIC_BASE_ENABLED } from '../state/control-bits.ts';
import { count } from '../state/counters.ts';
import { code_write, mmio_read, mmio_write, p2m_fault } from '../state/host.ts';
import { rom_hides_reads, rom_hides_writes, rom_page } from './rom.ts';
import { tlb_forget_physical } from './tlb.ts';

const PAGE: u32 = 0x1000;
const OFFSET_MASK: u32 = 0xfff;
// The video window of the PC, the one hole below 1 MiB.
const HOLE_FIRST_PAGE: u32 = 0xa0;
const HOLE_PAGES: u32 = 0x20;

function has_ram(cpu: usize, page: u32): bool {
  return page < load<u32>(cpu, MEM_PAGES) && page - HOLE_FIRST_PAGE >= HOLE_PAGES && !is_local_apic(cpu, page);
}

/** The local APIC hides RAM. It is above RAM unless the guest puts it elsewhere. */
function is_local_apic(cpu: usize, page: u32): bool {
  const base = load<u32>(cpu, MSR_APIC_BASE);
  return base >>> 12 === page && (base & APIC_BASE_ENABLED) !== 0;
}

/** Do reads reach RAM? */
export function reads_ram(cpu: usize, page: u32): bool {
  return has_ram(cpu, page) && !rom_hides_reads(cpu, page);
}

function writes_ram(cpu: usize, page: u32): bool {
  return has_ram(cpu, page) && !rom_hides_writes(cpu, page);
}

/** RAM for reads and writes alike. */
export function is_ram(cpu: usize, page: u32): bool {
  return reads_ram(cpu, page) && writes_ram(cpu, page);
}

/** Machine address of a RAM page, for reading. */
export function machine_page(cpu: usize, page: u32): u32 {
  const slot = (load<u32>(cpu, P2M) + (page << 2)) as usize;
  if ((load<u32>(slot) & P2M_PRESENT) === 0) p2m_fault(page, 0);
  return load<u32>(slot) & ~OFFSET_MASK;
}

/** Machine address of what reads of a page reach: RAM or ROM. 0 for pages of devices and of nothing. */
export function readable_page(cpu: usize, page: u32): u32 {
  return reads_ram(cpu, page) ? machine_page(cpu, page) : rom_page(cpu, page);
}

/** Machine address of a RAM page that is about to be written: private from now on, and in the dirty log. */
export function machine_page_for_write(cpu: usize, page: u32): u32 {
  const slot = (load<u32>(cpu, P2M) + (page << 2)) as usize;
  if ((load<u32>(slot) & (P2M_PRESENT | P2M_COW)) !== P2M_PRESENT) {
    p2m_fault(page, 1);
    tlb_forget_physical(cpu, page << 12);
  }
  const bitmap = load<u32>(cpu, DIRTY_BITMAP);
  if (bitmap !== 0) {
    const word = (bitmap + ((page >>> 5) << 2)) as usize;
    const bit: u32 = 1 << (page & 31);
    if ((atomic.load<u32>(word) & bit) === 0) atomic.or<u32>(word, bit);
  }
  return load<u32>(slot) & ~OFFSET_MASK;
}

function holds_code(cpu: usize, page: u32): bool {
  const map = load<u32>(cpu, CODE_MAP);
  return map !== 0 && load<u8>((map + page) as usize) !== 0;
}

/** To be called after a store of `size` bytes to one RAM page: tells the host if decoded code may have been hit. */
export function code_check(cpu: usize, physical: u32, size: u32): void {
  if (holds_code(cpu, physical >>> 12)) code_write(physical, size);
}

/** May writes to this RAM page go unseen from now on, that is: may a TLB entry carry its write tag? */
export function writes_may_pass(cpu: usize, page: u32): bool {
  const entry = load<u32>((load<u32>(cpu, P2M) + (page << 2)) as usize);
  if ((entry & (P2M_PRESENT | P2M_COW)) !== P2M_PRESENT || holds_code(cpu, page)) return false;
  const bitmap = load<u32>(cpu, DIRTY_BITMAP);
  if (bitmap === 0) return true;
  return (atomic.load<u32>((bitmap + ((page >>> 5) << 2)) as usize) & (1 << (page & 31))) !== 0;
}

function crosses<T>(physical: u32): bool {
  return (physical & OFFSET_MASK) + sizeof<T>() > PAGE;
}

function phys_read<T>(cpu: usize, physical: u32): T {
  if (crosses<T>(physical)) {
    let value: u64 = 0;
    for (let i: u32 = 0; i < sizeof<T>(); i++) value |= (phys_read<u8>(cpu, physical + i) as u64) << (i << 3);
    return value as T;
  }
  const page = physical >>> 12;
  if (reads_ram(cpu, page)) return load<T>((machine_page(cpu, page) | (physical & OFFSET_MASK)) as usize);
  const rom = rom_page(cpu, page);
  if (rom !== 0) return load<T>((rom | (physical & OFFSET_MASK)) as usize);
  count(cpu, N_MMIO);
  if (sizeof<T>() < 8) return mmio_read(physical, sizeof<T>() as u32) as T;
  const low = mmio_read(physical, 4) as u64;
  return (low | ((mmio_read(physical + 4, 4) as u64) << 32)) as T;
}

function phys_write<T>(cpu: usize, physical: u32, value: T): void {
  if (crosses<T>(physical)) {
    for (let i: u32 = 0; i < sizeof<T>(); i++) phys_write<u8>(cpu, physical + i, ((value as u64) >> (i << 3)) as u8);
    return;
  }
  const page = physical >>> 12;
  if (writes_ram(cpu, page)) {
    store<T>((machine_page_for_write(cpu, page) | (physical & OFFSET_MASK)) as usize, value);
    code_check(cpu, physical, sizeof<T>() as u32);
    return;
  }
  if (rom_hides_writes(cpu, page) || rom_page(cpu, page) !== 0) return;
  count(cpu, N_MMIO);
  if (sizeof<T>() < 8) {
    mmio_write(physical, sizeof<T>() as u32, value as u32);
    return;
  }
  mmio_write(physical, 4, value as u32);
  mmio_write(physical + 4, 4, ((value as u64) >> 32) as u32);
}

export function phys_read8(cpu: usize, physical: u32): u32 {
  return phys_read<u8>(cpu, physical) as u32;
}

export function phys_read16(cpu: usize, physical: u32): u32 {
  return phys_read<u16>(cpu, physical) as u32;
}

export function phys_read32(cpu: usize, physical: u32): u32 {
  return phys_read<u32>(cpu, physical);
}

export function phys_read64(cpu: usize, physical: u32): u64 {
  return phys_read<u64>(cpu, physical);
}

export function phys_write8(cpu: usize, physical: u32, value: u32): void {
  phys_write<u8>(cpu, physical, value as u8);
}

export function phys_write16(cpu: usize, physical: u32, value: u32): void {
  phys_write<u16>(cpu, physical, value as u16);
}

export function phys_write32(cpu: usize, physical: u32, value: u32): void {
  phys_write<u32>(cpu, physical, value);
}

export function phys_write64(cpu: usize, physical: u32, value: u64): void {
  phys_write<u64>(cpu, physical, value);
}
