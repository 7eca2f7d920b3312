// Turns guest code into records of the interpreter (layout.ts, REC_*), one block at a time.
//
// A block ends at a transfer of control, after MAXIMUM_BLOCK instructions, or at the end of its page: only its last
// instruction may reach into the next page. Before its first record stand two words: the number of instructions and the
// heat (executions left until the block counts as hot).

import { handlerKey } from '../interpreter/handler-key.ts';
import { recordImmediate } from '../interpreter/interpreter-emitter.ts';
import { END_OF_BLOCK } from '../interpreter/module.ts';
import { type Decoder, NeedBytes } from '../isa/decoder.ts';
import type { Instruction } from '../isa/instruction.ts';
import * as L from '../isa/layout.ts';
import { definitionOf } from '../isa/semantics/index.ts';

export const MAXIMUM_BLOCK = 48;
const HEADER_SIZE = 8;
const PAGE_SIZE = 4096;

/** Code bytes of a page, and of the next one once an instruction reaches into it. */
export interface CodeSource {
  /** All bytes of the page the block starts in. */
  page: Uint8Array;
  /** Offset of the block in it. */
  offset: number;
  /** The next page by linear address, or undefined if fetching from it faults (the fault is recorded then). */
  nextPage(): Uint8Array | undefined;
}

/** Decodes instructions of a block in order; stops where the block ends. Undefined: the first instruction's fetch faults. */
export function decodeInstructions(
  decoder: Decoder,
  source: CodeSource,
  mode: number,
  maximum: number,
): { instructions: Instruction[]; size: number; crosses: boolean } | undefined {
  const instructions: Instruction[] = [];
  let position = source.offset;
  let crosses = false;
  while (instructions.length < maximum && position < PAGE_SIZE) {
    let instruction: Instruction;
    try {
      instruction = decoder.decode(source.page, position, mode);
    } catch (error) {
      if (!(error instanceof NeedBytes)) throw error;
      // A block that has begun ends before the instruction that crosses.
      if (instructions.length > 0) break;
      const next = source.nextPage();
      if (!next) return undefined;
      const joined = new Uint8Array(32);
      const head = PAGE_SIZE - position;
      joined.set(source.page.subarray(position));
      joined.set(next.subarray(0, 32 - head), head);
      instruction = decoder.decode(joined, 0, mode);
      crosses = true;
    }
    instructions.push(instruction);
    position += instruction.length;
    if (definitionOf(instruction.mnemonic)!.ends) break;
  }
  return { instructions, size: position - source.offset, crosses };
}

export class RecordArena {
  readonly #view: DataView;
  readonly #base: number;
  readonly #size: number;
  readonly #slots: Map<string, number>;
  readonly #slotOfShape = new Map<number, number>();
  #used = 0;

  constructor(memory: WebAssembly.Memory, base: number, size: number, slots: Map<string, number>) {
    this.#view = new DataView(memory.buffer);
    this.#base = base;
    this.#size = size;
    this.#slots = slots;
  }

  clear(): void {
    this.#used = 0;
  }

  get usedBytes(): number {
    return this.#used;
  }

  /** Room for a block of the longest kind? */
  get full(): boolean {
    return this.#used + HEADER_SIZE + (MAXIMUM_BLOCK + 1) * L.REC_SIZE > this.#size;
  }

  /** Writes the records of a block. `heat`: executions until it counts as hot. Returns the address of the first one. */
  write(instructions: readonly Instruction[], heat: number): number {
    const start = this.#base + this.#used;
    this.#view.setInt32(start, instructions.length, true);
    this.#view.setInt32(start + 4, heat, true);
    const records = start + HEADER_SIZE;
    let at = records;
    let delta = 0;
    for (let i = 0; i < instructions.length; i++) {
      const instruction = instructions[i]!;
      this.#writeRecord(at, instruction, delta, instructions.length - 1 - i);
      at += L.REC_SIZE;
      delta += instruction.length;
    }
    this.#view.setUint32(at + L.REC_HANDLER, this.#slots.get(END_OF_BLOCK)!, true);
    this.#view.setUint16(at + L.REC_DELTA, delta, true);
    at += L.REC_SIZE;
    this.#used = at - this.#base;
    return records;
  }

  #slotOf(instruction: Instruction): number {
    let slot = this.#slotOfShape.get(instruction.shape);
    if (slot === undefined) {
      const key = handlerKey(instruction);
      slot = this.#slots.get(key);
      if (slot === undefined) throw new Error(`the interpreter has no handler '${key}'`);
      this.#slotOfShape.set(instruction.shape, slot);
    }
    return slot;
  }

  #writeRecord(at: number, instruction: Instruction, delta: number, left: number): void {
    const view = this.#view;
    view.setUint32(at + L.REC_HANDLER, this.#slotOf(instruction), true);
    let segment = instruction.segment;
    let index = 0;
    for (const operand of instruction.operands) {
      if (operand.kind === 'register') {
        view.setUint16(at + L.REC_OP0 + index * 2, operand.offset, true);
      } else if (operand.kind === 'memory') {
        view.setUint16(at + L.REC_BASE, operand.base, true);
        view.setUint16(at + L.REC_INDEX, operand.index, true);
        view.setInt32(at + L.REC_DISP, operand.displacement, true);
        view.setUint8(at + L.REC_SCALE, operand.scale);
        view.setUint32(at + L.REC_MASK, operand.addressSize === 2 ? 0xffff : 0xffffffff, true);
        segment = operand.segment;
      } else if (operand.kind === 'immediate' && operand.selector !== undefined) {
        view.setUint16(at + L.REC_OP2, operand.selector, true);
      }
      index++;
    }
    view.setInt32(at + L.REC_IMM, recordImmediate(instruction, delta), true);
    view.setUint8(at + L.REC_SEG, segment);
    view.setUint16(at + L.REC_DELTA, delta, true);
    view.setUint8(at + L.REC_LENGTH, instruction.length);
    view.setUint8(at + L.REC_LEFT, left);
  }
}
