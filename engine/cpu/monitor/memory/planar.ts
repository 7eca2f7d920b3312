// Planar memory: memory of a device in four planes, which the CPU reaches by a window of its address space through latches and the
// registers of a VGA's sequencer and graphics controller (IBM VGA Technical Reference, chapter 2; FreeVGA, "accessing the VGA display
// memory"). The device has the ports of these registers and says where the window leads (PLANAR_* in layout.ts); the accesses are done here,
// without leaving WebAssembly.
//
// Four bytes at the same address of the planes lie side by side as one little-endian word, a position, so the latches are one word and
// a write of all planes is one store. With odd/even addressing, and with chain 4, the CPU's address counts through the planes; the
// positions so addressed follow each other without gaps here, and the CRT controller's word and doubleword modes, which skip the gaps
// on the hardware, need nothing of their own.
//
// An operand of several bytes is as many accesses, lowest address first, as on the bus.

import {
  GC_BIT_MASK,
  GC_COLOR_COMPARE,
  GC_COLOR_DONT_CARE,
  GC_ENABLE_SET_RESET,
  GC_MODE,
  GC_READ_MAP,
  GC_ROTATE,
  GC_SET_RESET,
  MEMORY_CHAIN_4,
  MEMORY_NOT_ODD_EVEN,
  MODE_ODD_EVEN,
  MODE_READ_COMPARE,
  MODE_WRITE,
  SEQ_MAP_MASK,
  SEQ_MEMORY_MODE,
} from '../../../base/planar-registers.ts';
import {
  PLANAR_ACCESSES,
  PLANAR_BANK,
  PLANAR_GRAPHICS,
  PLANAR_LATCHES,
  PLANAR_MASK,
  PLANAR_PAGE,
  PLANAR_SEQUENCER,
  PLANAR_WINDOW,
  REGISTERS_VALUES,
} from '../../abi/layout.ts';
import { code_check_everywhere, machine_page, machine_page_for_write, OFFSET_MASK } from './physical.ts';

const ODD_PLANES: u32 = 0x0a;
const EVEN_PLANES: u32 = 0x05;
const EVERY_BYTE: u32 = 0x01010101;
/** Moves bit n of four to bit 8n. */
const SPREAD: u32 = 0x00204081;
const WRITE_LATCHES: u32 = 1;

// Positions of a page of memory.
const POSITIONS_SHIFT: u32 = 10;
const POSITIONS: u32 = 1 << POSITIONS_SHIFT;

function sequencer(cpu: usize, n: u32): u32 {
  return load<u8>(cpu + n, PLANAR_SEQUENCER + REGISTERS_VALUES) as u32;
}

function graphics(cpu: usize, n: u32): u32 {
  return load<u8>(cpu + n, PLANAR_GRAPHICS + REGISTERS_VALUES) as u32;
}

/** For a set of planes their bytes in a word. */
function plane_bytes(planes: u32): u32 {
  return ((planes * SPREAD) & EVERY_BYTE) * 0xff;
}

/** Bytes from the window's start to a guest-physical address in it. */
export function planar_offset(cpu: usize, physical: u32): u32 {
  return physical - (load<u32>(cpu, PLANAR_WINDOW) << 12);
}

export function planar_read<T>(cpu: usize, offset: u32): T {
  planar_accessed(cpu);
  let value: u64 = 0;
  for (let i: u32 = 0; i < sizeof<T>(); i++) value |= (planar_read8(cpu, offset + i) as u64) << (i << 3);
  return value as T;
}

export function planar_write<T>(cpu: usize, offset: u32, value: T): void {
  planar_accessed(cpu);
  for (let i: u32 = 0; i < sizeof<T>(); i++)
    planar_write8(cpu, offset + i, (((value as u64) >> ((i << 3) as u64)) & 0xff) as u32);
}

/** Notes that an instruction has come here. */
export function planar_accessed(cpu: usize): void {
  store<u32>(cpu, load<u32>(cpu, PLANAR_ACCESSES) + 1, PLANAR_ACCESSES);
}

