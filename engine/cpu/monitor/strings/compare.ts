// CMPS and SCAS (Intel SDM vol. 2). The flags after each run are those of its last comparison, so that a fault in a later
// one finds them up to date.

import { KIND_SIZE_SHIFT, KIND_SUB } from '../../abi/flag-kinds.ts';
import { F_R, RAX, RCX, RDI, RSI, SEG_ES } from '../../abi/layout.ts';
import { linear_probe } from '../memory/memory.ts';
import { current_access } from '../memory/translate.ts';
import { faulted } from '../state/exceptions.ts';
import { flags_set_result } from '../state/flags.ts';
import { size_mask, sized_write } from '../state/registers.ts';
import {
  element_linear,
  element_read,
  index_advance,
  is_backward,
  machine_for_read,
  pause_due,
  REP_EQUAL,
  REP_NONE,
  run_length,
} from './run.ts';

export function string_cmps(cpu: usize, size: u32, addressSize: u32, source: u32, rep: u32): u32 {
  const mask = size_mask(addressSize);
  let left = rep === REP_NONE ? 1 : load<u32>(cpu, RCX) & mask;
  while (left !== 0) {
    const done = compare(cpu, size, addressSize, source, left, rep);
    if (done === 0) return 0;
    index_advance(cpu, RSI, addressSize, size, done);
    index_advance(cpu, RDI, addressSize, size, done);
    left -= done;
    if (rep === REP_NONE) return 0;
    sized_write(cpu + RCX, addressSize, left);
    if (ended(cpu, rep)) return 0;
    if (left !== 0 && pause_due(cpu, done)) return 1;
  }
  return 0;
}

export function string_scas(cpu: usize, size: u32, addressSize: u32, _source: u32, rep: u32): u32 {
  const mask = size_mask(addressSize);
  let left = rep === REP_NONE ? 1 : load<u32>(cpu, RCX) & mask;
  while (left !== 0) {
    const done = scan(cpu, size, addressSize, left, rep);
    if (done === 0) return 0;
    index_advance(cpu, RDI, addressSize, size, done);
    left -= done;
    if (rep === REP_NONE) return 0;
    sized_write(cpu + RCX, addressSize, left);
    if (ended(cpu, rep)) return 0;
    if (left !== 0 && pause_due(cpu, done)) return 1;
  }
  return 0;
}

/** Has the last comparison ended the repetition? (F_R is its difference.) */
function ended(cpu: usize, rep: u32): bool {
  const equal = load<u32>(cpu, F_R) === 0;
  return rep === REP_EQUAL ? !equal : equal;
}

function sign_extend(value: u32, size: u32): u32 {
  if (size === 1) return value as i8 as i32 as u32;
  if (size === 2) return value as i16 as i32 as u32;
  return value;
}

function flags_of_comparison(cpu: usize, size: u32, a: u32, b: u32): void {
  const kind: u32 = KIND_SUB | ((size >>> 1) << KIND_SIZE_SHIFT);
  flags_set_result(cpu, kind, a, b, sign_extend(a - b, size));
}

function load_element(address: u32, size: u32): u32 {
  if (size === 1) return load<u8>(address as usize) as u32;
  if (size === 2) return load<u16>(address as usize) as u32;
  return load<u32>(address as usize);
}

/** Compares up to `count` elements and stops behind the one that ends the repetition; returns how many, 0 after a fault. */
function compare(cpu: usize, size: u32, addressSize: u32, source: u32, count: u32, rep: u32): u32 {
  const mask = size_mask(addressSize);
  const access = current_access(cpu);
  const first = load<u32>(cpu, RSI) & mask;
  const second = load<u32>(cpu, RDI) & mask;
  const firstLinear = element_linear(cpu, source, first, size, 0);
  if (faulted(cpu)) return 0;
  linear_probe(cpu, firstLinear, size, access);
  if (faulted(cpu)) return 0;
  const secondLinear = element_linear(cpu, SEG_ES, second, size, 0);
  if (faulted(cpu)) return 0;
  if (count > 1) {
    let length = run_length(cpu, source, first, addressSize, size, count, 0);
    if (length > 1) length = run_length(cpu, SEG_ES, second, addressSize, size, length, 0);
    if (length > 1) {
      const a = machine_for_read(cpu, firstLinear, access);
      if (faulted(cpu)) return 0;
      const b = machine_for_read(cpu, secondLinear, access);
      if (faulted(cpu)) return 0;
      if (a !== 0 && b !== 0) return compare_run(cpu, a, b, size, length, rep);
    }
  }
  const a = element_read(cpu, firstLinear, size, access);
  if (faulted(cpu)) return 0;
  const b = element_read(cpu, secondLinear, size, access);
  if (faulted(cpu)) return 0;
  flags_of_comparison(cpu, size, a, b);
  return 1;
}

function compare_run(cpu: usize, a: u32, b: u32, size: u32, count: u32, rep: u32): u32 {
  const step: u32 = is_backward(cpu) ? 0 - size : size;
  const stopsOnEqual = rep !== REP_EQUAL;
  let left: u32 = 0;
  let right: u32 = 0;
  let done: u32 = 0;
  do {
    left = load_element(a, size);
    right = load_element(b, size);
    a += step;
    b += step;
    done++;
  } while (done < count && (left === right) !== stopsOnEqual);
  flags_of_comparison(cpu, size, left, right);
  return done;
}

/** As compare, of the accumulator with ES:[DI]. */
function scan(cpu: usize, size: u32, addressSize: u32, count: u32, rep: u32): u32 {
  const access = current_access(cpu);
  const offset = load<u32>(cpu, RDI) & size_mask(addressSize);
  const accumulator = load<u32>(cpu, RAX) & (size === 4 ? 0xffffffff : (1 << (size * 8)) - 1);
  const linear = element_linear(cpu, SEG_ES, offset, size, 0);
  if (faulted(cpu)) return 0;
  const length = count > 1 ? run_length(cpu, SEG_ES, offset, addressSize, size, count, 0) : 0;
  if (length > 1) {
    const address = machine_for_read(cpu, linear, access);
    if (faulted(cpu)) return 0;
    if (address !== 0) return scan_run(cpu, address, accumulator, size, length, rep);
  }
  const element = element_read(cpu, linear, size, access);
  if (faulted(cpu)) return 0;
  flags_of_comparison(cpu, size, accumulator, element);
  return 1;
}

function scan_run(cpu: usize, address: u32, accumulator: u32, size: u32, count: u32, rep: u32): u32 {
  const step: u32 = is_backward(cpu) ? 0 - size : size;
  const stopsOnEqual = rep !== REP_EQUAL;
  let element: u32 = 0;
  let done: u32 = 0;
  do {
    element = load_element(address, size);
    address += step;
    done++;
  } while (done < count && (element === accumulator) !== stopsOnEqual);
  flags_of_comparison(cpu, size, accumulator, element);
  return done;
}
