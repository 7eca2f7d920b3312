// Guest memory as a backend accesses it, at linear addresses that have passed the segment check. The TLB is checked inline;
// what happens on a miss is the backend's: the interpreter goes on through the monitor, a region is left.

import * as L from '../abi/layout.ts';
import type { Body } from '../wasm/body.ts';
import { I32, I64, V128, type ValueType } from '../wasm/encoding.ts';
import type { Value } from '../wasm/value.ts';

/** A read with the right to write back. */
export interface Modification {
  /** What was there; kept. */
  value: Value;
  /**
   * Writes it back. Cannot fault. Under LOCK the instruction starts again here if another vCPU has written in between: nothing
   * may have been changed yet.
   */
  commit(value: Value): void;
}

/**
 * How accesses of locked instructions are done. 'plain' is right for a VM with one vCPU: devices and the host touch guest
 * memory between instructions only. 'atomic' compares and exchanges, so that several vCPUs may run on one memory; operands
 * that are not aligned (split locks) are not atomic then.
 */
export type LockedAccess = 'plain' | 'atomic';

/** Sizes are 1, 2, 4 (i32), 8 (i64) and 16 bytes (v128). */
export interface MemoryAccess {
  /** Kept value. */
  load(size: number, linear: Value): Value;
  /** `value` must be kept or constant. */
  store(size: number, linear: Value, value: Value): void;
  /** `lock`: the instruction is locked. */
  modify(size: number, linear: Value, lock: boolean): Modification;
  /** 4 or 8 bytes in lane 0 of a vector, zeros above; kept. */
  loadLow(size: number, linear: Value): Value;
  /** Writes lane 0, of 4 or 8 bytes, of a kept vector. */
  storeLow(size: number, linear: Value, vector: Value): void;
}

/** Accesses through the monitor, by their size in bytes. */
export const MONITOR_READS = { 1: 'mem_read8', 2: 'mem_read16', 4: 'mem_read32', 8: 'mem_read64' } as const;
export const MONITOR_WRITES = { 1: 'mem_write8', 2: 'mem_write16', 4: 'mem_write32', 8: 'mem_write64' } as const;
export type MonitorSize = keyof typeof MONITOR_READS;

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

/** Writes `value` to machine address `machine` if `expected` is still there or the operand is not aligned; else `retry`. */
export function storeIfUnchanged(
  body: Body,
  size: number,
  machine: Value,
  expected: Value,
  value: Value,
  retry: () => void,
): void {
  const store = (): void => {
    const found = body.compareExchange(size, machine, expected, value);
    body.unlikely(found.ne(expected), retry);
  };
  if (size === 1) store();
  else body.likely(machine.and(size - 1).eqz(), store, () => body.store(size, machine, value));
}