export function planar_read8(cpu: usize, offset: u32): u32 {
  const mode = graphics(cpu, GC_MODE);
  const chained = (sequencer(cpu, SEQ_MEMORY_MODE) & MEMORY_CHAIN_4) !== 0;
  let plane = graphics(cpu, GC_READ_MAP);
  let address = offset;
  if (chained) {
    address += load<u32>(cpu, PLANAR_BANK);
    plane = address & 3;
    address >>>= 2;
  } else if ((mode & MODE_ODD_EVEN) !== 0) {
    plane = (plane & 2) | (address & 1);
    address >>>= 1;
  } else {
    address += load<u32>(cpu, PLANAR_BANK);
  }
  const latches = latch(cpu, address & load<u32>(cpu, PLANAR_MASK));
  // Chain 4 takes the plane from the address, whatever the read mode.
  if (chained || (mode & MODE_READ_COMPARE) === 0) return (latches >>> (plane << 3)) & 0xff;
  const cared = plane_bytes(graphics(cpu, GC_COLOR_DONT_CARE));
  const differs = (latches ^ plane_bytes(graphics(cpu, GC_COLOR_COMPARE))) & cared;
  return ~(differs | (differs >>> 8) | (differs >>> 16) | (differs >>> 24)) & 0xff;
}

/** Fills the latches from a position. */
function latch(cpu: usize, position: u32): u32 {
  const page = machine_page(cpu, load<u32>(cpu, PLANAR_PAGE) + (position >>> POSITIONS_SHIFT));
  const latches = page === 0 ? 0 : load<u32>((page | ((position << 2) & OFFSET_MASK)) as usize);
  store<u32>(cpu, latches, PLANAR_LATCHES);
  return latches;
}

export function planar_write8(cpu: usize, offset: u32, value: u32): void {
  let planes = sequencer(cpu, SEQ_MAP_MASK);
  const mode = sequencer(cpu, SEQ_MEMORY_MODE);
  let address = offset;
  if ((mode & MEMORY_CHAIN_4) !== 0) {
    address += load<u32>(cpu, PLANAR_BANK);
    planes &= 1 << (address & 3);
    address >>>= 2;
  } else if ((mode & MEMORY_NOT_ODD_EVEN) === 0) {
    planes &= (address & 1) !== 0 ? ODD_PLANES : EVEN_PLANES;
    address >>>= 1;
  } else {
    address += load<u32>(cpu, PLANAR_BANK);
  }
  if (planes === 0) return;
  merge_run(cpu, address & load<u32>(cpu, PLANAR_MASK), 1, plane_bytes(planes), combined(cpu, value));
}

/** What the write mode makes of the CPU's byte, for all four planes. */
function combined(cpu: usize, value: u32): u32 {
  const latches = load<u32>(cpu, PLANAR_LATCHES);
  const mode = graphics(cpu, GC_MODE) & MODE_WRITE;
  if (mode === WRITE_LATCHES) return latches;
  const rotate = graphics(cpu, GC_ROTATE);
  const setReset = plane_bytes(graphics(cpu, GC_SET_RESET));
  let bits = graphics(cpu, GC_BIT_MASK);
  let data: u32;
  if (mode === 2) {
    data = plane_bytes(value & 0x0f);
  } else {
    const rotated = ((value | (value << 8)) >>> (rotate & 7)) & 0xff;
    if (mode === 3) {
      bits &= rotated;
      data = setReset;
    } else {
      const set = plane_bytes(graphics(cpu, GC_ENABLE_SET_RESET));
      data = ((rotated * EVERY_BYTE) & ~set) | (setReset & set);
    }
  }
  const operation = rotate >>> 3;
  if (operation === 1) data &= latches;
  else if (operation === 2) data |= latches;
  else if (operation === 3) data ^= latches;
  const changed = bits * EVERY_BYTE;
  return (data & changed) | (latches & ~changed);
}

