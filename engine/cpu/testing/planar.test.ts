// Programs that draw in planar memory, interpreted and translated: the planes are as the model has them (monitor/testing/planar-model.ts), in
// whatever way the code runs, and code that is hot draws without leaving its region.

import { beforeAll, describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import type { ExecutorTuning } from '../executor/executor.ts';
import { PlanarModel, type PlanarRegisters } from '../monitor/testing/planar-model.ts';
import { BareMachine } from './bare-machine.ts';
import { engineModules } from './engine-modules.ts';
import { le32 } from './machine-code.ts';

const PAGES = 96;
const CODE = 0x1000;
const WINDOW = 0xa0000;
const WINDOW_PAGES = 4;
/** Page of memory behind RAM. */
const MEMORY_PAGE = 64;
const POSITIONS = 8 * 1024;
/** The same memory, as it is. */
const LINEAR = 0x80000;
const SEQUENCER = 0x3c4;
const GRAPHICS = 0x3ce;

const PLAIN: PlanarRegisters = {
  ...{ mapMask: 15, memoryMode: 6, setReset: 0, enable: 0, compare: 0 },
  ...{ rotate: 0, readMap: 0, mode: 0, dontCare: 15, bitMask: 0xff },
};

const WAYS: [string, ExecutorTuning][] = [
  ['interpreted', { translate: 'never' }],
  ['hot', { translate: 'hot' }],
  ['translated', { translate: 'always' }],
  ['translated with calls in place', { translate: 'always', general: true }],
];

let modules: Awaited<ReturnType<typeof engineModules>>;
beforeAll(async () => {
  modules = await engineModules();
});

const movEax = (value: number): number[] => [0xb8, ...le32(value)];
const movEcx = (value: number): number[] => [0xb9, ...le32(value)];
const movEdi = (value: number): number[] => [0xbf, ...le32(value)];
const movEsi = (value: number): number[] => [0xbe, ...le32(value)];
/** MOV EDX, port; MOV EAX, value; OUT DX, AX. */
const outWord = (port: number, value: number): number[] => [0xba, ...le32(port), ...movEax(value), 0x66, 0xef];
const REP_STOSD = [0xf3, 0xab];
const REP_MOVSB = [0xf3, 0xa4];
const HLT = [0xf4];

/** Runs `body` with ECX counting down from `times`, and EDI up from `WINDOW`. */
const loop = (times: number, body: number[]): number[] => [
  ...movEdi(WINDOW),
  ...movEcx(times),
  ...[...body, 0x47, 0x49],
  ...[0x0f, 0x85, ...le32(-(body.length + 2 + 6))],
];

function machine(tuning: ExecutorTuning): BareMachine {
  const m = new BareMachine(modules.monitor, modules.interpreter, tuning, PAGES);
  m.setMemoryMap([
    { first: 0, pages: MEMORY_PAGE, reads: 0, writes: 0 },
    { first: WINDOW >>> 12, pages: WINDOW_PAGES, reads: 'planar', writes: 'planar' },
    { first: LINEAR >>> 12, pages: POSITIONS / 1024, reads: MEMORY_PAGE, writes: MEMORY_PAGE },
  ]);
  m.setRegister(L.PLANAR_WINDOW, WINDOW >>> 12);
  m.setRegister(L.PLANAR_PAGE, MEMORY_PAGE);
  m.setRegister(L.PLANAR_MASK, POSITIONS - 1);
  for (const [file, port, count, values] of [
    [L.PLANAR_SEQUENCER, SEQUENCER, 5, [0, 0, 15, 0, 6]],
    [L.PLANAR_GRAPHICS, GRAPHICS, 9, [0, 0, 0, 0, 0, 0, 0, 15, 0xff]],
  ] as const) {
    m.setRegister(file + L.REGISTERS_PORT, port);
    m.setRegister(file + L.REGISTERS_COUNT, count);
    m.setRegister(file + L.REGISTERS_INDEX_BITS, 0x0f);
    for (let word = 0; word < 12; word += 4) {
      const bytes: number[] = [0, 1, 2, 3].map((n) => values[word + n] ?? 0);
      m.setRegister(
        file + L.REGISTERS_VALUES + word,
        bytes.reduce((sum, byte, n) => sum + byte * 2 ** (8 * n), 0),
      );
      m.setRegister(file + L.REGISTERS_BITS + word, 0xffffffff);
    }
  }
  return m;
}

function run(m: BareMachine, code: number[]): void {
  m.poke(CODE, code);
  m.run(CODE);
}

function planes(m: BareMachine): Uint8Array[] {
  const bytes = m.bytes(MEMORY_PAGE * 4096, POSITIONS * 4);
  return [0, 1, 2, 3].map((plane) => bytes.filter((_, n) => (n & 3) === plane));
}

describe.each(WAYS)('%s', (_, tuning) => {
  it('draws in every write mode, through the latches', () => {
    const m = machine(tuning);
    let registers = PLAIN;
    const model = new PlanarModel(POSITIONS, () => registers);
    const count = 3000;
    // MOV [EDI], CL, then for each write mode: MOV AL, [EDI] - XCHG [EDI], CL or OR [EDI], CL.
    const modes = [0, 1, 2, 3];
    run(m, [
      ...loop(count, [0x88, 0x0f]),
      ...modes.flatMap((mode) => [
        ...outWord(GRAPHICS, 0x3c08),
        ...outWord(GRAPHICS, 0x0a00),
        ...outWord(GRAPHICS, 0x0601),
        ...outWord(GRAPHICS, 0x1303),
        ...outWord(GRAPHICS, (mode << 8) | 5),
        ...outWord(SEQUENCER, 0x0b02),
        ...loop(count, [0x8a, 0x07, 0x88, 0x4f, mode]),
        ...loop(100, [0x08, 0x0f]),
      ]),
      ...HLT,
    ]);
    for (let n = 0; n < count; n++) model.write(n, (count - n) & 0xff);
    for (const mode of modes) {
      registers = { ...PLAIN, bitMask: 0x3c, setReset: 10, enable: 6, rotate: 0x13, mode, mapMask: 11 };
      for (let n = 0; n < count; n++) {
        model.read(n);
        model.write(n + mode, (count - n) & 0xff);
      }
      for (let n = 0; n < 100; n++) model.write(n, model.read(n) | (100 - n));
    }
    expect(planes(m)).toEqual(model.planes);
  });

  it('fills and scrolls by string instructions, across pages of the window', () => {
    const m = machine(tuning);
    let registers = PLAIN;
    const model = new PlanarModel(POSITIONS, () => registers);
    run(m, [
      ...[...movEdi(WINDOW + 0xf03), ...movEax(0x12345678), ...movEcx(0x300), ...REP_STOSD],
      ...outWord(GRAPHICS, 0x0105),
      ...[...movEsi(WINDOW + 0xf00), ...movEdi(WINDOW + 0x40), ...movEcx(0x900), ...REP_MOVSB],
      ...HLT,
    ]);
    for (let n = 0; n < 0xc00; n++) model.write(0xf03 + n, [0x78, 0x56, 0x34, 0x12][n & 3]!);
    registers = { ...PLAIN, mode: 1 };
    for (let n = 0; n < 0x900; n++) model.write(0x40 + n, model.read(0xf00 + n));
    expect(planes(m)).toEqual(model.planes);
  });

  it('runs code that was drawn over, where the memory is seen as it is', () => {
    const m = machine(tuning);
    // In the linear window: MOV EAX, value; RET. Planar writes change the value between two calls.
    const target = LINEAR + 0x100;
    m.poke(MEMORY_PAGE * 4096 + 0x100, [0xb8, ...le32(0), 0xc3]);
    const call = (at: number): number[] => [0xe8, ...le32(target - (at + 5))];
    // Bytes of a position are planes: the immediate's lowest byte is byte 1 of position 40h, so of plane 1.
    const start = [0xbc, ...le32(0x9000), ...outWord(SEQUENCER, 0x0202), ...movEcx(30), ...movEbx0];
    const top = CODE + start.length;
    const body = [0x88, 0x0d, ...le32(WINDOW + 0x40)];
    const called = [...body, ...call(top + body.length), 0x01, 0xc3, 0x49];
    run(m, [...start, ...called, 0x0f, 0x85, ...le32(-(called.length + 6)), ...HLT]);
    let sum = 0;
    for (let n = 30; n > 0; n--) sum += n & 0xff;
    expect(m.register(L.RBX)).toBe(sum);
  });
});

const movEbx0 = [0xbb, ...le32(0)];

it('hot code stays in its region, port writes included', () => {
  const m = machine({ translate: 'hot' });
  m.slice = 10_000_000;
  // MOV EAX, 8008h; OUT DX, AX; MOV AL, [EDI]; MOV [EDI], CL; AND EDI, to stay in the window.
  const pixel = [...movEax(0x8008), 0x66, 0xef, 0x8a, 0x07, 0x88, 0x0f, 0x81, 0xe7, ...le32(WINDOW | 0x0fff)];
  const draw = (times: number): number[] => [0xba, ...le32(GRAPHICS), ...loop(times, pixel), ...HLT];
  run(m, draw(100_000));
  const before = m.counter(L.N_COLD_EXITS);
  run(m, draw(100_000));
  expect(m.counter(L.N_COLD_EXITS) - before).toBeLessThan(1000);
});
