// A region's accesses: a TLB check that leaves the region on a miss, one for all accesses of a block that lie near each other
// (address-groups.ts). A block is emitted twice then: first for its accesses to be recorded, in code that is thrown away.

import * as L from '../abi/layout.ts';
import {
  addendOf,
  type LockedAccess,
  type MemoryAccess,
  type Modification,
  probeTlb,
  storeIfUnchanged,
} from '../emitter/memory-access.ts';
import type { Body } from '../wasm/body.ts';
import { I32 } from '../wasm/encoding.ts';
import type { Value } from '../wasm/value.ts';
import { type AddressGroups, symbolOf } from './address-groups.ts';
import type { RegionExits } from './region-exits.ts';

export class RegionMemory implements MemoryAccess {
  readonly #body: Body;
  readonly #exits: RegionExits;
  readonly #addresses: AddressGroups;
  readonly #tlb: { base: Value; offset: number };
  /** Does what is checked at this point hold for the rest of the block? */
  readonly #lasting: () => boolean;
  readonly #locked: LockedAccess;
  /** Locals with machine addresses of groups. */
  readonly #pointers: number[] = [];
  /** Accesses are recorded, and their code is thrown away. */
  recording = false;

  constructor(
    body: Body,
    cpu: Value,
    mode: number,
    exits: RegionExits,
    addresses: AddressGroups,
    lasting: () => boolean,
    locked: LockedAccess,
  ) {
    this.#locked = locked;
    this.#body = body;
    this.#exits = exits;
    this.#addresses = addresses;
    this.#tlb = { base: cpu, offset: (mode & L.MODE_USER) !== 0 ? L.TLB_USER : L.TLB_SUPERVISOR };
    this.#lasting = lasting;
  }

  load(size: number, linear: Value): Value {
    const at = this.#body.keep(linear);
    return this.#body.keep(this.#body.load(size, this.#machineAddress(at, size, false)));
  }

  store(size: number, linear: Value, value: Value): void {
    const at = this.#body.keep(linear);
    this.#body.store(size, this.#machineAddress(at, size, true), value);
  }

  modify(size: number, linear: Value, lock: boolean): Modification {
    const machine = this.#body.keep(this.#machineAddress(linear, size, true));
    const value = this.#body.keep(this.#body.load(size, machine));
    const commit = (written: Value): void => {
      if (!lock || this.#locked === 'plain') this.#body.store(size, machine, written);
      else {
        const kept = this.#body.keep(written);
        storeIfUnchanged(this.#body, size, machine, value, kept, () => this.#exits.leaveHere());
      }
    };
    return { value, commit };
  }

  loadLow(size: number, linear: Value): Value {
    return this.#body.keep(this.#body.loadLow(size, this.#machineAddress(linear, size, false)));
  }

  storeLow(size: number, linear: Value, vector: Value): void {
    this.#body.storeLow(size, this.#machineAddress(linear, size, true), vector);
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
