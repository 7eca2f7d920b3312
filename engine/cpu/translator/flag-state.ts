// The arithmetic flags while a region is emitted: three locals a, b, r, and at each point of emission the knowledge which
// operation they belong to. Conditions right behind a comparison become one WebAssembly comparison; flags never read
// cost moves between locals, which the engine's compiler removes.

import {
  KIND_ADD,
  KIND_CANONICAL,
  KIND_DEC,
  KIND_INC,
  KIND_LOGIC,
  KIND_SIZE_SHIFT,
  KIND_SUB,
} from '../abi/flag-kinds.ts';
import * as L from '../abi/layout.ts';
import { auxOf, type Condition, conditionOf, type FlagOperation } from '../emitter/flag-formulas.ts';
import type { Body } from '../wasm/body.ts';
import { I32 } from '../wasm/encoding.ts';
import type { Value } from '../wasm/value.ts';

/** The flags are where they were when the region was entered: in the CPU block, of whatever kind. */
const UNTOUCHED_OPERATION = -1;
/** What `kind` says of untouched flags: there is nothing to write back. */
export const KIND_UNTOUCHED = 0xff;
/** The operation differs by the way that led here; a local holds the kind. */
const DYNAMIC_OPERATION = -2;
/** What `kind` says of them. */
export const KIND_DYNAMIC = 0xfe;

/** KIND_CANONICAL: r is the result, a is aux. */
export interface FlagState {
  operation: FlagOperation | typeof KIND_CANONICAL | typeof UNTOUCHED_OPERATION | typeof DYNAMIC_OPERATION;
  size: number;
}

const CANONICAL: FlagState = { operation: KIND_CANONICAL, size: 4 };
const UNTOUCHED: FlagState = { operation: UNTOUCHED_OPERATION, size: 4 };
const DYNAMIC: FlagState = { operation: DYNAMIC_OPERATION, size: 4 };

export class Flags {
  readonly #body: Body;
  readonly #a: number;
  readonly #b: number;
  readonly #r: number;
  readonly #kind: number;
  readonly #canonicalInBlock: () => void;
  readonly #cpu: Value;
  state: FlagState = UNTOUCHED;

  /** `canonicalInBlock` emits what makes the CPU block's flags canonical. */
  constructor(body: Body, cpu: Value, canonicalInBlock: () => void) {
    this.#cpu = cpu;
    this.#canonicalInBlock = canonicalInBlock;
    this.#body = body;
    this.#a = body.newLocal(I32);
    this.#b = body.newLocal(I32);
    this.#r = body.newLocal(I32);
    this.#kind = body.newLocal(I32);
  }

  /** Takes canonical flags from the CPU block. */
  load(): void {
    this.#body.set(this.#a, this.#body.load(4, this.#cpu, L.F_A));
    this.#body.set(this.#r, this.#body.load(4, this.#cpu, L.F_R));
    this.state = CANONICAL;
  }

