// x87 code in both backends, whose common case is inline, against the monitor's general functions one after the other: every bit
// of the registers, tags, status word, flags and memory; FIP and FDP between the backends.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { X87Machine } from '../../../vectors/x87/machine.ts';
import type { Extended } from '../../../vectors/x87/reader.ts';
import * as L from '../abi/layout.ts';
import { BareMachine } from './bare-machine.ts';
import { engineModules } from './engine-modules.ts';
import {
  anyNumber,
  assembleX87,
  OPERAND_COUNT,
  OPERANDS,
  operandAddress,
  sparse,
  type X87Case,
  type X87Instruction,
  x87Case,
} from './random-x87.ts';

const RUNS = process.env.SOAK ? 1200 : 200;
const CODE = 0x1000;
const GUEST_PAGES = 0xa0;
const FIELDS = [L.FPU_CW, L.FPU_SW, L.FPU_TOP, L.FPU_TAG, L.F_R, L.F_A] as const;
/** Reads and writes the operands' page: MOV EAX, [moffs]; MOV [moffs], EAX. */
const TOUCH = [0xa1, 0, 0, 8, 0, 0xa3, 0, 0, 8, 0];
/** Flags before: a result of 1. */
const RESULT_BEFORE = 1;

let oracle: X87Machine;
let interpreting: BareMachine;
/** Leaving rare cases to the interpreter, and doing them itself. */
let translating: BareMachine[];

beforeAll(async () => {
  const { monitor, interpreter } = await engineModules();
  oracle = new X87Machine(monitor);
  interpreting = new BareMachine(monitor, interpreter, { translate: 'never' }, GUEST_PAGES);
  translating = [false, true].map(
    (general) => new BareMachine(monitor, interpreter, { translate: 'always', general }, GUEST_PAGES),
  );
});

interface State {
  fields: string[];
  registers: string[];
  memory: string[];
}

/** Runs as many of the instructions as do not trap. */
function expected({ code, ...before }: X87Case): { state: State; done: X87Instruction[] } {
  oracle.reset();
  before.operands.forEach((bytes, n) => {
    oracle.bytes(operandAddress(n), bytes.length).set(bytes);
  });
  oracle.set32(L.FPU_CW, before.controlWord);
  oracle.set32(L.FPU_TOP, before.top);
  oracle.set32(L.FPU_TAG, before.empty);
  oracle.set32(L.F_KIND, 0);
  oracle.set32(L.F_R, RESULT_BEFORE);
  before.registers.forEach((number, n) => {
    oracle.setRegister(n, number);
  });
  const traps = code.findIndex(
    ({ modrm, row, place }) => oracle.execute(row.opcode, modrm, operandAddress(place), oracle.eflags()) !== undefined,
  );
  const done = traps < 0 ? code : code.slice(0, traps);
  return {
    done,
    state: stateOf(
      (field) => oracle.get32(field),
      (address) => oracle.view.getUint32(address, true),
    ),
  };
}

function stateOf(field: (offset: number) => number, word: (address: number) => number): State {
  const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');
  return {
    fields: FIELDS.map((offset) => hex(field(offset))),
    registers: Array.from({ length: 8 }, (_, n) => {
      const at = L.FPR + n * 16;
      return `${hex(field(at + 8) & 0xffff)}:${hex(field(at + 4))}${hex(field(at))}`;
    }),
    memory: Array.from({ length: OPERAND_COUNT * 4 }, (_, n) => hex(word(OPERANDS + n * 4))),
  };
}

function actual(
  machine: BareMachine,
  before: X87Case,
  code: readonly X87Instruction[],
): State & { pointers: number[] } {
  before.operands.forEach((bytes, n) => {
    machine.poke(operandAddress(n), bytes);
  });
  machine.poke(CODE, [...(before.warm ? TOUCH : []), ...assembleX87(code)]);
  machine.executor.stateReplaced();
  machine.setRegister(L.FPU_CW, before.controlWord);
  machine.setRegister(L.FPU_SW, 0);
  machine.setRegister(L.FPU_TOP, before.top);
  machine.setRegister(L.FPU_TAG, before.empty);
  machine.setRegister(L.FPU_IP, 0);
  machine.setRegister(L.FPU_DP, 0);
  machine.setRegister(L.F_KIND, 0);
  machine.setRegister(L.F_R, RESULT_BEFORE);
  machine.setRegister(L.F_A, 0);
  before.registers.forEach(({ significand, signExponent }, n) => {
    const at = L.FPR + n * 16;
    machine.setRegister(at, Number(significand & 0xffffffffn));
    machine.setRegister(at + 4, Number(significand >> 32n));
    machine.setRegister(at + 8, signExponent);
  });
  machine.run(CODE);
  const state = stateOf(
    (field) => machine.register(field),
    (address) => machine.word(address),
  );
  return { ...state, pointers: [machine.register(L.FPU_IP), machine.register(L.FPU_DP)] };
}

// A loop that runs one operation on each pair of a table: ST(0) = a operation b, then its roundings to double and single.
// An entry: a, b and the result with the status word behind it, the double, the single, the status word after both.
const TABLE = 0x20000;
const ENTRY = 64;
const [SECOND, RESULT, STATUS, DOUBLE, SINGLE, STATUS_AFTER] = [16, 32, 42, 48, 56, 60] as const;
const PAIRS = 4000;

