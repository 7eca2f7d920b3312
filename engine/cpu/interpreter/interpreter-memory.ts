// The interpreter's accesses: a TLB hit inline, on a miss the monitor, after which the handler goes on unless it has faulted.

import * as L from '../abi/layout.ts';
import type { AnyMonitorFunction } from '../abi/monitor-functions.ts';
import {
  addendOf,
  type LockedAccess,
  type MemoryAccess,
  MONITOR_READS,
  MONITOR_WRITES,
  type Modification,
  type MonitorSize,
  probeTlb,
  storeIfUnchanged,
  typeOfSize,
} from '../emitter/memory-access.ts';
import type { Body } from '../wasm/body.ts';
import { I32, V128 } from '../wasm/encoding.ts';
import { SIMD } from '../wasm/simd-opcodes.ts';
import type { Value } from '../wasm/value.ts';

/** The handler that an access stands in. */
export interface Handler {
  call(name: AnyMonitorFunction, ...operands: Value[]): Value;
  callStatement(name: AnyMonitorFunction, ...operands: Value[]): void;
  /** Back to the dispatcher if the call just made has faulted. */
  leaveOnFault(): void;
  /** Back to the dispatcher, which starts the instruction again. */
  leaveHere(): void;
  /** Code is emitted that may set LEAVE. */
  mayLeave(): void;
}

export class InterpreterMemory implements MemoryAccess {
  readonly #body: Body;
  readonly #cpu: Value;
  readonly #handler: Handler;
  readonly #locked: LockedAccess;

  constructor(body: Body, cpu: Value, locked: LockedAccess, handler: Handler) {
    this.#locked = locked;
    this.#body = body;
    this.#cpu = cpu;
    this.#handler = handler;
  }

  load(size: number, linear: Value): Value {
    const body = this.#body;
    const at = body.keep(linear);
    const { entry, hit } = this.#probe(at, size, L.TLB_READ_TAG);
    const value = body.variable(typeOfSize(size));
    body.likely(
      hit,
      () => value.set(body.load(size, at.add(this.#addend(entry)))),
      () => this.#missedLoad(size, at, value.set),
    );
    return value.value;
  }

  store(size: number, linear: Value, value: Value): void {
    const body = this.#body;
    const at = body.keep(linear);
    const { entry, hit } = this.#probe(at, size, L.TLB_WRITE_TAG);
    body.likely(
      hit,
      () => body.store(size, at.add(this.#addend(entry)), value),
      () => this.#missedStore(size, at, value),
    );
  }

  /** After a miss the machine address is 0, and the write goes through the monitor too. */
  modify(size: number, linear: Value, lock: boolean): Modification {
    const body = this.#body;
    const { entry, hit } = this.#probe(linear, size, L.TLB_WRITE_TAG);
    const machine = body.variable(I32);
    const value = body.variable(typeOfSize(size));
    body.likely(
      hit,
      () => {
        machine.set(linear.add(this.#addend(entry)));
        value.set(body.load(size, machine.value));
      },
      () => {
        this.#require(linear, size, true);
        machine.set(body.i32(0));
        this.#missedLoad(size, linear, value.set);
      },
    );
    const commit = (written: Value): void => {
      const kept = body.keep(written);
      body.likely(
        machine.value,
        () => {
          if (!lock || this.#locked === 'plain') body.store(size, machine.value, kept);
          else storeIfUnchanged(body, size, machine.value, value.value, kept, () => this.#handler.leaveHere());
        },
        () => this.#missedStore(size, linear, kept),
      );
    };
    return { value: value.value, commit };
  }

  loadLow(size: number, linear: Value): Value {
    const body = this.#body;
    const low = this.load(size, linear);
    const zero = body.v128(new Array(16).fill(0));
    const opcode = size === 8 ? SIMD.i64x2_replace_lane : SIMD.i32x4_replace_lane;
    return body.keep(body.simd(V128, opcode, [zero, low], 0));
  }

  storeLow(size: number, linear: Value, vector: Value): void {
    const opcode = size === 8 ? SIMD.i64x2_extract_lane : SIMD.i32x4_extract_lane;
    this.store(size, linear, this.#body.keep(this.#body.simd(typeOfSize(size), opcode, [vector], 0)));
  }

  #tlb(): { base: Value; offset: number } {
    return { base: this.#cpu.add(this.#body.load(4, this.#cpu, L.TLB_CURRENT)), offset: 0 };
  }

  #probe(linear: Value, size: number, tag: number): { entry: Value; hit: Value } {
    return probeTlb(this.#body, this.#tlb(), linear, size, tag);
  }

  #addend(entry: Value): Value {
    return addendOf(this.#body, { offset: 0 }, entry);
  }

  #missedLoad(size: number, linear: Value, into: (value: Value) => void): void {
    const body = this.#body;
    if (size === 16) {
      this.#require(linear, size, false);
      const low = body.keep(this.#handler.call('mem_read64', linear));
      const high = body.keep(this.#handler.call('mem_read64', linear.add(8)));
      into(body.vectorOf(low, high));
      return;
    }
    into(this.#handler.call(MONITOR_READS[size as MonitorSize], linear));
    this.#handler.leaveOnFault();
  }

  #missedStore(size: number, linear: Value, value: Value): void {
    this.#handler.mayLeave();
    if (size === 16) {
      this.#require(linear, size, true);
      this.#handler.callStatement('mem_write64', linear, this.#body.lane64(value, 0));
      this.#handler.callStatement('mem_write64', linear.add(8), this.#body.lane64(value, 1));
      return;
    }
    this.#handler.callStatement(MONITOR_WRITES[size as MonitorSize], linear, value);
    this.#handler.leaveOnFault();
  }

  /** Leaves if an access to the whole operand would fault. */
  #require(linear: Value, size: number, write: boolean): void {
    const body = this.#body;
    this.#handler.callStatement('mem_probe', linear, body.i32(size), body.i32(size), body.i32(write ? 1 : 0));
    this.#handler.leaveOnFault();
  }
}
