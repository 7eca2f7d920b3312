// MOVS, STOS and LODS (Intel SDM vol. 2).

import { PLANAR_MEMORY, RAX, RCX, RDI, RSI, SEG_ES } from '../../abi/layout.ts';
import { linear_probe } from '../memory/memory.ts';
import { ACCESS_WRITE } from '../memory/paging.ts';
import { code_check, is_memory, page_for_reads, page_for_writes } from '../memory/physical.ts';
import { planar_fill, planar_move, planar_move_in, planar_move_out, planar_offset } from '../memory/planar.ts';
import { current_access, translate } from '../memory/translate.ts';
import { faulted } from '../state/exceptions.ts';
import { size_mask, sized_write } from '../state/registers.ts';
import {
  element_linear,
  element_read,
  element_write,
  index_advance,
  is_backward,
  machine_for_read,
  machine_for_write,
  machine_if_writable,
  pause_due,
  physical_for_write,
  REP_NONE,
  run_length,
  run_lowest,
  step_of,
} from './run.ts';

export function string_movs(cpu: usize, size: u32, addressSize: u32, source: u32, rep: u32): u32 {
  const mask = size_mask(addressSize);
  let left = rep === REP_NONE ? 1 : load<u32>(cpu, RCX) & mask;
  while (left !== 0) {
    const done = move(cpu, size, addressSize, source, left);
    if (done === 0) return 0;
    index_advance(cpu, RSI, addressSize, size, done);
    index_advance(cpu, RDI, addressSize, size, done);
    left -= done;
    if (rep === REP_NONE) return 0;
    sized_write(cpu + RCX, addressSize, left);
    if (left !== 0 && pause_due(cpu, done)) return 1;
  }
  return 0;
}

/** Moves up to `count` elements; returns how many, 0 after a fault. */
function move(cpu: usize, size: u32, addressSize: u32, source: u32, count: u32): u32 {
  const mask = size_mask(addressSize);
  const access = current_access(cpu);
  const from = load<u32>(cpu, RSI) & mask;
  const to = load<u32>(cpu, RDI) & mask;
  const fromLinear = element_linear(cpu, source, from, size, 0);
  if (faulted(cpu)) return 0;
  // What is wrong with the source comes before what is wrong with the destination.
  linear_probe(cpu, fromLinear, size, access);
  if (faulted(cpu)) return 0;
  const toLinear = element_linear(cpu, SEG_ES, to, size, 1);
  if (faulted(cpu)) return 0;
  if (count > 1) {
    let length = run_length(cpu, source, from, addressSize, size, count, 0);
    if (length > 1) length = run_length(cpu, SEG_ES, to, addressSize, size, length, 1);
    if (length > 1 && move_run(cpu, fromLinear, toLinear, size, length, access)) return length;
    if (faulted(cpu)) return 0;
  }
  // Reading a device changes it: only once the destination is known to take the element.
  linear_probe(cpu, toLinear, size, access | ACCESS_WRITE);
  if (faulted(cpu)) return 0;
  element_write(cpu, toLinear, size, element_read(cpu, fromLinear, size, access), access);
  return 1;
}

/** False if either side is a device, or after a fault. */
function move_run(cpu: usize, fromLinear: u32, toLinear: u32, size: u32, count: u32, access: u32): bool {
  let origin = machine_for_read(cpu, fromLinear, access);
  if (origin === 0) return !faulted(cpu) && move_run_planar(cpu, fromLinear, toLinear, size, count, access);
  const writable = machine_if_writable(cpu, toLinear, access);
  if (writable !== 0) {
    copy(cpu, origin, writable, size, count);
    return true;
  }
  const physical = physical_for_write(cpu, toLinear, access);
  const page = page_for_writes(cpu, physical >>> 12);
  if (faulted(cpu)) return false;
  if (page === (PLANAR_MEMORY as u32)) {
    planar_move_in(cpu, origin, planar_offset(cpu, physical), size, count, step_of(cpu, size));
    return true;
  }
  if (!is_memory(page)) return false;
  const target = machine_for_write(cpu, page, physical);
  // Asked again, since making the target private may have moved the page that both sides share.
  origin = machine_for_read(cpu, fromLinear, access);
  copy(cpu, origin, target, size, count);
  code_check(cpu, page, run_lowest(cpu, physical, size, count), count * size);
  return true;
}

/** The same where the source is not memory: planar memory, or a device. */
function move_run_planar(cpu: usize, fromLinear: u32, toLinear: u32, size: u32, count: u32, access: u32): bool {
  const origin = translate(cpu, fromLinear, access);
  if (page_for_reads(cpu, origin >>> 12) !== (PLANAR_MEMORY as u32)) return false;
  const physical = physical_for_write(cpu, toLinear, access);
  if (faulted(cpu)) return false;
  const page = page_for_writes(cpu, physical >>> 12);
  const from = planar_offset(cpu, origin);
  if (page === (PLANAR_MEMORY as u32)) {
    planar_move(cpu, from, planar_offset(cpu, physical), size, count, step_of(cpu, size));
    return true;
  }
  if (!is_memory(page)) return false;
  planar_move_out(cpu, from, machine_for_write(cpu, page, physical), size, count, step_of(cpu, size));
  code_check(cpu, page, run_lowest(cpu, physical, size, count), count * size);
  return true;
}

