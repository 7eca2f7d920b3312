// The segment caches: what a descriptor says, kept ready for address checks. Attributes are packed as SEG_ATTR in
// cpu/abi/layout.ts (Intel SDM vol. 3 §3.4.5).
//
// Invariant: the bounds always follow from limit and attributes, and MODE follows from CS, SS, DS, ES; code that stores
// a segment ends with mode_update.

import {
  SEG,
  SEG_ATTR,
  SEG_BASE,
  SEG_LIMIT,
  SEG_READ_BOUND,
  SEG_SELECTOR,
  SEG_SIZE,
  SEG_WRITE_BOUND,
} from '../../abi/layout.ts';

export const ATTR_ACCESSED: u32 = 1;
/** Data: writable. Code: readable. */
export const ATTR_RW: u32 = 2;
/** Data: expand-down. Code: conforming. */
export const ATTR_EXPAND_DOWN: u32 = 4;
export const ATTR_CONFORMING: u32 = 4;
export const ATTR_CODE: u32 = 8;
/** Code or data, as opposed to a system descriptor. */
export const ATTR_S: u32 = 0x10;
export const ATTR_P: u32 = 0x80;
export const ATTR_DB: u32 = 0x4000;
export const ATTR_TYPE: u32 = 0xf;

/** Present writable data of DPL 0, 16 bits: every segment in real mode. */
export const ATTR_REAL: u32 = ATTR_P | ATTR_S | ATTR_RW | ATTR_ACCESSED;
/** The same with DPL 3: every segment in virtual-8086 mode. */
export const ATTR_VM86: u32 = ATTR_REAL | 0x60;

export function attr_dpl(attr: u32): u32 {
  return (attr >>> 5) & 3;
}

export function segment(cpu: usize, n: u32): usize {
  return cpu + SEG + n * SEG_SIZE;
}

export function segment_base(cpu: usize, n: u32): u32 {
  return load<u32>(segment(cpu, n), SEG_BASE);
}

export function segment_limit(cpu: usize, n: u32): u32 {
  return load<u32>(segment(cpu, n), SEG_LIMIT);
}

export function segment_selector(cpu: usize, n: u32): u32 {
  return load<u32>(segment(cpu, n), SEG_SELECTOR);
}

export function segment_attr(cpu: usize, n: u32): u32 {
  return load<u32>(segment(cpu, n), SEG_ATTR);
}

export function segment_store(cpu: usize, n: u32, selector: u32, base: u32, limit: u32, attr: u32): void {
  const cache = segment(cpu, n);
  store<u64>(cache, base as u64, SEG_BASE);
  store<u32>(cache, limit, SEG_LIMIT);
  store<u32>(cache, selector, SEG_SELECTOR);
  store<u32>(cache, attr, SEG_ATTR);
  let readBound: i64 = -1;
  let writeBound: i64 = -1;
  if ((attr & (ATTR_P | ATTR_S)) === (ATTR_P | ATTR_S)) {
    if ((attr & ATTR_CODE) !== 0) {
      if ((attr & ATTR_RW) !== 0) readBound = limit as i64;
    } else if ((attr & ATTR_EXPAND_DOWN) === 0) {
      readBound = limit as i64;
      if ((attr & ATTR_RW) !== 0) writeBound = limit as i64;
    }
  }
  store<i64>(cache, readBound, SEG_READ_BOUND);
  store<i64>(cache, writeBound, SEG_WRITE_BOUND);
}

/** Null: refuses every access. */
export function segment_store_null(cpu: usize, n: u32, selector: u32): void {
  segment_store(cpu, n, selector, 0, 0, 0);
}

/** Does an access of `size` bytes at `offset` keep within the limit? Expand-up and expand-down. */
export function limit_allows(limit: u32, attr: u32, offset: u32, size: u32): bool {
  const last = (offset as u64) + size - 1;
  if ((attr & (ATTR_CODE | ATTR_EXPAND_DOWN)) === ATTR_EXPAND_DOWN) {
    return offset > limit && last <= ((attr & ATTR_DB) !== 0 ? 0xffffffff : 0xffff);
  }
  return last <= limit;
}
