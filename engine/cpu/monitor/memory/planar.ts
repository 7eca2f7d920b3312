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
  PLANAR_GRANTED,
  PLANAR_GRANTED_AT,
  PLANAR_GRAPHICS,
  PLANAR_LATCHES,
  PLANAR_MASK,
  PLANAR_PAGE,
  PLANAR_SEQUENCER,
  PLANAR_WINDOW,
  REGISTERS_VALUES,
} from '../../abi/layout.ts';
import {
  code_check_everywhere,
  machine_page_for_write,
  OFFSET_MASK,
  present_page,
  writes_may_pass,
} from './physical.ts';

const ODD_PLANES: u32 = 0x0a;
const EVEN_PLANES: u32 = 0x05;
const EVERY_BYTE: u32 = 0x01010101;
/** Moves bit n of four to bit 8n. */
const SPREAD: u32 = 0x00204081;
const WRITE_LATCHES: u32 = 1;
/** Of the first four registers of the graphics controller: GC_ENABLE_SET_RESET and GC_ROTATE. */
const ENABLED_AND_ROTATE: u32 = (0xff << (GC_ENABLE_SET_RESET << 3)) | (0xff << (GC_ROTATE << 3));

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
  if (sizeof<T>() === 1) return planar_read8(cpu, offset) as T;
  let value: u64 = 0;
  for (let i: u32 = 0; i < sizeof<T>(); i++) value |= (planar_read8(cpu, offset + i) as u64) << (i << 3);
  return value as T;
}

export function planar_write<T>(cpu: usize, offset: u32, value: T): void {
  if (sizeof<T>() === 1) {
    planar_write8(cpu, offset, value as u32);
    return;
  }
  planar_bytes(cpu, offset, min<u32>(sizeof<T>() as u32, 4), 0, value as u32);
  if (sizeof<T>() === 8) planar_bytes(cpu, offset + 4, 4, 0, ((value as u64) >> 32) as u32);
}

/** Notes that an instruction has come to planar memory, or to its registers. */
export function planar_accessed(cpu: usize): void {
  store<u32>(cpu, load<u32>(cpu, PLANAR_ACCESSES) + 1, PLANAR_ACCESSES);
}

function planar_read8(cpu: usize, offset: u32): u32 {
  planar_accessed(cpu);
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
  const page = present_page(cpu, load<u32>(cpu, PLANAR_PAGE) + (position >>> POSITIONS_SHIFT));
  const latches = page === 0 ? 0 : load<u32>((page | ((position << 2) & OFFSET_MASK)) as usize);
  store<u32>(cpu, latches, PLANAR_LATCHES);
  return latches;
}

function planar_write8(cpu: usize, offset: u32, value: u32): void {
  planar_accessed(cpu);
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
  const written = plane_bytes(planes);
  if (written !== 0) merge(cpu, address & load<u32>(cpu, PLANAR_MASK), written, combined(cpu, value & 0xff));
}

/** Does what is written stand for itself: write mode 0, nothing set, rotated, combined or masked? Asked first, since it is so most often. */
function is_copied(cpu: usize): bool {
  const first = load<u32>(cpu, PLANAR_GRAPHICS + REGISTERS_VALUES);
  const mode = graphics(cpu, GC_MODE) & MODE_WRITE;
  return ((first & ENABLED_AND_ROTATE) | mode | (graphics(cpu, GC_BIT_MASK) ^ 0xff)) === 0;
}

/** What the write mode makes of the CPU's byte, for all four planes. */
function combined(cpu: usize, value: u32): u32 {
  if (is_copied(cpu)) return value * EVERY_BYTE;
  const rotate = graphics(cpu, GC_ROTATE);
  return mixed(
    value,
    graphics(cpu, GC_MODE) & MODE_WRITE,
    rotate,
    graphics(cpu, GC_BIT_MASK),
    plane_bytes(graphics(cpu, GC_SET_RESET)),
    plane_bytes(graphics(cpu, GC_ENABLE_SET_RESET)),
    load<u32>(cpu, PLANAR_LATCHES),
  );
}