/** Both addresses are those of the first element moved. */
function copy(cpu: usize, origin: u32, target: u32, size: u32, count: u32): void {
  const bytes = count * size;
  if (repeats_itself(cpu, origin, target, bytes)) {
    copy_elements(origin, target, size, count, step_of(cpu, size));
  } else {
    memory.copy(run_lowest(cpu, target, size, count) as usize, run_lowest(cpu, origin, size, count) as usize, bytes);
  }
}

/** Does the move read what it has written itself (a pattern fill), so that order matters? */
function repeats_itself(cpu: usize, origin: u32, target: u32, bytes: u32): bool {
  const distance = is_backward(cpu) ? origin - target : target - origin;
  return distance !== 0 && distance < bytes;
}

function copy_elements(origin: u32, target: u32, size: u32, count: u32, step: u32): void {
  for (; count !== 0; count--) {
    if (size === 1) store<u8>(target as usize, load<u8>(origin as usize));
    else if (size === 2) store<u16>(target as usize, load<u16>(origin as usize));
    else store<u32>(target as usize, load<u32>(origin as usize));
    origin += step;
    target += step;
  }
}

export function string_stos(cpu: usize, size: u32, addressSize: u32, _source: u32, rep: u32): u32 {
  const mask = size_mask(addressSize);
  let left = rep === REP_NONE ? 1 : load<u32>(cpu, RCX) & mask;
  while (left !== 0) {
    const done = fill(cpu, size, addressSize, left);
    if (done === 0) return 0;
    index_advance(cpu, RDI, addressSize, size, done);
    left -= done;
    if (rep === REP_NONE) return 0;
    sized_write(cpu + RCX, addressSize, left);
    if (left !== 0 && pause_due(cpu, done)) return 1;
  }
  return 0;
}

/** Stores up to `count` elements; returns how many, 0 after a fault. */
function fill(cpu: usize, size: u32, addressSize: u32, count: u32): u32 {
  const access = current_access(cpu);
  const to = load<u32>(cpu, RDI) & size_mask(addressSize);
  const linear = element_linear(cpu, SEG_ES, to, size, 1);
  if (faulted(cpu)) return 0;
  const value = load<u32>(cpu, RAX);
  const length = count > 1 ? run_length(cpu, SEG_ES, to, addressSize, size, count, 1) : 0;
  if (length > 1) {
    const writable = machine_if_writable(cpu, linear, access);
    if (writable !== 0) {
      fill_elements(run_lowest(cpu, writable, size, length) as usize, size, length, value);
      return length;
    }
    const physical = physical_for_write(cpu, linear, access);
    if (faulted(cpu)) return 0;
    const page = page_for_writes(cpu, physical >>> 12);
    const lowest = run_lowest(cpu, physical, size, length);
    if (page === (PLANAR_MEMORY as u32)) {
      planar_fill(cpu, planar_offset(cpu, lowest), length * size, pattern_of(size, value));
      return length;
    }
    if (is_memory(page)) {
      fill_elements(machine_for_write(cpu, page, lowest) as usize, size, length, value);
      code_check(cpu, page, lowest, length * size);
      return length;
    }
  }
  element_write(cpu, linear, size, value, access);
  return faulted(cpu) ? 0 : 1;
}

/** Four bytes of elements of `size` bytes that are all `value`. */
function pattern_of(size: u32, value: u32): u32 {
  return size === 1 ? (value & 0xff) * 0x01010101 : size === 2 ? (value & 0xffff) * 0x00010001 : value;
}

function fill_elements(target: usize, size: u32, count: u32, value: u32): void {
  const byte = value & 0xff;
  const pattern = pattern_of(size, value);
  const bytes: usize = (count * size) as usize;
  if (pattern === byte * 0x01010101) {
    memory.fill(target, byte as u8, bytes);
    return;
  }
  const end = target + bytes;
  for (; target + 4 <= end; target += 4) store<u32>(target, pattern);
  if (target < end) store<u16>(target, pattern as u16);
}

export function string_lods(cpu: usize, size: u32, addressSize: u32, source: u32, rep: u32): u32 {
  const mask = size_mask(addressSize);
  const access = current_access(cpu);
  let left = rep === REP_NONE ? 1 : load<u32>(cpu, RCX) & mask;
  while (left !== 0) {
    const linear = element_linear(cpu, source, load<u32>(cpu, RSI) & mask, size, 0);
    if (faulted(cpu)) return 0;
    const value = element_read(cpu, linear, size, access);
    if (faulted(cpu)) return 0;
    if (size === 1) store<u8>(cpu, value as u8, RAX);
    else sized_write(cpu + RAX, size, value);
    index_advance(cpu, RSI, addressSize, size, 1);
    left--;
    if (rep === REP_NONE) return 0;
    sized_write(cpu + RCX, addressSize, left);
    if (left !== 0 && pause_due(cpu, 1)) return 1;
  }
  return 0;
}
