// Code that changes code: what runs is always what was written last, in whatever way and however hot the old code was.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { BareMachine } from './bare-machine.ts';
import { engineModules } from './engine-modules.ts';
import { le32 } from './machine-code.ts';

/** Enough executions for 'hot' to translate. */
const MANY = 3000;
const MAIN = 0x1000;
const FUNCTION = 0x3000;
const OTHER = 0x5000;
const STACK = 0x9000;

let monitor: WebAssembly.Module;
let interpreter: WebAssembly.Module;

beforeAll(async () => {
  ({ monitor, interpreter } = await engineModules());
});

const HLT = [0xf4];
const RET = [0xc3];
const DEC_ECX = [0x49];
const movEax = (value: number): number[] => [0xb8, ...le32(value)];
const movEcx = (value: number): number[] => [0xb9, ...le32(value)];
const addEax = (value: number): number[] => [0x05, ...le32(value)];
const storeByte = (address: number, value: number): number[] => [0xc6, 0x05, ...le32(address), value];
const storeWord = (address: number, value: number): number[] => [
  0x66,
  0xc7,
  0x05,
  ...le32(address),
  value & 0xff,
  value >>> 8,
];
const storeDword = (address: number, value: number): number[] => [0xc7, 0x05, ...le32(address), ...le32(value)];
const incDword = (address: number): number[] => [0xff, 0x05, ...le32(address)];
const call = (at: number, target: number): number[] => [0xe8, ...le32(target - (at + 5))];
const jump = (at: number, target: number): number[] => [0xe9, ...le32(target - (at + 5))];
const jumpIfNotZero = (at: number, target: number): number[] => [0x0f, 0x85, ...le32(target - (at + 6))];
const invlpg = (address: number): number[] => [0x0f, 0x01, 0x3d, ...le32(address)];

/** Lays instructions out from `start` on; those that need to know their own address are functions of it. */
function assemble(start: number, ...parts: (number[] | ((at: number) => number[]))[]): number[] {
  const code: number[] = [];
  for (const part of parts) code.push(...(typeof part === 'function' ? part(start + code.length) : part));
  return code;
}

/** Calls `target` so many times. */
function callOften(target: number, times: number): (at: number) => number[] {
  return (at) => {
    const loop = at + 5;
    return assemble(
      at,
      movEcx(times),
      (here) => call(here, target),
      DEC_ECX,
      (here) => jumpIfNotZero(here, loop),
    );
  };
}