/** Stores `data` to the bytes `written` of `count` positions, all in one page of memory. */
function merge_run(cpu: usize, position: u32, count: u32, written: u32, data: u32): void {
  const memoryPage = load<u32>(cpu, PLANAR_PAGE) + (position >>> POSITIONS_SHIFT);
  const page = machine_page_for_write(cpu, memoryPage);
  if (page === 0) return;
  const first = (position << 2) & OFFSET_MASK;
  let at = (page | first) as usize;
  const kept = data & written;
  for (let left = count; left !== 0; left--) {
    store<u32>(at, (load<u32>(at) & ~written) | kept);
    at += 4;
  }
  code_check_everywhere(cpu, memoryPage, first, count << 2);
}

// ---- Runs: what string instructions do within one page of the window

/** Does each address of the window stand for a position of its own, for reads and writes? */
function is_unchained(cpu: usize): bool {
  const mode = sequencer(cpu, SEQ_MEMORY_MODE) & (MEMORY_CHAIN_4 | MEMORY_NOT_ODD_EVEN);
  return mode === MEMORY_NOT_ODD_EVEN && (graphics(cpu, GC_MODE) & MODE_ODD_EVEN) === 0;
}

/** Positions from `position` on that can be done at once: they end with their page of memory, which is before positions wrap. */
function positions_at_once(position: u32, count: u32): u32 {
  return min<u32>(count, POSITIONS - (position & (POSITIONS - 1)));
}

/** Writes `bytes` bytes from `offset` on with those of `pattern`, lowest first, over and over. */
export function planar_fill(cpu: usize, offset: u32, bytes: u32, pattern: u32): void {
  planar_accessed(cpu);
  if (!is_unchained(cpu) || pattern !== (pattern & 0xff) * EVERY_BYTE) {
    for (let i: u32 = 0; i < bytes; i++) planar_write8(cpu, offset + i, (pattern >>> ((i & 3) << 3)) & 0xff);
    return;
  }
  const planes = sequencer(cpu, SEQ_MAP_MASK);
  if (planes === 0) return;
  const written = plane_bytes(planes);
  const data = combined(cpu, pattern & 0xff);
  const mask = load<u32>(cpu, PLANAR_MASK);
  let address = offset + load<u32>(cpu, PLANAR_BANK);
  while (bytes !== 0) {
    const count = positions_at_once(address & mask, bytes);
    merge_run(cpu, address & mask, count, written, data);
    address += count;
    bytes -= count;
  }
}

/** Moves `count` elements of `size` bytes; the offsets are those of the first, `step` leads to the next. */
export function planar_move(cpu: usize, from: u32, to: u32, size: u32, count: u32, step: u32): void {
  planar_accessed(cpu);
  for (; count !== 0; count--) {
    planar_store(cpu, to, size, planar_load(cpu, from, size));
    from += step;
    to += step;
  }
}

/** The same from memory, at machine address `from`. */
export function planar_move_in(cpu: usize, from: u32, to: u32, size: u32, count: u32, step: u32): void {
  planar_accessed(cpu);
  for (; count !== 0; count--) {
    let element: u32;
    if (size === 1) element = load<u8>(from as usize) as u32;
    else if (size === 2) element = load<u16>(from as usize) as u32;
    else element = load<u32>(from as usize);
    planar_store(cpu, to, size, element);
    from += step;
    to += step;
  }
}

/** The same to memory, at machine address `to`. */
export function planar_move_out(cpu: usize, from: u32, to: u32, size: u32, count: u32, step: u32): void {
  planar_accessed(cpu);
  for (; count !== 0; count--) {
    const element = planar_load(cpu, from, size);
    if (size === 1) store<u8>(to as usize, element as u8);
    else if (size === 2) store<u16>(to as usize, element as u16);
    else store<u32>(to as usize, element);
    from += step;
    to += step;
  }
}

function planar_load(cpu: usize, offset: u32, size: u32): u32 {
  let value: u32 = 0;
  for (let i: u32 = 0; i < size; i++) value |= planar_read8(cpu, offset + i) << (i << 3);
  return value;
}

function planar_store(cpu: usize, offset: u32, size: u32, value: u32): void {
  for (let i: u32 = 0; i < size; i++) planar_write8(cpu, offset + i, (value >>> (i << 3)) & 0xff);
}