  /** Writes the locals to the CPU block as flags of `kind`, unless that says that they are untouched. */
  store(kind: Value): void {
    const body = this.#body;
    body.if(kind.ne(KIND_UNTOUCHED), () => {
      body.store(4, this.#cpu, body.get(this.#a), L.F_A);
      body.store(4, this.#cpu, body.get(this.#b), L.F_B);
      body.store(4, this.#cpu, body.get(this.#r), L.F_R);
      body.store(4, this.#cpu, kind, L.F_KIND);
    });
  }

  /** F_KIND of the present state, or KIND_UNTOUCHED, KIND_DYNAMIC. */
  kind(): number {
    const { operation, size } = this.state;
    if (operation === UNTOUCHED_OPERATION) return KIND_UNTOUCHED;
    if (operation === DYNAMIC_OPERATION) return KIND_DYNAMIC;
    return operation | ((size === 4 ? 2 : size === 2 ? 1 : 0) << KIND_SIZE_SHIFT);
  }

  set(operation: FlagOperation, size: number, a: Value, b: Value, r: Value): void {
    if (operation !== KIND_LOGIC) {
      this.#body.set(this.#a, a);
      this.#body.set(this.#b, b);
    }
    this.#body.set(this.#r, r);
    this.state = { operation, size };
  }

  setCanonical(result: Value, aux: Value): void {
    const keptResult = this.#body.keep(result);
    const keptAux = this.#body.keep(aux);
    this.#body.set(this.#r, keptResult);
    this.#body.set(this.#a, keptAux);
    this.state = CANONICAL;
  }

  makeCanonical(): void {
    if (this.state.operation === KIND_CANONICAL) return;
    if (this.state.operation === UNTOUCHED_OPERATION) {
      this.#canonicalInBlock();
      this.load();
      return;
    }
    if (this.state.operation === DYNAMIC_OPERATION) {
      this.#body.if(this.dynamicKind().ne(KIND_CANONICAL), () => {
        this.store(this.dynamicKind());
        this.#canonicalInBlock();
        this.load();
      });
      this.state = CANONICAL;
      return;
    }
    this.#body.set(this.#a, this.#auxNow());
    this.state = CANONICAL;
  }

  /** The paths that join here have made them canonical, or they are dead. */
  assumeCanonical(): void {
    this.state = CANONICAL;
  }

  /** Notes the kind in its local, for where several ways join or the region is left. */
  makeDynamic(): void {
    if (this.state.operation === DYNAMIC_OPERATION) return;
    this.#body.set(this.#kind, this.#body.i32(this.kind()));
    this.state = DYNAMIC;
  }

  assumeDynamic(): void {
    this.state = DYNAMIC;
  }

  /** The kind that `makeDynamic` has noted. */
  dynamicKind(): Value {
    return this.#body.get(this.#kind);
  }

  #auxNow(): Value {
    const { operation, size } = this.state;
    const { a, b, r } = this.#locals();
    return operation === KIND_CANONICAL ? a : auxOf(this.#body, operation, size, a, b, r);
  }

  #locals(): { a: Value; b: Value; r: Value } {
    return { a: this.#body.get(this.#a), b: this.#body.get(this.#b), r: this.#body.get(this.#r) };
  }

  /** Flags not known to be in the locals come there before they are read. */
  #touch(): void {
    if (this.state.operation === UNTOUCHED_OPERATION || this.state.operation === DYNAMIC_OPERATION)
      this.makeCanonical();
  }

  aux(): Value {
    this.#touch();
    return this.#body.keep(this.#auxNow());
  }

  result(): Value {
    this.#touch();
    return this.#body.keep(this.#body.get(this.#r));
  }

  /** CF as 0 or 1. */
  carry(): Value {
    return this.#body.keep(this.condition('B').bool());
  }

  condition(condition: Condition): Value {
    this.#touch();
    const { operation, size } = this.state;
    const { a, b, r } = this.#locals();
    if (operation !== KIND_CANONICAL) {
      if (condition === 'E') return this.#body.keep(r.eqz());
      if (condition === 'S') return this.#body.keep(r.ltS(0));
      if (condition === 'P') return this.#body.keep(r.and(0xff).popcnt().and(1).eqz());
    }
    const direct = this.#direct(condition, operation, size, a, b, r);
    if (direct) return this.#body.keep(direct);
    return this.#body.keep(conditionOf(condition, r, this.aux()));
  }

  #direct(condition: Condition, operation: number, size: number, a: Value, b: Value, r: Value): Value | undefined {
    switch (operation) {
      case KIND_SUB:
        switch (condition) {
          case 'B':
            return a.ltU(b);
          case 'BE':
            return a.leU(b);
          case 'L':
            return a.signExtend(size).ltS(b.signExtend(size));
          case 'LE':
            return a.signExtend(size).leS(b.signExtend(size));
        }
        return undefined;
      case KIND_ADD:
        if (condition !== 'B') return undefined;
        return size === 4 ? r.ltU(a) : a.add(b).shrU(size * 8);
      case KIND_LOGIC:
        switch (condition) {
          case 'O':
          case 'B':
            return this.#body.i32(0);
          case 'BE':
            return r.eqz();
          case 'L':
            return r.ltS(0);
          case 'LE':
            return r.leS(0);
        }
        return undefined;
      case KIND_INC:
      case KIND_DEC:
        return condition === 'B' ? b.ltS(0) : undefined;
    }
    return undefined;
  }
}