/** The operations as the digit of D8. */
function tableLoop(digit: number): number[] {
  const round = [0xdb, 0x6e, SECOND, 0xdb, 0x2e, 0xdb, 0xe2, 0xd8, 0xc1 | (digit << 3), 0xdd, 0x7e, STATUS];
  round.push(0xdd, 0x56, DOUBLE, 0xd9, 0x56, SINGLE, 0xdd, 0x7e, STATUS_AFTER, 0xdb, 0x7e, RESULT, 0xdd, 0xd8);
  round.push(0x83, 0xc6, ENTRY, 0x49);
  return [...round, 0x75, -(round.length + 2) & 0xff, 0xf4];
}

function pokeNumber(machine: BareMachine, address: number, { significand, signExponent }: Extended): void {
  machine.pokeWord(address, Number(significand & 0xffffffffn));
  machine.pokeWord(address + 4, Number(significand >> 32n));
  machine.pokeWord(address + 8, signExponent);
}

/** What an entry holds behind its operands, as words. */
function expectedEntry(digit: number, a: Extended, b: Extended): number[] {
  oracle.reset();
  oracle.set32(L.FPU_TAG, 0);
  oracle.setRegister(0, a);
  oracle.setRegister(1, b);
  oracle.execute(0xd8, 0xc1 | (digit << 3));
  const status = oracle.statusWord();
  oracle.execute(0xdd, 0x10, OPERANDS + DOUBLE);
  oracle.execute(0xd9, 0x10, OPERANDS + SINGLE);
  // TOP is 6 in the loop
  oracle.view.setUint16(OPERANDS + STATUS, status | 0x3000, true);
  oracle.view.setUint32(OPERANDS + STATUS_AFTER, oracle.statusWord() | 0x3000, true);
  const { significand, signExponent } = oracle.register(0);
  oracle.view.setBigUint64(OPERANDS + RESULT, significand, true);
  oracle.view.setUint16(OPERANDS + RESULT + 8, signExponent, true);
  return entryWords((at) => oracle.view.getUint32(OPERANDS + at, true));
}

function entryWords(word: (at: number) => number): number[] {
  return Array.from({ length: (ENTRY - RESULT) / 4 }, (_, n) => word(RESULT + 4 * n));
}

function runTable(machine: BareMachine, digit: number, pairs: readonly (readonly [Extended, Extended])[]): number[][] {
  pairs.forEach(([a, b], n) => {
    machine.poke(TABLE + n * ENTRY, new Uint8Array(ENTRY));
    pokeNumber(machine, TABLE + n * ENTRY, a);
    pokeNumber(machine, TABLE + n * ENTRY + SECOND, b);
  });
  machine.poke(CODE, tableLoop(digit));
  machine.executor.stateReplaced();
  machine.setRegister(L.FPU_CW, 0x37f);
  machine.setRegister(L.FPU_SW, 0);
  machine.setRegister(L.FPU_TOP, 0);
  machine.setRegister(L.FPU_TAG, 0xff);
  machine.setRegister(L.RCX, pairs.length);
  machine.setRegister(L.RSI, TABLE);
  machine.run(CODE);
  return pairs.map((_, n) => entryWords((at) => machine.word(TABLE + n * ENTRY + at)));
}

describe('x87 code', () => {
  it.each([
    ['FLDENV', 0xd9],
    ['FRSTOR', 0xdd],
  ])('takes the pointers from the image of %s', (_, opcode) => {
    const image = Uint32Array.from({ length: 27 }, (_, n) => [0xffff037f, 0xffff0000, 0xffffffff][n] ?? 0x1000 + n);
    for (const machine of [interpreting, ...translating]) {
      machine.poke(OPERANDS, new Uint8Array(image.buffer));
      // FNINIT; FLDZ, whose own pointers are forgotten; FLDENV or FRSTOR [OPERANDS]
      machine.poke(CODE, [0xdb, 0xe3, 0xd9, 0xee, opcode, 0x25, 0, 0, 8, 0, 0xf4]);
      machine.executor.stateReplaced();
      machine.run(CODE);
      expect([machine.register(L.FPU_IP), machine.register(L.FPU_DP)]).toEqual([0x1003, 0x1005]);
    }
  });

  it.each([
    ['adds', 0],
    ['multiplies', 1],
    ['subtracts', 4],
    ['divides', 6],
  ])('%s and rounds as the monitor does', (_, digit) => {
    const operand = fc.oneof(sparse, sparse, anyNumber);
    const pairs = fc.sample(fc.tuple(operand, operand), PAIRS);
    const results = pairs.map(([a, b]) => expectedEntry(digit, a, b));
    for (const machine of [interpreting, ...translating])
      runTable(machine, digit, pairs).forEach((words, n) => {
        expect([pairs[n], words]).toEqual([pairs[n], results[n]]);
      });
  });

  it('does in both backends what the monitor does', () => {
    fc.assert(
      fc.property(x87Case, (before) => {
        const { state, done } = expected(before);
        const interpreted = actual(interpreting, before, done);
        expect(interpreted).toEqual({ ...state, pointers: interpreted.pointers });
        for (const machine of translating) expect(actual(machine, before, done)).toEqual(interpreted);
      }),
      { numRuns: RUNS },
    );
  });
});