describe.each(['never', 'always', 'hot'] as const)('translating: %s', (translate) => {
  /** Of code that changes in every round: 'always' translates it as often. */
  const rounds = translate === 'always' ? MANY / 10 : MANY;

  function machine(): BareMachine {
    const made = new BareMachine(monitor, interpreter, { translate });
    made.setRegister(L.RAX, 0);
    made.setRegister(L.RSP, STACK);
    return made;
  }

  function resultOf(code: number[], made = machine()): number {
    made.poke(MAIN, code);
    made.run(MAIN);
    return made.register(L.RAX);
  }

  it('the next instruction', () => {
    const code = assemble(MAIN, (at) => storeByte(at + 7 + 1, 42), movEax(1), HLT);
    expect(resultOf(code)).toBe(42);
  });

  it('an instruction of the same loop, in every round', () => {
    const loop = MAIN + 5;
    const immediate = loop + 6 + 1;
    const code = assemble(
      MAIN,
      movEcx(rounds),
      incDword(immediate),
      addEax(0),
      DEC_ECX,
      (at) => jumpIfNotZero(at, loop),
      HLT,
    );
    expect(resultOf(code)).toBe((rounds * (rounds + 1)) / 2);
  });

  it('an earlier instruction of its own block', () => {
    const loop = MAIN + 5;
    const code = assemble(
      MAIN,
      movEcx(rounds),
      addEax(1),
      storeDword(loop + 1, 3),
      DEC_ECX,
      (at) => jumpIfNotZero(at, loop),
      HLT,
    );
    expect(resultOf(code)).toBe(1 + 3 * (rounds - 1));
  });

  it('a function in another page that has become hot', () => {
    const made = machine();
    made.poke(FUNCTION, [...addEax(1), ...RET]);
    const code = assemble(MAIN, callOften(FUNCTION, MANY), storeDword(FUNCTION + 1, 2), callOften(FUNCTION, MANY), HLT);
    expect(resultOf(code, made)).toBe(3 * MANY);
  });

  it('a function whose page it shares with data that changes all the time', () => {
    const made = machine();
    const data = FUNCTION + 0x800;
    made.poke(FUNCTION, [...addEax(1), ...incDword(data), ...RET]);
    const code = assemble(MAIN, callOften(FUNCTION, MANY), storeDword(FUNCTION + 1, 2), callOften(FUNCTION, MANY), HLT);
    expect(resultOf(code, made)).toBe(3 * MANY);
    expect(made.word(data)).toBe(2 * MANY);
  });

  it('a jump: where it goes', () => {
    const made = machine();
    made.poke(
      FUNCTION,
      assemble(FUNCTION, (at) => jump(at, FUNCTION + 0x100)),
    );
    made.poke(FUNCTION + 0x100, [...addEax(1), ...RET]);
    made.poke(FUNCTION + 0x200, [...addEax(5), ...RET]);
    const code = assemble(
      MAIN,
      callOften(FUNCTION, MANY),
      storeDword(FUNCTION + 1, 0x1fb),
      callOften(FUNCTION, MANY),
      HLT,
    );
    expect(resultOf(code, made)).toBe(6 * MANY);
  });

  it('an instruction across two pages, by a write to the second one', () => {
    const made = machine();
    const across = OTHER - 3;
    made.poke(across, [...addEax(1), ...RET]);
    const code = assemble(MAIN, callOften(across, MANY), storeByte(OTHER, 1), callOften(across, 1), HLT);
    expect(resultOf(code, made)).toBe(MANY + 0x10001);
  });

  it('code that the code it jumps to writes, round after round', () => {
    const made = machine();
    const loop = MAIN + 5;
    const immediate = loop + 1;
    made.poke(
      OTHER,
      assemble(OTHER, incDword(immediate), (at) => jump(at, loop + 10)),
    );
    const code = assemble(
      MAIN,
      movEcx(rounds),
      addEax(1),
      (at) => jump(at, OTHER),
      DEC_ECX,
      (at) => jumpIfNotZero(at, loop),
      HLT,
    );
    expect(resultOf(code, made)).toBe((rounds * (rounds + 1)) / 2);
  });

  it('by REP MOVSB and REP STOSD, over a page border', () => {
    const made = machine();
    const across = OTHER - 3;
    made.poke(0x7000, [...addEax(7), ...RET]);
    made.poke(across, [...addEax(1), ...RET]);
    made.poke(OTHER + 0x10, new Uint8Array(16).fill(0x40)); // INC EAX
    made.poke(OTHER + 0x20, RET);
    const repMovsb = [0xbe, ...le32(0x7000), 0xbf, ...le32(across), ...movEcx(6), 0xf3, 0xa4];
    const repStosd = [0x50, 0xbf, ...le32(OTHER + 0x10), ...movEcx(4), ...movEax(0x90909090), 0xf3, 0xab, 0x58];
    const both = (at: number): number[] => assemble(at, callOften(across, MANY), callOften(OTHER + 0x10, MANY));
    const code = assemble(MAIN, both, repMovsb, repStosd, both, HLT);
    expect(resultOf(code, made)).toBe((1 + 16 + 7) * MANY);
  });

  it('by PUSH, XCHG and a locked instruction', () => {
    const made = machine();
    made.poke(FUNCTION, [...addEax(1), ...RET]);
    const often = callOften(FUNCTION, MANY);
    const push = [0xbc, ...le32(FUNCTION + 5), 0x68, ...le32(2), 0xbc, ...le32(STACK)];
    const exchange = [0xba, ...le32(3), 0x87, 0x15, ...le32(FUNCTION + 1)];
    const locked = [0xf0, 0x83, 0x05, ...le32(FUNCTION + 1), 4];
    const code = assemble(MAIN, often, push, often, exchange, often, locked, often, HLT);
    expect(resultOf(code, made)).toBe((1 + 2 + 3 + 7) * MANY);
  });

  it('by a device', () => {
    const made = machine();
    const buffer = { start: FUNCTION, size: 3 * 4096 };
    const second = FUNCTION + 0x1000;
    const third = FUNCTION + 0x2000;
    for (const page of [FUNCTION, second, third]) made.poke(page, [...addEax(1), ...RET]);
    const callAll = assemble(MAIN, callOften(FUNCTION, 2), callOften(second, 2), callOften(third, 2), HLT);
    expect(resultOf(callAll, made)).toBe(6);
    // Again and again, as a disk buffer is: no number of writes makes a later one go unseen.
    const code = assemble(MAIN, callOften(second, 2), callOften(third, 2), HLT);
    made.executor.invalidateCode(MAIN, code.length);
    for (let round = 2; round < 100; round++) {
      made.pokeWord(second + 1, round);
      made.pokeWord(third + 1, round);
      made.executor.invalidateCode(buffer.start, buffer.size);
      made.setRegister(L.RAX, 0);
      expect(resultOf(code, made)).toBe(4 * round);
    }
  });

  it('any of many functions, by stores of any size, in any order', () => {
    const place = fc.constantFrom(0x3000, 0x3006, 0x3ffb, 0x4001, 0x4ffd, 0x5100);
    const step = fc.oneof(
      fc.record({ kind: fc.constant('call' as const), at: place, value: fc.constantFrom(1, 2, 1200) }),
      fc.record({
        kind: fc.constantFrom('byte' as const, 'word' as const, 'dword' as const),
        at: place,
        value: fc.nat(0xff),
      }),
    );
    const store = { byte: storeByte, word: storeWord, dword: storeDword };
    const made = machine();
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        made.executor.stateReplaced();
        made.setRegister(L.RAX, 0);
        const values = new Map<number, number>();
        for (const at of [0x3000, 0x3006, 0x3ffb, 0x4001, 0x4ffd, 0x5100]) {
          made.poke(at, [...addEax(1), ...RET]);
          values.set(at, 1);
        }
        let expected = 0;
        const parts = steps.map(({ kind, at, value }) => {
          if (kind === 'call') {
            expected = (expected + values.get(at)! * value) >>> 0;
            return callOften(at, value);
          }
          const written = kind === 'byte' ? value : value * 0x101;
          const kept = kind === 'byte' ? ~0xff : kind === 'word' ? ~0xffff : 0;
          values.set(at, (values.get(at)! & kept) | written);
          return store[kind](at + 1, written);
        });
        expect(resultOf(assemble(MAIN, ...parts, HLT), made)).toBe(expected);
      }),
      { numRuns: 40 },
    );
  });

  describe('with paging', () => {
    const DIRECTORY = 0x20000;
    const TABLE = 0x21000;
    const OTHER_DIRECTORY = 0x22000;
    const OTHER_TABLE = 0x23000;
    // Far from the code that calls it.
    const WINDOW = 0x330000;
    const PRESENT_WRITABLE = 3;
    const entryOf = (table: number, linear: number): number => table + (linear >>> 12) * 4;
    const remap = (linear: number, physical: number): number[] => [
      ...storeDword(entryOf(TABLE, linear), physical | PRESENT_WRITABLE),
      ...invlpg(linear),
    ];

    /** Linear is physical, but for WINDOW, which shows FUNCTION's page; in the other directory OTHER's. */
    function pagedMachine(): BareMachine {
      const made = machine();
      for (const [directory, table, shown] of [
        [DIRECTORY, TABLE, FUNCTION],
        [OTHER_DIRECTORY, OTHER_TABLE, OTHER],
      ] as const) {
        made.pokeWord(directory, table | PRESENT_WRITABLE);
        for (let page = 0; page < 64 * 4096; page += 4096) made.pokeWord(entryOf(table, page), page | PRESENT_WRITABLE);
        made.pokeWord(entryOf(table, WINDOW), shown | PRESENT_WRITABLE);
      }
      made.poke(FUNCTION, [...addEax(1), ...RET]);
      made.poke(OTHER, [...addEax(100), ...RET]);
      made.enablePaging(DIRECTORY);
      return made;
    }

    it('through another mapping of the page', () => {
      const code = assemble(MAIN, callOften(WINDOW, MANY), storeDword(FUNCTION + 1, 2), callOften(WINDOW, MANY), HLT);
      expect(resultOf(code, pagedMachine())).toBe(3 * MANY);
    });

    it('by mapping another page there, and back', () => {
      const often = callOften(WINDOW, MANY);
      const code = assemble(MAIN, often, remap(WINDOW, OTHER), often, remap(WINDOW, FUNCTION), often, HLT);
      expect(resultOf(code, pagedMachine())).toBe(102 * MANY);
    });

    it('by loading CR3', () => {
      const often = callOften(WINDOW, MANY);
      const loadCr3 = (directory: number): number[] => [0xba, ...le32(directory), 0x0f, 0x22, 0xda];
      const code = assemble(MAIN, often, loadCr3(OTHER_DIRECTORY), often, loadCr3(DIRECTORY), often, HLT);
      expect(resultOf(code, pagedMachine())).toBe(102 * MANY);
    });

    it('under itself: the instruction behind INVLPG comes from the new page', () => {
      const made = pagedMachine();
      const body = (value: number): number[] => assemble(WINDOW, remap(WINDOW, OTHER), addEax(value), RET);
      made.poke(FUNCTION, body(1));
      made.poke(OTHER, body(100));
      expect(resultOf(assemble(MAIN, callOften(WINDOW, MANY), HLT), made)).toBe(100 * MANY);
    });

    it('of an instruction across two pages, by mapping another second page', () => {
      const made = pagedMachine();
      const across = WINDOW + 0x1000 - 3;
      const second = 0x7000;
      const third = 0x8000;
      made.poke(FUNCTION + 0x1000 - 3, addEax(1).slice(0, 3));
      made.poke(second, [...le32(1).slice(2), ...RET]);
      made.poke(third, [0x02, 0x00, ...RET]);
      const code = assemble(
        MAIN,
        remap(WINDOW + 0x1000, second),
        callOften(across, MANY),
        remap(WINDOW + 0x1000, third),
        callOften(across, 1),
        HLT,
      );
      expect(resultOf(code, made)).toBe(MANY + 0x20001);
    });
  });
});

it('translates only when asked to, or when code is hot: what the tests above compare is not one backend with itself', () => {
  const translated = (translate: 'never' | 'always' | 'hot', times: number): boolean => {
    const made = new BareMachine(monitor, interpreter, { translate });
    made.setRegister(L.RSP, STACK);
    made.poke(FUNCTION, [...addEax(1), ...RET]);
    made.poke(MAIN, assemble(MAIN, callOften(FUNCTION, times), HLT));
    made.run(MAIN);
    return made.counter(L.N_TRANSLATED) > 0;
  };
  expect(translated('never', MANY)).toBe(false);
  expect(translated('always', 1)).toBe(true);
  expect(translated('hot', 10)).toBe(false);
  expect(translated('hot', MANY)).toBe(true);
});