function mixed(value: u32, mode: u32, rotate: u32, bits: u32, setReset: u32, enabled: u32, latches: u32): u32 {
  if (mode === WRITE_LATCHES) return latches;
  let data: u32;
  if (mode === 2) {
    data = plane_bytes(value & 0x0f);
  } else {
    const rotated = ((value | (value << 8)) >>> (rotate & 7)) & 0xff;
    if (mode === 3) {
      bits &= rotated;
      data = setReset;
    } else {
      data = ((rotated * EVERY_BYTE) & ~enabled) | (setReset & enabled);
    }
  }
  const operation = rotate >>> 3;
  if (operation === 1) data &= latches;
  else if (operation === 2) data |= latches;
  else if (operation === 3) data ^= latches;
  const changed = bits * EVERY_BYTE;
  return (data & changed) | (latches & ~changed);
}

/** Stores `data` to the bytes `written` of a position. */
function merge(cpu: usize, position: u32, written: u32, data: u32): void {
  const granted = is_granted(cpu, position);
  const page = granted ? load<u32>(cpu, PLANAR_GRANTED_AT) : page_for_write(cpu, position);
  if (page === 0) return;
  const at = (page | ((position << 2) & OFFSET_MASK)) as usize;
  store<u32>(at, (load<u32>(at) & ~written) | (data & written));
  if (!granted) check_code(cpu, position, 1);
}

function is_granted(cpu: usize, position: u32): bool {
  return load<u32>(cpu, PLANAR_GRANTED) === (position >>> POSITIONS_SHIFT) + 1;
}

/** Machine address of the page that a position is in, from now on in the dirty log; 0 if it is absent. Grants further writes if they may pass. */
function page_for_write(cpu: usize, position: u32): u32 {
  const n = position >>> POSITIONS_SHIFT;
  const memoryPage = load<u32>(cpu, PLANAR_PAGE) + n;
  const page = machine_page_for_write(cpu, memoryPage);
  if (page === 0 || !writes_may_pass(cpu, memoryPage)) return page;
  store<u32>(cpu, n + 1, PLANAR_GRANTED);
  store<u32>(cpu, page, PLANAR_GRANTED_AT);
  return page;
}

/** To be called after writes of `count` positions of one page. */
function check_code(cpu: usize, position: u32, count: u32): void {
  const memoryPage = load<u32>(cpu, PLANAR_PAGE) + (position >>> POSITIONS_SHIFT);
  code_check_everywhere(cpu, memoryPage, (position << 2) & OFFSET_MASK, count << 2);
}

// ---- Runs: what string instructions do within one page of the window

/** Does each address of the window stand for a position of its own, for reads and writes? */
function is_unchained(cpu: usize): bool {
  const mode = sequencer(cpu, SEQ_MEMORY_MODE) & (MEMORY_CHAIN_4 | MEMORY_NOT_ODD_EVEN);
  return mode === MEMORY_NOT_ODD_EVEN && (graphics(cpu, GC_MODE) & MODE_ODD_EVEN) === 0;
}

/**
 * Writes the bytes at machine address `source` or, if that is 0, those of `pattern` over and over, lowest first, to as many addresses
 * from `offset` on.
 */
function planar_bytes(cpu: usize, offset: u32, bytes: u32, source: u32, pattern: u32): void {
  if (is_unchained(cpu)) {
    unchained_bytes(cpu, offset, bytes, source, pattern);
    return;
  }
  for (let i: u32 = 0; i < bytes; i++) {
    const value = source !== 0 ? (load<u8>((source + i) as usize) as u32) : (pattern >>> ((i & 3) << 3)) & 0xff;
    planar_write8(cpu, offset + i, value);
  }
}

