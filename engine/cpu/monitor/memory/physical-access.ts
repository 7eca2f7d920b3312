// Reads and writes at guest-physical addresses, of whatever is there: memory, planar memory, devices by the host. Used by memory.ts for the
// accesses of instructions, by paging.ts for the tables.

import { N_MMIO, PLANAR_MEMORY, WRITES_DROPPED } from '../../abi/layout.ts';
import { count } from '../state/counters.ts';
import { mmio_read, mmio_write } from '../state/host.ts';
import {
  code_check,
  is_memory,
  machine_page,
  machine_page_for_write,
  OFFSET_MASK,
  page_for_reads,
  page_for_writes,
} from './physical.ts';
import { planar_offset, planar_read, planar_write } from './planar.ts';

const PAGE: u32 = 0x1000;

function crosses<T>(physical: u32): bool {
  return (physical & OFFSET_MASK) + sizeof<T>() > PAGE;
}

/** Zero from an absent page. */
function phys_read<T>(cpu: usize, physical: u32): T {
  if (crosses<T>(physical)) {
    let value: u64 = 0;
    for (let i: u32 = 0; i < sizeof<T>(); i++) value |= (phys_read<u8>(cpu, physical + i) as u64) << (i << 3);
    return value as T;
  }
  const page = page_for_reads(cpu, physical >>> 12);
  if (is_memory(page)) {
    const machine = machine_page(cpu, page);
    return machine === 0 ? (0 as T) : load<T>((machine | (physical & OFFSET_MASK)) as usize);
  }
  if (page === (PLANAR_MEMORY as u32)) return planar_read<T>(cpu, planar_offset(cpu, physical));
  count(cpu, N_MMIO);
  if (sizeof<T>() < 8) return mmio_read(physical, sizeof<T>() as u32) as T;
  const low = mmio_read(physical, 4) as u64;
  return (low | ((mmio_read(physical + 4, 4) as u64) << 32)) as T;
}

/** Does nothing to an absent page. */
function phys_write<T>(cpu: usize, physical: u32, value: T): void {
  if (crosses<T>(physical)) {
    for (let i: u32 = 0; i < sizeof<T>(); i++) phys_write<u8>(cpu, physical + i, ((value as u64) >> (i << 3)) as u8);
    return;
  }
  const page = page_for_writes(cpu, physical >>> 12);
  if (is_memory(page)) {
    const machine = machine_page_for_write(cpu, page);
    if (machine === 0) return;
    store<T>((machine | (physical & OFFSET_MASK)) as usize, value);
    code_check(cpu, page, physical, sizeof<T>() as u32);
    return;
  }
  if (page === (WRITES_DROPPED as u32)) return;
  if (page === (PLANAR_MEMORY as u32)) {
    planar_write<T>(cpu, planar_offset(cpu, physical), value);
    return;
  }
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
