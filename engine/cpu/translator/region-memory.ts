// A region's accesses: a TLB check that leaves the region on a miss, one for all accesses of a block that lie near each other
// (address-groups.ts). A block is emitted twice then: first for its accesses to be recorded, in code that is thrown away.

import * as L from '../abi/layout.ts';
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
import { I32 } from '../wasm/encoding.ts';
import type { Value } from '../wasm/value.ts';
import { type AddressGroups, symbolOf } from './address-groups.ts';
import type { RegionCalls } from './region-calls.ts';
import type { RegionExits } from './region-exits.ts';

interface Parts {
  exits: RegionExits;
  calls: RegionCalls;
  addresses: AddressGroups;
  /** Does what is checked at this point hold for the rest of the block? */
  lasting: () => boolean;
  locked: LockedAccess;
}

export class RegionMemory implements MemoryAccess {
  readonly #body: Body;
  readonly #exits: RegionExits;
  readonly #calls: RegionCalls;
  readonly #addresses: AddressGroups;
  readonly #tlb: { base: Value; offset: number };
  /** Does what is checked at this point hold for the rest of the block? */
  readonly #lasting: () => boolean;
  readonly #locked: LockedAccess;
  /** Locals with machine addresses of groups. */
  readonly #pointers: number[] = [];
  /** Accesses are recorded, and their code is thrown away. */
  recording = false;
  /** The instruction's accesses that miss are done by the monitor, and the region goes on. */
  callsOnMiss = false;

  constructor(body: Body, cpu: Value, mode: number, { exits, calls, addresses, lasting, locked }: Parts) {
    this.#locked = locked;
    this.#body = body;
    this.#exits = exits;
    this.#calls = calls;
    this.#addresses = addresses;
    this.#tlb = { base: cpu, offset: (mode & L.MODE_USER) !== 0 ? L.TLB_USER : L.TLB_SUPERVISOR };
    this.#lasting = lasting;
  }

  load(size: number, linear: Value): Value {
    const at = this.#body.keep(linear);
    if (this.#mayCall(size)) return this.#loadOrCall(size, at);
    return this.#body.keep(this.#body.load(size, this.#machineAddress(at, size, false)));
  }

  store(size: number, linear: Value, value: Value): void {
    const at = this.#body.keep(linear);
    if (this.#mayCall(size)) {
      this.#storeOrCall(size, at, value);
      return;
    }
    this.#body.store(size, this.#machineAddress(at, size, true), value);
  }

  modify(size: number, linear: Value, lock: boolean): Modification {
    if (this.#mayCall(size)) return this.#modifyOrCall(size, linear, lock);
    const machine = this.#body.keep(this.#machineAddress(linear, size, true));
    const value = this.#body.keep(this.#body.load(size, machine));
    return { value, commit: (written) => this.#writeBack(size, machine, value, written, lock) };
  }

  loadLow(size: number, linear: Value): Value {
    return this.#body.keep(this.#body.loadLow(size, this.#machineAddress(linear, size, false)));
  }

  storeLow(size: number, linear: Value, vector: Value): void {
    this.#body.storeLow(size, this.#machineAddress(linear, size, true), vector);
  }

  #mayCall(size: number): boolean {
    return this.callsOnMiss && size <= 8;
  }

  #loadOrCall(size: number, at: Value): Value {
    const body = this.#body;
    const { entry, hit } = this.#probe(at, size, false);
    const value = body.variable(typeOfSize(size));
    body.if(
      hit,
      () => value.set(body.load(size, at.add(addendOf(body, this.#tlb, entry)))),
      () => value.set(this.#calls.value(MONITOR_READS[size as MonitorSize], [at])),
    );
    return value.value;
  }

  #storeOrCall(size: number, at: Value, value: Value): void {
    const body = this.#body;
    const { entry, hit } = this.#probe(at, size, true);
    body.if(
      hit,
      () => body.store(size, at.add(addendOf(body, this.#tlb, entry)), value),
      () => this.#calls.statement(MONITOR_WRITES[size as MonitorSize], [at, value]),
    );
  }

  /** After a miss the machine address is 0, and the write is the monitor's too. */
  #modifyOrCall(size: number, linear: Value, lock: boolean): Modification {
    const body = this.#body;
    const { entry, hit } = this.#probe(linear, size, true);
    const machine = body.variable(I32);
    const value = body.variable(typeOfSize(size));
    body.if(
      hit,
      () => {
        machine.set(linear.add(addendOf(body, this.#tlb, entry)));
        value.set(body.load(size, machine.value));
      },
      () => {
        machine.set(body.i32(0));
        this.#calls.statement('mem_probe', [linear, body.i32(size), body.i32(size), body.i32(1)]);
        value.set(this.#calls.value(MONITOR_READS[size as MonitorSize], [linear]));
      },
    );
    const commit = (written: Value): void => {
      const kept = body.keep(written);
      body.if(
        machine.value,
        () => this.#writeBack(size, machine.value, value.value, kept, lock),
        () => this.#calls.statement(MONITOR_WRITES[size as MonitorSize], [linear, kept]),
      );
    };
    return { value: value.value, commit };
  }

  #writeBack(size: number, machine: Value, value: Value, written: Value, lock: boolean): void {
    if (!lock || this.#locked === 'plain') this.#body.store(size, machine, written);
    else {
      const kept = this.#body.keep(written);
      storeIfUnchanged(this.#body, size, machine, value, kept, () => this.#exits.leaveHere());
    }
  }

  #machineAddress(linear: Value, size: number, write: boolean): Value {
    const body = this.#body;
    const symbol = symbolOf(linear);
    if (this.recording) {
      if (symbol) this.#addresses.record(symbol, size, write);
      return body.i32(0);
    }
    const checked = symbol && this.#addresses.checked(symbol, size, write);
    if (checked) return body.pointer(checked.pointer, symbol.offset - checked.low);
    const group = symbol && this.#addresses.group(symbol);
    if (!symbol || !group || !this.#lasting()) return linear.add(this.#checkedAddend(linear, size, write));
    const start = body.keep(linear.add(group.low - symbol.offset));
    const pointer = this.#pointerLocal(this.#addresses.depth);
    const width = group.high - group.low;
    const { entry, hit } = this.#probe(start, width, group.write);
    body.unlikely(hit.eqz(), () => this.#exits.coldGroup(start, width));
    body.set(pointer, start.add(addendOf(body, this.#tlb, entry)));
    this.#addresses.remember(symbol, { ...group, pointer });
    return body.pointer(pointer, symbol.offset - group.low);
  }

  /** Machine address minus linear address of `size` bytes, behind a TLB check that leaves on a miss. */
  #checkedAddend(linear: Value, size: number, write: boolean): Value {
    const { entry, hit } = this.#probe(linear, size, write);
    this.#body.unlikely(hit.eqz(), () => this.#exits.cold());
    return addendOf(this.#body, this.#tlb, entry);
  }

  #probe(linear: Value, size: number, write: boolean): { entry: Value; hit: Value } {
    return probeTlb(this.#body, this.#tlb, linear, size, write ? L.TLB_WRITE_TAG : L.TLB_READ_TAG);
  }

  #pointerLocal(index: number): number {
    let local = this.#pointers[index];
    if (local === undefined) {
      local = this.#body.newLocal(I32);
      this.#pointers[index] = local;
    }
    return local;
  }
}
