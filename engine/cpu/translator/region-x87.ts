// The x87 register stack inside a block of a region: registers in locals once they were read or written, TOP known as a
// distance from what it was when the block first used the stack, what instructions raised in a local. All of it goes to the
// CPU block where the block ends, and in the cold code of every exit before.
//
// Invariants:
// - While `#active`, the CPU block holds the state as of the activation, and slot k here stands for physical register
//   (base + k) & 7.
// - Only what is known at this point of emission is recorded in the slots: it holds on every path, since x87 instructions
//   stand at the block's own depth.

import * as L from '../abi/layout.ts';
import {
  type Extended,
  physicalRegister,
  STATUS_C1,
  STATUS_C1_SHIFT,
  STATUS_PE_SHIFT,
  type X87Stack,
} from '../emitter/x87-stack.ts';
import type { Body } from '../wasm/body.ts';
import { I32, I64 } from '../wasm/encoding.ts';
import type { Value } from '../wasm/value.ts';

const REGISTERS = 8;

interface Slot {
  /** Empty or not, once known; and what the tag in the CPU block says, if known. */
  empty: boolean | undefined;
  wasEmpty: boolean | undefined;
  /** The locals hold the register's contents. */
  loaded: boolean;
  dirty: boolean;
  /** What they hold is known to be a normal number. */
  normal: boolean;
}

interface Locals {
  /** TOP at the activation; the tags turned so that bit k is slot k's; offset of the last operand. */
  base: number;
  tags: number;
  operand: number;
  /** The status word: all but C1, with PE only as of the activation; not 0 if PE was raised since (i64); C1. */
  status: number;
  inexact: number;
  up: number;
  /** Significand and word of each slot. */
  registers: [number, number][];
}

const unknown = (): Slot => ({ empty: undefined, wasEmpty: undefined, loaded: false, dirty: false, normal: false });

export class RegionX87 implements X87Stack {
  readonly #body: Body;
  readonly #cpu: Value;
  /** Leaves for the interpreter to do the present instruction in general. */
  readonly #leave: () => void;
  #locals: Locals | undefined;
  #active = false;
  /** TOP now less TOP at the activation. */
  #moved = 0;
  #slots: Slot[] = [];
  #statusDirty = false;
  /** Where the last instruction stands, and whether its operand's offset is in the local. */
  #pointer: Value | undefined;
  #operand = false;

  constructor(body: Body, cpu: Value, leave: () => void) {
    this.#body = body;
    this.#cpu = cpu;
    this.#leave = leave;
  }

