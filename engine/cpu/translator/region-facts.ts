// What holds from one instruction of a block to the next while a region is emitted: checks done, values computed.

import * as L from '../abi/layout.ts';
import { type BlockFacts, eitherWay } from '../emitter/block-facts.ts';
import type { Instruction, RegisterOperand } from '../isa/instruction.ts';
import type { Body, Label } from '../wasm/body.ts';
import type { Value } from '../wasm/value.ts';
import type { RegionExits } from './region-exits.ts';
import type { RegionRegisters } from './region-registers.ts';

export class RegionFacts implements BlockFacts {
  readonly #body: Body;
  readonly #exits: RegionExits;
  readonly #registers: RegionRegisters;
  readonly #instruction: () => Instruction;
  /** Checks done in this block. */
  readonly #checked = new Set<string>();
  /** Values computed in this block, and the locals they use in every block. */
  readonly #shared = new Map<string, Value>();
  readonly #sharedLocals = new Map<string, number>();
  /** Nesting of the block being emitted: checks made deeper do not hold for what follows. */
  #depth = 0;
  /** The block does rare cases too. */
  #general = false;

  constructor(body: Body, exits: RegionExits, registers: RegionRegisters, instruction: () => Instruction) {
    this.#body = body;
    this.#exits = exits;
    this.#registers = registers;
    this.#instruction = instruction;
  }

  /** `general`: no case is so rare that the region is to be left for it. */
  startBlock(general: boolean): void {
    this.#general = general;
    this.#checked.clear();
    this.#shared.clear();
    this.#registers.forgetNumbers();
  }

  /** The block's code begins at the nesting where the body now stands. */
  startCode(): void {
    this.#depth = this.#body.depth;
  }

  /** Not in an arm of a condition. */
  get lasting(): boolean {
    return this.#body.depth === this.#depth;
  }

  oncePerBlock(check: string, emit: () => void): void {
    if (this.#checked.has(check)) return;
    if (this.lasting) this.#checked.add(check);
    emit();
  }

  shared(name: string, make: () => Value): Value {
    const known = this.#shared.get(name);
    if (known) return known;
    const value = make();
    if (!this.lasting) return value;
    const local = this.#sharedLocals.get(name) ?? this.#body.newLocal(value.type);
    this.#sharedLocals.set(name, local);
    this.#body.set(local, value);
    const kept = this.#body.pinned(local, value.type);
    this.#shared.set(name, kept);
    return kept;
  }

  renew(name: string): void {
    this.#shared.delete(name);
    this.#checked.delete(name);
  }

  noteNormalLow(operand: number, size: number): void {
    this.#registers.noteNormalLow((this.#instruction().operands[operand] as RegisterOperand).offset, size);
  }

  leaveIf(condition: Value): void {
    this.#exits.leaveBehindIf(condition);
  }

  usually(usual: (otherwise: Label) => void, general: () => void): void {
    if (this.#general) {
      eitherWay(this.#body, usual, general);
      return;
    }
    const { lasting } = this;
    const depth = this.#depth;
    eitherWay(
      this.#body,
      (otherwise) => {
        // Nothing gets behind this without having passed it.
        if (lasting) this.#depth = this.#body.depth;
        usual(otherwise);
        this.#depth = depth;
      },
      () => this.#exits.cold(L.COLD_RARE),
    );
  }
}
