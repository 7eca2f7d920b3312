// Guest memory as the x87 stores and images reach it: the soft TLB's write tag first, the monitor's slow path on a miss.
// An operand is moved in two steps, so that whatever may fault comes before anything of the instruction shows: first probe()
// or probeRead() of the whole of it with its one alignment, then the functions for its parts, which cannot fault.

import { FAULT, TLB_ADDEND, TLB_CURRENT, TLB_ENTRIES, TLB_ENTRY_SIZE, TLB_WRITE_TAG } from '../../abi/layout.ts';
import { linear_read, linear_write, mem_probe } from '../memory/memory.ts';
import { current_access } from '../memory/translate.ts';

/** The machine address of [linear, linear + size) if writes to it need no thought, else 0. */
function directWrite(cpu: u32, linear: u32, size: u32): u32 {
  const entry = cpu + load<u32>(cpu, TLB_CURRENT) + ((linear >> 12) & (TLB_ENTRIES - 1)) * TLB_ENTRY_SIZE;
  if (load<u32>(entry + TLB_WRITE_TAG) !== ((linear + size - 1) & 0xfffff000)) return 0;
  return linear + load<u32>(entry + TLB_ADDEND);
}

/**
 * Checks that the store will not fault; if it would, FAULT is set.
 * @returns the machine address, or 0 when the slow path has to do the store or FAULT is set
 */
export function probe(cpu: u32, linear: u32, size: u32, alignment: u32): u32 {
  const machine = directWrite(cpu, linear, size);
  if (machine !== 0) return machine;
  mem_probe(cpu, linear, size, alignment, 1);
  return 0;
}

export function faulted(cpu: u32): bool {
  return load<i32>(cpu, FAULT) !== 0;
}

/** Raises what reading [linear, linear + size) would raise; at most one page boundary inside. False after a fault. */
export function probeRead(cpu: u32, linear: u32, size: u32, alignment: u32): bool {
  mem_probe(cpu, linear, size, alignment, 0);
  return !faulted(cpu);
}

export function read16(cpu: u32, linear: u32): u32 {
  return linear_read<u16>(cpu, linear, current_access(cpu)) as u32;
}

export function read32(cpu: u32, linear: u32): u32 {
  return linear_read<u32>(cpu, linear, current_access(cpu));
}

export function read64(cpu: u32, linear: u32): u64 {
  return linear_read<u64>(cpu, linear, current_access(cpu));
}

export function write16(cpu: u32, machine: u32, linear: u32, value: u32): void {
  if (machine !== 0) store<u16>(machine, value as u16);
  else linear_write<u16>(cpu, linear, value as u16, current_access(cpu));
}

export function write32(cpu: u32, machine: u32, linear: u32, value: u32): void {
  if (machine !== 0) store<u32>(machine, value);
  else linear_write<u32>(cpu, linear, value, current_access(cpu));
}

export function write64(cpu: u32, machine: u32, linear: u32, value: u64): void {
  if (machine !== 0) store<u64>(machine, value);
  else linear_write<u64>(cpu, linear, value, current_access(cpu));
}

/** Ten bytes: extended and decimal numbers. */
export function write80(cpu: u32, machine: u32, linear: u32, low: u64, high: u32): void {
  write64(cpu, machine, linear, low);
  write16(cpu, machine === 0 ? 0 : machine + 8, linear + 8, high);
}