  get #own(): Locals {
    const body = this.#body;
    this.#locals ??= {
      base: body.newLocal(I32),
      tags: body.newLocal(I32),
      operand: body.newLocal(I32),
      status: body.newLocal(I32),
      inexact: body.newLocal(I64),
      up: body.newLocal(I32),
      registers: Array.from({ length: REGISTERS }, () => [body.newLocal(I64), body.newLocal(I32)]),
    };
    return this.#locals;
  }

  /** To be called before an instruction's common case. */
  activate(): X87Stack {
    if (this.#active) return this;
    const body = this.#body;
    const { base, tags, status, inexact, up } = this.#own;
    body.set(base, body.load(4, this.#cpu, L.FPU_TOP));
    const tagged = body.load(4, this.#cpu, L.FPU_TAG);
    body.set(tags, tagged.mul(0x101).shrU(body.get(base)));
    body.set(status, body.load(4, this.#cpu, L.FPU_SW));
    body.set(up, body.get(status).shrU(STATUS_C1_SHIFT).and(1));
    body.set(status, body.get(status).and(~STATUS_C1));
    body.set(inexact, body.i64(0));
    this.#active = true;
    this.#moved = 0;
    this.#slots = Array.from({ length: REGISTERS }, unknown);
    this.#statusDirty = false;
    return this;
  }

  /** Puts the state into the CPU block and forgets what was known. */
  settle(): void {
    this.spill();
    this.#active = false;
    this.#pointer = undefined;
    this.#operand = false;
  }

  /** Emits what puts the state into the CPU block, on a path that leaves. */
  spill(): void {
    const body = this.#body;
    if (this.#pointer) body.store(4, this.#cpu, this.#pointer, L.FPU_IP);
    if (this.#operand) body.store(4, this.#cpu, body.get(this.#own.operand), L.FPU_DP);
    if (!this.#active) return;
    this.#slots.forEach(({ dirty }, k) => {
      if (!dirty) return;
      const address = body.keep(physicalRegister(this.#cpu, this.#physical(k)));
      const [significand, word] = this.#own.registers[k]!;
      body.store(8, address, body.get(significand, I64), L.FPR);
      body.store(2, address, body.get(word), L.FPR + 8);
    });
    if (this.#moved !== 0) body.store(4, this.#cpu, this.#physical(this.#moved), L.FPU_TOP);
    if (this.#statusDirty) body.store(4, this.#cpu, this.#status(), L.FPU_SW);
    this.#spillTags();
  }

  #spillTags(): void {
    const body = this.#body;
    const changed = this.#slots.map(({ empty, wasEmpty }) => empty !== wasEmpty);
    if (!changed.includes(true)) return;
    const mask = (chosen: (slot: Slot) => boolean): number =>
      this.#slots.reduce((bits, slot, k) => bits | (changed[k] && chosen(slot) ? 1 << k : 0), 0);
    // Slots count from the base: turned into physical numbers by a rotation of eight bits.
    const rotated = (bits: number): Value =>
      body
        .i32(bits * 0x101)
        .shl(body.get(this.#own.base))
        .shrU(8)
        .and(0xff);
    const emptied = mask(({ empty }) => empty === true);
    const filled = mask(({ empty }) => empty === false);
    let tags = body.load(4, this.#cpu, L.FPU_TAG);
    if (filled !== 0) tags = tags.and(rotated(filled).not());
    if (emptied !== 0) tags = tags.or(rotated(emptied));
    body.store(4, this.#cpu, tags, L.FPU_TAG);
  }

  #physical(k: number): Value {
    return this.#body.get(this.#own.base).add(k).and(7);
  }

  #index(i: Value): number {
    return (i.constant! + this.#moved) & 7;
  }

  /** Requires slot k to be empty, or not to be. */
  #requireTag(k: number, empty: boolean): void {
    const slot = this.#slots[k]!;
    if (slot.empty === empty) return;
    if (slot.empty !== undefined) {
      this.require(this.#body.i32(0));
      return;
    }
    const bit = this.#body.get(this.#own.tags).and(1 << k);
    this.require(empty ? bit : bit.eqz());
    slot.empty = empty;
    slot.wasEmpty = empty;
  }

  // ---- X87Stack

  require(condition: Value): void {
    this.#body.unlikely(condition.eqz(), this.#leave);
  }

  requireRoom(): void {
    this.#requireTag((7 + this.#moved) & 7, true);
  }

  read(i: Value): Extended {
    const body = this.#body;
    const k = this.#index(i);
    this.#requireTag(k, false);
    const slot = this.#slots[k]!;
    const [significand, word] = this.#own.registers[k]!;
    if (!slot.loaded) {
      const address = body.keep(physicalRegister(this.#cpu, this.#physical(k)));
      body.set(significand, body.load(8, address, L.FPR));
      body.set(word, body.load(2, address, L.FPR + 8));
      slot.loaded = true;
    }
    const { normal } = slot;
    return { significand: body.keep(body.get(significand, I64)), word: body.keep(body.get(word)), normal };
  }

  write(i: Value, number: Extended): void {
    const k = this.#index(i);
    const slot = this.#slots[k]!;
    const [significand, word] = this.#own.registers[k]!;
    this.#body.set(significand, number.significand);
    this.#body.set(word, number.word);
    slot.loaded = true;
    slot.dirty = true;
    slot.empty = false;
    slot.normal = number.normal ?? false;
  }

  push(number: Extended): void {
    this.#moved = (this.#moved + 7) & 7;
    this.write(this.#body.i32(0), number);
  }

  pop(): void {
    this.#slots[this.#moved]!.empty = true;
    this.#moved = (this.#moved + 1) & 7;
  }

  status(clear: number, set?: Value): void {
    const body = this.#body;
    const { status, up } = this.#own;
    this.#statusDirty = true;
    if ((clear & STATUS_C1) !== 0) body.set(up, set ? set.shrU(STATUS_C1_SHIFT).and(1) : body.i32(0));
    const others = clear & ~STATUS_C1;
    const kept = others !== 0 ? body.get(status).and(~others) : body.get(status);
    if (set) body.set(status, kept.or(set.and(~STATUS_C1)));
    else if (others !== 0) body.set(status, kept);
  }

  rounded(rest: Value, up: Value): void {
    const { inexact, up: c1 } = this.#own;
    this.#statusDirty = true;
    this.#body.set(inexact, this.#body.get(inexact, I64).or(rest));
    this.#body.set(c1, up);
  }

  /** The status word without TOP. */
  #status(): Value {
    const { status, inexact, up } = this.#own;
    const raised = this.#body.get(inexact, I64).ne(0).shl(STATUS_PE_SHIFT);
    return this.#body.get(status).or(raised).or(this.#body.get(up).shl(STATUS_C1_SHIFT));
  }

  statusWord(): Value {
    const body = this.#body;
    return body.keep(this.#status().or(this.#physical(this.#moved).shl(11)));
  }

  /** As Emitter.x87Pointers, kept until the state is put into the CPU block. */
  pointers(instruction: Value, operand: Value | undefined): void {
    this.#pointer = instruction;
    if (!operand) return;
    this.#body.set(this.#own.operand, operand);
    this.#operand = true;
  }
}