/** The same a page of memory at a time: positions wrap behind the end of one. */
function unchained_bytes(cpu: usize, offset: u32, bytes: u32, source: u32, pattern: u32): void {
  planar_accessed(cpu);
  const written = plane_bytes(sequencer(cpu, SEQ_MAP_MASK));
  const mode = graphics(cpu, GC_MODE) & MODE_WRITE;
  const rotate = graphics(cpu, GC_ROTATE);
  const bits = graphics(cpu, GC_BIT_MASK);
  const setReset = plane_bytes(graphics(cpu, GC_SET_RESET));
  const enabled = plane_bytes(graphics(cpu, GC_ENABLE_SET_RESET));
  const latches = load<u32>(cpu, PLANAR_LATCHES);
  const copied = is_copied(cpu);
  const isUniform = mode === WRITE_LATCHES || (source === 0 && pattern === (pattern & 0xff) * EVERY_BYTE);
  const mask = load<u32>(cpu, PLANAR_MASK);
  let address = offset + load<u32>(cpu, PLANAR_BANK);
  for (let done: u32 = 0; done < bytes && written !== 0; ) {
    const position = address & mask;
    const count = min<u32>(bytes - done, POSITIONS - (position & (POSITIONS - 1)));
    const granted = is_granted(cpu, position);
    const page = granted ? load<u32>(cpu, PLANAR_GRANTED_AT) : page_for_write(cpu, position);
    if (page === 0) return;
    let at = (page | ((position << 2) & OFFSET_MASK)) as usize;
    const end = done + count;
    if (isUniform) {
      const data = mixed(pattern & 0xff, mode, rotate, bits, setReset, enabled, latches) & written;
      for (; done < end; done++) {
        store<u32>(at, (load<u32>(at) & ~written) | data);
        at += 4;
      }
    }
    for (; done < end; done++) {
      const value = source !== 0 ? (load<u8>((source + done) as usize) as u32) : (pattern >>> ((done & 3) << 3)) & 0xff;
      const data = copied ? value * EVERY_BYTE : mixed(value, mode, rotate, bits, setReset, enabled, latches);
      store<u32>(at, (load<u32>(at) & ~written) | (data & written));
      at += 4;
    }
    if (!granted) check_code(cpu, position, count);
    address += count;
  }
}

/** Writes `bytes` bytes from `offset` on with those of `pattern`, lowest first, over and over. */
export function planar_fill(cpu: usize, offset: u32, bytes: u32, pattern: u32): void {
  planar_bytes(cpu, offset, bytes, 0, pattern);
}

/** Moves `count` elements of `size` bytes; the offsets are those of the first, `step` leads to the next. */
export function planar_move(cpu: usize, from: u32, to: u32, size: u32, count: u32, step: u32): void {
  if (size === 1 && (graphics(cpu, GC_MODE) & MODE_WRITE) === WRITE_LATCHES && is_unchained(cpu)) {
    copy_positions(cpu, from, to, count, step);
    return;
  }
  for (; count !== 0; count--) {
    planar_store(cpu, to, size, planar_load(cpu, from, size));
    from += step;
    to += step;
  }
}

function copy_positions(cpu: usize, from: u32, to: u32, count: u32, step: u32): void {
  planar_accessed(cpu);
  const written = plane_bytes(sequencer(cpu, SEQ_MAP_MASK));
  const mask = load<u32>(cpu, PLANAR_MASK);
  const bank = load<u32>(cpu, PLANAR_BANK);
  for (from += bank, to += bank; count !== 0; count--) {
    const latches = latch(cpu, from & mask);
    const position = to & mask;
    const page = is_granted(cpu, position) ? load<u32>(cpu, PLANAR_GRANTED_AT) : page_for_write(cpu, position);
    const at = (page | ((position << 2) & OFFSET_MASK)) as usize;
    if (page !== 0) store<u32>(at, (load<u32>(at) & ~written) | (latches & written));
    if (!is_granted(cpu, position)) check_code(cpu, position, 1);
    from += step;
    to += step;
  }
}

/** The same from memory, at machine address `from`. */
export function planar_move_in(cpu: usize, from: u32, to: u32, size: u32, count: u32, step: u32): void {
  if (step === size) {
    planar_bytes(cpu, to, count * size, from, 0);
    return;
  }
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
  for (let i: u32 = 0; i < size; i++) planar_write8(cpu, offset + i, value >>> (i << 3));
}
