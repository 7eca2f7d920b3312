// The interpreter's records (layout.ts, REC_*) in machine memory, block behind block. Before a block's first record stand
// three words: its size in bytes, the number of its instructions, and its heat, the executions left until it counts as hot.
//
// When the arena is full it is compacted: blocks that ran more than once stay, at another address and with half their
// heat, and of them so many go that at least half of the room is free.

import * as L from '../abi/layout.ts';
import { handlerKey, lockedHandlerKey } from '../interpreter/handler-key.ts';
import { recordImmediate } from '../interpreter/interpreter-emitter.ts';
import { END_OF_BLOCK } from '../interpreter/module.ts';
import type { Instruction } from '../isa/instruction.ts';
import { definitionOf } from '../semantics/index.ts';
import { MAXIMUM_BLOCK } from './block-decoder.ts';

/** Interpreted executions of a block before it is translated. */
export const HOT = 2000;
/** The longest that a block is made to wait for being translated again. HOT times a power of two. */
export const LONGEST_HEAT = 256 * HOT;
/** Heat of a block that is never to be translated. */
export const NEVER = 0x7fffffff;

const HEADER_SIZE = 12;
const SIZE = -12;
const COUNT = -8;
const HEAT = -4;
/** Runs for which a block is kept, at the least. */
const WORTH_KEEPING = 2;

/** Something whose records lie here. */
export interface Recorded {
  /** Machine address of the first record. */
  records: number;
}

export class RecordArena {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #base: number;
  readonly #size: number;
  readonly #slots: Map<string, number>;
  readonly #slotOfShape = new Map<number, number>();
  #used = 0;

  /** `slots`: table slot by handler key. */
  constructor(memory: WebAssembly.Memory, base: number, size: number, slots: Map<string, number>) {
    this.#view = new DataView(memory.buffer);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#base = base;
    this.#size = size;
    this.#slots = slots;
  }

  clear(): void {
    this.#used = 0;
  }

  /** No room for a block of the longest kind? */
  get full(): boolean {
    return this.#used + HEADER_SIZE + (MAXIMUM_BLOCK + 1) * L.REC_SIZE > this.#size;
  }

  /** How often has the block run, at the least? What was before a compaction counts half. */
  runs(records: number): number {
    return limitOf(this.#heat(records)) - this.#heat(records);
  }

  /** The block counts as hot after `heat` more executions. */
  setHeat(records: number, heat: number): void {
    this.#view.setInt32(records + HEAT, heat, true);
  }

  /** Makes room. Of `blocks`, which are all there are, those that are returned stay, their `records` moved. */
  compact<T extends Recorded>(blocks: Iterable<T>): Set<T> {
    let kept = [...blocks].sort((a, b) => a.records - b.records);
    for (let least = WORTH_KEEPING; ; least *= 2) {
      kept = kept.filter(({ records }) => this.runs(records) >= least);
      if (kept.reduce((sum, { records }) => sum + this.#sizeOf(records), 0) <= this.#size / 2) break;
    }
    this.#used = 0;
    for (const block of kept) {
      const start = block.records - HEADER_SIZE;
      const size = this.#sizeOf(block.records);
      this.#bytes.copyWithin(this.#base + this.#used, start, start + size);
      block.records = this.#base + this.#used + HEADER_SIZE;
      this.#used += size;
      this.setHeat(block.records, limitOf(this.#heat(block.records)) - (this.runs(block.records) >> 1));
    }
    return new Set(kept);
  }

  /** Writes the records of a block. `heat`: HOT or NEVER. Returns the address of the first one. */
  write(instructions: readonly Instruction[], heat: number): number {
    const records = this.#base + this.#used + HEADER_SIZE;
    this.#view.setInt32(records + COUNT, instructions.length, true);
    this.setHeat(records, heat);
    let at = records;
    let delta = 0;
    for (let i = 0; i < instructions.length; i++) {
      const instruction = instructions[i]!;
      this.#writeRecord(at, instruction, delta, instructions.length - 1 - i);
      at += L.REC_SIZE;
      delta += instruction.length;
    }
    if (!endsBlock(instructions)) {
      this.#view.setUint32(at + L.REC_HANDLER, this.#slots.get(END_OF_BLOCK)!, true);
      this.#view.setUint16(at + L.REC_DELTA, delta, true);
      at += L.REC_SIZE;
    }
    const size = at - records + HEADER_SIZE;
    this.#view.setUint32(records + SIZE, size, true);
    this.#used += size;
    return records;
  }

  #heat(records: number): number {
    return this.#view.getInt32(records + HEAT, true);
  }

  /** Bytes of a block with its header. */
  #sizeOf(records: number): number {
    return this.#view.getUint32(records + SIZE, true);
  }

  #slotOf(instruction: Instruction): number {
    let slot = this.#slotOfShape.get(instruction.shape);
    if (slot === undefined) {
      const key = handlerKey(instruction);
      slot = (instruction.lock ? this.#slots.get(lockedHandlerKey(instruction)) : undefined) ?? this.#slots.get(key);
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

/** Does the last instruction's handler go back to the dispatcher, rather than on to another record? */
function endsBlock(instructions: readonly Instruction[]): boolean {
  return definitionOf(instructions[instructions.length - 1]!.mnemonic)!.ends;
}

/** The heat a block began with, by its heat now: NEVER, or HOT times a power of two. */
function limitOf(heat: number): number {
  if (heat > LONGEST_HEAT) return NEVER;
  let limit = HOT;
  while (limit < heat) limit *= 2;
  return limit;
}
