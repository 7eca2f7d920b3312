import { describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { END_OF_BLOCK, instructionForms } from '../interpreter/module.ts';
import { Decoder } from '../isa/decoder.ts';
import { HOT, LONGEST_HEAT, NEVER, RecordArena, type Recorded } from './record-arena.ts';

const BASE = 0x1000;
const SIZE = 16 * 1024;
const MODE = L.MODE_CS32 | L.MODE_SS32 | L.MODE_FLAT;
/** Table slots as the interpreter gives them. */
const slots = new Map([...instructionForms().keys(), END_OF_BLOCK].map((key, index) => [key, index + 1]));

const decoder = new Decoder();
/** MOV EAX, value */
const move = (value: number) => decoder.decode(new Uint8Array([0xb8, value, 0, 0, 0]), 0, MODE);
/** RET */
const back = () => decoder.decode(new Uint8Array([0xc3]), 0, MODE);

class Arena {
  readonly #view: DataView;
  readonly arena: RecordArena;

  constructor() {
    const memory = new WebAssembly.Memory({ initial: 1 });
    this.#view = new DataView(memory.buffer);
    this.arena = new RecordArena(memory, BASE, SIZE, slots);
  }

  /** A block of two instructions that has run `runs` times. */
  block(value: number, runs: number, heat = HOT): Recorded & { value: number } {
    const records = this.arena.write([move(value), back()], heat);
    this.arena.setHeat(records, heat - runs);
    return { records, value };
  }

  /** The constant that the block's first instruction moves. */
  valueOf({ records }: Recorded): number {
    return this.#view.getInt32(records + L.REC_IMM, true);
  }

  handler({ records }: Recorded, place: number): number {
    return this.#view.getUint32(records + place * L.REC_SIZE + L.REC_HANDLER, true);
  }
}

describe('RecordArena', () => {
  it('ends a block that no branch ends with a record that does', () => {
    const ends = slots.get(END_OF_BLOCK)!;
    const test = new Arena();
    const open = { records: test.arena.write([move(1)], HOT) };
    expect(test.handler(open, 1)).toBe(ends);
    const closed = { records: test.arena.write([move(1), back()], HOT) };
    const next = { records: test.arena.write([move(2), back()], HOT) };
    expect(next.records - closed.records).toBeLessThan(3 * L.REC_SIZE);
  });

  it('is full while a block of the longest kind would still fit, not later', () => {
    const { arena } = new Arena();
    while (!arena.full) {
      const records = arena.write(
        Array.from({ length: 48 }, () => move(1)),
        HOT,
      );
      expect(records + 49 * L.REC_SIZE).toBeLessThanOrEqual(BASE + SIZE);
    }
  });

  it('keeps what ran more than once, elsewhere, and forgets half of how often', () => {
    const test = new Arena();
    const blocks = [0, 1, 2, 7, 0, 100].map((runs, value) => test.block(value, runs));
    const kept = test.arena.compact(blocks);
    expect([...kept].map(({ value }) => value)).toEqual([2, 3, 5]);
    expect([...kept].map((block) => test.valueOf(block))).toEqual([2, 3, 5]);
    expect([...kept].map(({ records }) => test.arena.runs(records))).toEqual([1, 3, 50]);
    expect(Math.min(...[...kept].map(({ records }) => records))).toBe(blocks[0]!.records);
    const next = test.block(9, 0);
    for (const block of kept) expect(test.valueOf(block)).toBe(block.value);
    expect(test.valueOf(next)).toBe(9);
  });

  it('counts the runs of blocks that are never translated as well, and never makes them hot', () => {
    const test = new Arena();
    const block = test.block(1, 10, NEVER);
    expect(test.arena.runs(block.records)).toBe(10);
    expect([...test.arena.compact([block])]).toEqual([block]);
    expect(test.arena.runs(block.records)).toBe(5);
  });

  it('counts the runs of blocks that have to wait longer, and lets them become hot', () => {
    const test = new Arena();
    const block = test.block(1, 10, LONGEST_HEAT);
    expect(test.arena.runs(block.records)).toBe(10);
    test.arena.compact([block]);
    expect(test.arena.runs(block.records)).toBe(5);
    test.arena.setHeat(block.records, 4 * HOT);
    expect(test.arena.runs(block.records)).toBe(0);
    test.arena.setHeat(block.records, HOT - 3);
    expect(test.arena.runs(block.records)).toBe(3);
  });

  it('frees half of its room, the least run first, however much has run', () => {
    const test = new Arena();
    const blocks: (Recorded & { value: number; runs: number })[] = [];
    for (let value = 0; !test.arena.full; value++) {
      const runs = value % 2 === 0 ? 1000 : 500;
      blocks.push({ ...test.block(value, runs), runs });
    }
    const kept = test.arena.compact(blocks);
    expect(kept.size).toBeGreaterThan(0);
    expect(kept.size).toBeLessThanOrEqual(blocks.length / 2 + 1);
    for (const { runs } of kept) expect(runs).toBe(1000);
  });
});
