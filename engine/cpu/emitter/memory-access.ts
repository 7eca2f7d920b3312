// Guest memory as a backend accesses it, at linear addresses that have passed the segment check. The TLB is looked at inline;
// what happens on a miss is the backend's: the interpreter goes on through the monitor, a region is left.

import * as L from '../abi/layout.ts';
import type { Body, Value } from '../wasm/body.ts';
import { I32, I64, V128, type ValueType } from '../wasm/encoding.ts';

/** A read with the right to write back. */
export interface Modification {
  /** What was there; kept. */
  value: Value;
  /** Writes it back. Cannot fault. */
  commit(value: Value): void;
}

/** Sizes are 1, 2, 4 (i32), 8 (i64) and 16 bytes (v128). */
export interface MemoryAccess {
  /** Kept value. */
  load(size: number, linear: Value): Value;
  /** `value` must be kept or constant. */
  store(size: number, linear: Value, value: Value): void;
  modify(size: number, linear: Value): Modification;
  /** 4 or 8 bytes in lane 0 of a vector, zeros above; kept. */
  loadLow(size: number, linear: Value): Value;
  /** Writes lane 0, of 4 or 8 bytes, of a kept vector. */
  storeLow(size: number, linear: Value, vector: Value): void;
}

/** WebAssembly type of a memory or register value of `size` bytes. */
export function typeOfSize(size: number): ValueType {
  return size === 16 ? V128 : size === 8 ? I64 : I32;
}

/**
 * The TLB entry of a linear address in the TLB at machine address `base` + `offset`, less `offset`, and whether an access of
 * `size` bytes there hits it.
 */
export function probeTlb(
  body: Body,
  tlb: { base: Value; offset: number },
  linear: Value,
  size: number,
  tag: number,
): { entry: Value; hit: Value } {
  const mask = (L.TLB_ENTRIES - 1) << 4;
  const entry = body.keep(linear.shrU(8).and(mask).add(tlb.base));
  const page = (size > 1 ? linear.add(size - 1) : linear).and(-4096);
  return { entry, hit: body.load(4, entry, tlb.offset + tag).eq(page) };
}

/** Machine address minus linear address of the page of a TLB entry, as `probeTlb` gives it. */
export function addendOf(body: Body, tlb: { offset: number }, entry: Value): Value {
  return body.load(4, entry, tlb.offset + L.TLB_ADDEND);
}
