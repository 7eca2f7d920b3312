// The guest's registers while a region is emitted: general registers and XMM registers in locals, loaded in the prologue if the
// region uses them, written back on leaving if it has changed them. Other fields of the CPU block are accessed where they are.

import * as L from '../abi/layout.ts';
import type { Body } from '../wasm/body.ts';
import { I32, I64, V128 } from '../wasm/encoding.ts';
import { SIMD } from '../wasm/simd-opcodes.ts';
import type { Value } from '../wasm/value.ts';
import type { AddressGroups } from './address-groups.ts';

const GENERAL_END = L.GPR + 8 * 8;
const XMM_END = L.XMM + 8 * 16;

function isXmm(offset: number): boolean {
  return offset >= L.XMM && offset < XMM_END;
}

export class RegionRegisters {
  readonly #body: Body;
  readonly #cpu: Value;
  readonly #addresses: AddressGroups;
  /** Local by offset in the CPU block. */
  readonly #locals = new Map<number, number>();
  readonly #written = new Set<number>();
  /** Bytes of lane 0 of XMM registers, by offset, where that is known to be no denormal number. */
  readonly #normalLow = new Map<number, number>();

  constructor(body: Body, cpu: Value, addresses: AddressGroups) {
    this.#body = body;
    this.#cpu = cpu;
    this.#addresses = addresses;
  }

  /** At a place that is reached from several others nothing is known of what registers hold. */
  forgetNumbers(): void {
    this.#normalLow.clear();
  }

  noteNormalLow(offset: number, size: number): void {
    this.#normalLow.set(offset, size);
  }

  /** Kept value. */
  read(offset: number, size: number): Value {
    const body = this.#body;
    if (offset === L.ZERO) return body.i32(0);
    if (isXmm(offset)) {
      const value = this.#lowPart(body.get(this.#local(offset), V128), size);
      value.normalLow = this.#normalLow.get(offset);
      return value;
    }
    if (offset >= GENERAL_END) return body.keep(body.load(size, this.#cpu, offset));
    const whole = body.get(this.#local(offset & ~7));
    if (size === 4) {
      const value = body.keep(whole);
      value.symbol = this.#addresses.registerSymbol(offset);
      return value;
    }
    return body.keep((offset & 1 ? whole.shrU(8) : whole).zeroExtend(size));
  }

  write(offset: number, size: number, value: Value): void {
    if (isXmm(offset)) this.#writeXmm(offset, size, value);
    else if (offset >= GENERAL_END) this.#body.store(size, this.#cpu, value, offset);
    else this.#writeGeneral(offset, size, value);
  }

  #writeGeneral(offset: number, size: number, value: Value): void {
    const body = this.#body;
    const slot = offset & ~7;
    const local = this.#local(slot);
    this.#written.add(slot);
    this.#addresses.setRegister(slot, size === 4 ? value.symbol : undefined);
    const whole = body.get(local);
    if (size === 4) body.set(local, value);
    else if (size === 2) body.set(local, whole.and(0xffff0000 | 0).or(value.zeroExtend(2)));
    else if (offset & 1) body.set(local, whole.and(0xffff00ff | 0).or(value.zeroExtend(1).shl(8)));
    else body.set(local, whole.and(0xffffff00 | 0).or(value.zeroExtend(1)));
  }

  /** The lowest 2, 4, 8 or all 16 bytes of an XMM register, kept. */
  #lowPart(whole: Value, size: number): Value {
    const body = this.#body;
    if (size === 16) return body.keep(whole);
    if (size === 8) return body.keep(body.simd(I64, SIMD.i64x2_extract_lane, [whole], 0));
    const low = body.simd(I32, SIMD.i32x4_extract_lane, [whole], 0);
    return body.keep(low.zeroExtend(size));
  }

  #writeXmm(offset: number, size: number, value: Value): void {
    const body = this.#body;
    const local = this.#local(offset);
    this.#written.add(offset);
    if (size === 16 && value.normalLow) this.#normalLow.set(offset, value.normalLow);
    else this.#normalLow.delete(offset);
    const lane = size === 8 ? SIMD.i64x2_replace_lane : SIMD.i32x4_replace_lane;
    const whole = body.get(local, V128);
    body.set(local, size === 16 ? value : body.simd(V128, lane, [whole, value], 0));
  }

  #local(offset: number): number {
    let local = this.#locals.get(offset);
    if (local === undefined) {
      local = this.#body.newLocal(isXmm(offset) ? V128 : I32);
      this.#locals.set(offset, local);
    }
    return local;
  }

  // ---- Ways in and out

  /** In the prologue, when all code has been emitted. */
  loadUsed(): void {
    const body = this.#body;
    for (const [offset, local] of this.#locals) body.set(local, body.load(isXmm(offset) ? 16 : 4, this.#cpu, offset));
  }

  /** On leaving, when all code has been emitted. */
  storeWritten(): void {
    const body = this.#body;
    for (const offset of this.#written) {
      const local = this.#locals.get(offset)!;
      if (isXmm(offset)) body.store(16, this.#cpu, body.get(local, V128), offset);
      else body.store(4, this.#cpu, body.get(local), offset);
    }
  }

  /** All general registers, for a function that reads them in the CPU block; `load` takes what it has made of them. */
  store(): void {
    for (let offset = L.GPR; offset < GENERAL_END; offset += 8)
      this.#body.store(4, this.#cpu, this.#body.get(this.#local(offset)), offset);
  }

  load(): void {
    for (let offset = L.GPR; offset < GENERAL_END; offset += 8)
      this.write(offset, 4, this.#body.load(4, this.#cpu, offset));
  }
}
