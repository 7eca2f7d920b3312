// The x87 register stack as a handler of the interpreter sees it: in the CPU block. TOP and the tags are read once and
// written back by `finish`.

import * as L from '../abi/layout.ts';
import {
  type Extended,
  physicalRegister,
  STATUS_C1,
  STATUS_C1_SHIFT,
  STATUS_PE_SHIFT,
  type X87Stack,
} from '../emitter/x87-stack.ts';
import type { Body, Label } from '../wasm/body.ts';
import { I32 } from '../wasm/encoding.ts';
import type { Value } from '../wasm/value.ts';

export class InterpreterX87 implements X87Stack {
  readonly #body: Body;
  readonly #cpu: Value;
  readonly #general: Label;
  readonly #top: Value;
  readonly #tags: { value: Value; set: (value: Value) => void };
  /** TOP now less TOP before. */
  #moved = 0;
  #retagged = false;

  /** A requirement that is not met branches to `general`. */
  constructor(body: Body, cpu: Value, general: Label) {
    this.#body = body;
    this.#cpu = cpu;
    this.#general = general;
    this.#top = body.keep(body.load(4, cpu, L.FPU_TOP));
    this.#tags = body.variable(I32);
    this.#tags.set(body.load(4, cpu, L.FPU_TAG));
  }

  /** Number of ST(i) among the physical registers. */
  #physical(i: Value): Value {
    return this.#body.keep(this.#top.add(i.add(this.#moved)).and(7));
  }

  #bit(i: Value): Value {
    return this.#body.i32(1).shl(this.#physical(i));
  }

  #setTags(tags: Value): void {
    this.#tags.set(tags);
    this.#retagged = true;
  }

  require(condition: Value): void {
    this.#body.branchUnlikely(condition.eqz(), this.#general);
  }

  requireRoom(): void {
    this.require(this.#tags.value.and(this.#bit(this.#body.i32(7))));
  }

  read(i: Value): Extended {
    this.require(this.#tags.value.and(this.#bit(i)).eqz());
    const slot = this.#body.keep(physicalRegister(this.#cpu, this.#physical(i)));
    return {
      significand: this.#body.keep(this.#body.load(8, slot, L.FPR)),
      word: this.#body.keep(this.#body.load(2, slot, L.FPR + 8)),
    };
  }

  write(i: Value, { significand, word }: Extended): void {
    const slot = this.#body.keep(physicalRegister(this.#cpu, this.#physical(i)));
    this.#body.store(8, slot, significand, L.FPR);
    this.#body.store(2, slot, word, L.FPR + 8);
    this.#setTags(this.#tags.value.and(this.#bit(i).not()));
  }

  push(number: Extended): void {
    this.#moved--;
    this.write(this.#body.i32(0), number);
  }

  pop(): void {
    this.#setTags(this.#tags.value.or(this.#bit(this.#body.i32(0))));
    this.#moved++;
  }

  status(clear: number, set?: Value): void {
    const kept = this.#body.load(4, this.#cpu, L.FPU_SW).and(~clear);
    this.#body.store(4, this.#cpu, set ? kept.or(set) : kept, L.FPU_SW);
  }

  rounded(rest: Value, up: Value): void {
    this.status(STATUS_C1, rest.ne(0).shl(STATUS_PE_SHIFT).or(up.shl(STATUS_C1_SHIFT)));
  }

  statusWord(): Value {
    return this.#body.keep(this.#body.load(4, this.#cpu, L.FPU_SW).or(this.#top.shl(11)));
  }

  /** Behind the common case. */
  finish(): void {
    if (this.#moved !== 0) this.#body.store(4, this.#cpu, this.#physical(this.#body.i32(0)), L.FPU_TOP);
    if (this.#retagged) this.#body.store(4, this.#cpu, this.#tags.value, L.FPU_TAG);
  }
}
