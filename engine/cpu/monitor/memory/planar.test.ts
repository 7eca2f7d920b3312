// Planar memory against a model of it (testing/planar-model.ts), with registers and accesses at random; and what it shares with memory
// of other kinds: paging, dirty log, decoded code.

import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import * as L from '../../abi/layout.ts';
import { TestMachine } from '../testing/machine.ts';
import { identityMap, PAGE_TABLE } from '../testing/paging.ts';
import { PlanarModel, type PlanarRegisters } from '../testing/planar-model.ts';
import { DATA } from '../testing/protected-mode.ts';

const WINDOW = 0xa0000;
const WINDOW_PAGES = 16;
const MEMORY_PAGE = 0x200;
const MEMORY_PAGES = 64;
const POSITIONS = MEMORY_PAGES * 1024;
const DF = 0x400;
const REP = 1;
const SEQUENCER = ['mapMask', 'memoryMode'] as const;
const GRAPHICS = [
  'setReset',
  'enable',
  'compare',
  'rotate',
  'readMap',
  'mode',
  undefined,
  'dontCare',
  'bitMask',
] as const;
const PLAIN: PlanarRegisters = {
  ...{ mapMask: 15, memoryMode: 6, setReset: 0, enable: 0, compare: 0 },
  ...{ rotate: 0, readMap: 0, mode: 0, dontCare: 15, bitMask: 0xff },
};
/** Where the same memory is seen as it is. */
const LINEAR = 0x300000;
const RAM = 0x20000;
const RAM_BYTES = 0x2000;

let m: TestMachine;
let model: PlanarModel;
let registers: PlanarRegisters;

beforeEach(async () => {
  m = await TestMachine.create();
  m.mapMemory([
    { first: 0, pages: 0xa0, reads: 0, writes: 0 },
    { first: WINDOW >>> 12, pages: WINDOW_PAGES, reads: 'planar', writes: 'planar' },
    { first: LINEAR >>> 12, pages: MEMORY_PAGES, reads: MEMORY_PAGE, writes: MEMORY_PAGE },
  ]);
  m.set32(L.PLANAR_WINDOW, WINDOW >>> 12);
  m.set32(L.PLANAR_PAGE, MEMORY_PAGE);
  m.set32(L.PLANAR_MASK, POSITIONS - 1);
  for (let segment = L.SEG_ES; segment <= L.SEG_GS; segment++) {
    m.set64(L.SEG + segment * L.SEG_SIZE + L.SEG_READ_BOUND, 0xffffffffn);
    m.set64(L.SEG + segment * L.SEG_SIZE + L.SEG_WRITE_BOUND, 0xffffffffn);
  }
  model = new PlanarModel(POSITIONS, () => registers);
  setRegisters(PLAIN);
});

function setRegisters(values: PlanarRegisters): void {
  registers = values;
  const put = (file: number, index: number, value: number) => m.setByte(file + L.REGISTERS_VALUES + index, value);
  put(L.PLANAR_SEQUENCER, 2, values[SEQUENCER[0]]);
  put(L.PLANAR_SEQUENCER, 4, values[SEQUENCER[1]]);
  for (const [index, name] of GRAPHICS.entries()) if (name) put(L.PLANAR_GRAPHICS, index, values[name]);
}

/** Both memories hold the same bytes at random. */
function scribble(seed: number): void {
  for (let position = 0; position < POSITIONS; position++)
    for (let plane = 0; plane < 4; plane++) {
      const value = Math.imul(position * 4 + plane + seed, 0x9e3779b1) >>> 24;
      model.planes[plane]![position] = value;
    }
  for (let page = 0; page < MEMORY_PAGES; page++) {
    const machine = m.machinePage(MEMORY_PAGE + page);
    for (let n = 0; n < 4096; n++) m.bytes[machine + n] = model.planes[n & 3]![page * 1024 + (n >> 2)]!;
  }
}

/** The first byte at which the memory is not as the model; undefined if there is none. */
function difference(): string | undefined {
  for (let page = 0; page < MEMORY_PAGES; page++) {
    const machine = m.machinePage(MEMORY_PAGE + page);
    for (let n = 0; n < 4096; n++) {
      const expected = model.planes[n & 3]![page * 1024 + (n >> 2)];
      if (m.bytes[machine + n] !== expected)
        return `plane ${n & 3} at ${page * 1024 + (n >> 2)} is ${m.bytes[machine + n]}, not ${expected}`;
    }
  }
  return undefined;
}

const latches = () => [0, 8, 16, 24].map((shift) => (m.get32(L.PLANAR_LATCHES) >>> shift) & 0xff);

const byte = fc.nat(0xff);
const nibble = fc.nat(0x0f);
const someRegisters: fc.Arbitrary<PlanarRegisters> = fc.record({
  mapMask: fc.oneof(fc.constant(15), nibble),
  memoryMode: fc.constantFrom(6, 6, 2, 14, 10),
  setReset: nibble,
  enable: fc.oneof(fc.constant(0), nibble),
  compare: nibble,
  rotate: fc.oneof(fc.constant(0), fc.nat(0x1f)),
  readMap: fc.nat(3),
  mode: fc.tuple(fc.nat(3), fc.constantFrom(0, 8, 0x10, 0x18)).map(([write, more]) => write | more),
  dontCare: nibble,
  bitMask: fc.oneof(fc.constant(0xff), byte),
});
const offset = fc.nat(WINDOW_PAGES * 4096 - 9);
const size = fc.constantFrom(1, 2, 4);

type Step =
  | { do: 'registers'; registers: PlanarRegisters; bank: number }
  | { do: 'read' | 'write'; offset: number; size: 1 | 2 | 4 | 8; value: bigint }
  | { do: 'stos'; offset: number; size: number; count: number; value: number; backward: boolean }
  | { do: 'movs'; from: number; to: number; size: number; count: number; kind: string; backward: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('registers' as const), registers: someRegisters, bank: fc.constantFrom(0, 0x10000) }),
  fc.record({
    do: fc.constantFrom('read' as const, 'write' as const),
    offset,
    size: fc.constantFrom(1 as const, 2 as const, 4 as const, 8 as const),
    value: fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }),
  }),
  fc.record({
    ...{ do: fc.constant('stos' as const), offset, size, count: fc.nat(3000) },
    value: fc.oneof(fc.constant(0x5a5a5a5a), fc.nat(0xffffffff)),
    backward: fc.boolean(),
  }),
  fc.record({
    ...{ do: fc.constant('movs' as const), from: offset, to: offset, size, count: fc.nat(3000) },
    kind: fc.constantFrom('in', 'out', 'within'),
    backward: fc.boolean(),
  }),
);

/** As many elements as lie between an address and the end of its range. */
function within(at: number, end: number, size: number, count: number, backward: boolean): number {
  return Math.max(0, Math.min(count, Math.floor(backward ? at / size : (end - at) / size)));
}

const get = (at: number): number => (at >= WINDOW ? model.read(at - WINDOW) : m.peek8(at));

function put(at: number, value: number): void {
  if (at >= WINDOW) model.write(at - WINDOW, value);
  else ram[at - RAM] = value;
}

/** What memory beside the planes is expected to be. */
let ram: Uint8Array;

function apply(step: Step): void {
  if (step.do === 'registers') {
    setRegisters(step.registers);
    model.bank = step.bank;
    m.set32(L.PLANAR_BANK, step.bank);
  } else if (step.do === 'read') {
    let expected = 0n;
    for (let i = 0; i < step.size; i++) expected |= BigInt(model.read(step.offset + i)) << BigInt(8 * i);
    const value = m.monitor[`mem_read${8 * step.size}`](WINDOW + step.offset);
    expect(BigInt.asUintN(64, typeof value === 'bigint' ? value : BigInt(value >>> 0))).toBe(expected);
  } else if (step.do === 'write') {
    const value = BigInt.asUintN(8 * step.size, step.value);
    for (let i = 0; i < step.size; i++) model.write(step.offset + i, Number((value >> BigInt(8 * i)) & 0xffn));
    m.monitor[`mem_write${8 * step.size}`](WINDOW + step.offset, step.size === 8 ? value : Number(value));
  } else if (step.do === 'stos') {
    stos(step);
  } else if (step.do === 'movs') {
    movs(step);
  }
}

function string(name: string, size: number, count: number, backward: boolean, rsi: number, rdi: number): void {
  m.flags = backward ? DF : 0;
  m.set32(L.RSI, rsi);
  m.set32(L.RDI, rdi);
  m.set32(L.RCX, count);
  run(name, size);
  expect(m.get32(L.RCX)).toBe(0);
}

/** Until it is done or has faulted, as the dispatcher does. */
function run(name: string, size: number): void {
  do m.set32(L.BUDGET, 1 << 20);
  while (m.monitor[name](size, 4, L.SEG_DS, REP) !== 0);
}

function stos({ offset, size, count: most, value, backward }: Extract<Step, { do: 'stos' }>): void {
  const count = within(offset, WINDOW_PAGES * 4096, size, most, backward);
  const step = backward ? -size : size;
  for (let n = 0; n < count; n++)
    for (let i = 0; i < size; i++) model.write(offset + n * step + i, (value >>> (8 * i)) & 0xff);
  m.set32(L.RAX, value);
  string('string_stos', size, count, backward, 0, WINDOW + offset);
}

function movs({ from, to, size, count: most, kind, backward }: Extract<Step, { do: 'movs' }>): void {
  const [source, target] = [
    kind === 'in' ? RAM + (from % RAM_BYTES) : WINDOW + from,
    kind === 'out' ? RAM + (to % RAM_BYTES) : WINDOW + to,
  ];
  const room = (at: number, count: number) =>
    at >= WINDOW
      ? within(at - WINDOW, WINDOW_PAGES * 4096, size, count, backward)
      : within(at - RAM, RAM_BYTES, size, count, backward);
  const count = room(target, room(source, most));
  ram = Uint8Array.from({ length: RAM_BYTES + 8 }, (_, n) => m.peek8(RAM + n));
  const step = backward ? -size : size;
  for (let n = 0; n < count; n++) {
    const element = Array.from({ length: size }, (_, i) => get(source + n * step + i));
    for (const [i, value] of element.entries()) put(target + n * step + i, value);
  }
  string('string_movs', size, count, backward, source, target);
  expect(
    Buffer.compare(
      ram,
      Uint8Array.from({ length: ram.length }, (_, n) => m.peek8(RAM + n)),
    ),
  ).toBe(0);
}

describe('against a model', () => {
  it('with any registers, accesses and string instructions', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(step, { minLength: 1, maxLength: 25 }), (seed, steps) => {
        scribble(seed);
        for (let n = 0; n < RAM_BYTES; n++) m.poke8(RAM + n, (n * 31 + seed) & 0xff);
        for (const one of [{ do: 'registers' as const, registers: PLAIN, bank: 0 }, ...steps]) apply(one);
        expect(difference()).toBeUndefined();
        // The model knows of no reads before the first.
        if (steps.some((one) => one.do === 'read')) expect(latches()).toEqual(model.latches);
        else model.latches = latches();
      }),
      { numRuns: 60 },
    );
  });

  it('no access leaves WebAssembly', () => {
    m.calls.length = 0;
    m.monitor.mem_write32(WINDOW + 2, 0x12345678);
    expect(m.monitor.mem_read16(WINDOW + 3)).toBe(0x3456);
    expect(m.calls).toEqual([]);
  });
});

describe('string instructions', () => {
  it.each([1, 2, 4])('of %i bytes stop at a page fault in the window, and go on afterwards', (size) => {
    const absent = (WINDOW >>> 12) + 2;
    identityMap(m, absent);
    const start = WINDOW + 0x1000;
    const count = 0x1800 / size;
    m.set32(L.RAX, 0x77777777);
    m.set32(L.RDI, start);
    m.set32(L.RCX, count);
    run('string_stos', size);
    expect(m.takeException()).toMatchObject({ vector: 14 });
    expect([m.get32(L.RDI), m.get32(L.RCX), m.get32(L.CR2)]).toEqual([
      absent << 12,
      count - 0x1000 / size,
      absent << 12,
    ]);
    m.poke32(PAGE_TABLE + absent * 4, (absent << 12) | 7);
    run('string_stos', size);
    expect([m.get32(L.FAULT), m.get32(L.RCX)]).toEqual([0, 0]);
    for (let n = 0; n < 0x1800; n++) model.write(0x1000 + n, 0x77);
    expect(difference()).toBeUndefined();
  });

  it('read nothing from the planes for an element that memory does not take', () => {
    const absent = DATA >>> 12;
    scribble(3);
    identityMap(m, absent);
    m.set32(L.PLANAR_LATCHES, 0x01020304);
    m.set32(L.RSI, WINDOW + 0x10);
    m.set32(L.RDI, absent << 12);
    m.set32(L.RCX, 5);
    run('string_movs', 1);
    expect(m.takeException()).toMatchObject({ vector: 14, error: 2 });
    expect([m.get32(L.PLANAR_LATCHES), m.get32(L.RCX)]).toEqual([0x01020304, 5]);
  });

  it('leave the window at its end for what is behind it', () => {
    const end = WINDOW + WINDOW_PAGES * 4096;
    m.set32(L.RAX, 0x33);
    m.set32(L.RDI, end - 3);
    m.set32(L.RCX, 5);
    run('string_stos', 1);
    expect(m.takeCalls('mmio_write')).toEqual([
      [end, 1, 0x33],
      [end + 1, 1, 0x33],
    ]);
    for (let n = 3; n > 0; n--) model.write(WINDOW_PAGES * 4096 - n, 0x33);
    expect(difference()).toBeUndefined();
  });
});

describe('as other memory', () => {
  it('has no write without rights to it', () => {
    identityMap(m);
    m.poke32(PAGE_TABLE + (WINDOW >>> 12) * 4, WINDOW | 5);
    m.monitor.cr_write(0, 0x80010001);
    expect(m.monitor.mem_read8(WINDOW)).toBe(0);
    m.monitor.mem_write8(WINDOW, 1);
    expect(m.takeException()).toEqual({ vector: 14, error: 3 });
    expect(difference()).toBeUndefined();
  });

  it('is in the dirty log, each time its bits have been taken', () => {
    m.startDirtyLog();
    for (let round = 0; round < 2; round++) {
      m.monitor.mem_write8(WINDOW + 0x400, 1);
      m.monitor.mem_write8(WINDOW + 0x401, 1);
      m.monitor.mem_write8(WINDOW + 0x2c00, 1);
      expect(m.dirtyPages()).toEqual([MEMORY_PAGE + 1, MEMORY_PAGE + 11]);
      for (const page of m.dirtyPages()) m.clearDirty(page);
      if (round === 0) m.monitor.tlb_reconcile();
      else m.monitor.tlb_withdraw_writes();
    }
    m.set32(L.RDI, WINDOW + 0x3ff);
    m.set32(L.RCX, 2);
    run('string_stos', 1);
    expect(m.dirtyPages()).toEqual([MEMORY_PAGE, MEMORY_PAGE + 1]);
  });

  it('has a page made private before it is written', () => {
    m.setP2m(MEMORY_PAGE, m.machinePage(MEMORY_PAGE) | L.P2M_PRESENT | L.P2M_COW);
    m.onHostCall = ({ call }) => {
      if (call === 'p2m_fault') m.setP2m(MEMORY_PAGE, m.spareMachinePage(0) | L.P2M_PRESENT);
    };
    m.monitor.mem_write8(WINDOW, 0x44);
    expect(m.takeCalls('p2m_fault')).toEqual([[MEMORY_PAGE, 1]]);
    expect([m.bytes[m.spareMachinePage(0)], m.bytes[m.machinePage(MEMORY_PAGE)]]).toEqual([0x44, 0]);
  });

  it('reports writes over code wherever that can be fetched, also what is marked between two writes', () => {
    m.monitor.mem_write8(WINDOW + 0x401, 1);
    m.setCode(MEMORY_PAGE + 1, true);
    m.monitor.tlb_withdraw_page_writes(m.machinePage(MEMORY_PAGE + 1));
    m.calls.length = 0;
    m.monitor.mem_write8(WINDOW + 0x401, 1);
    expect(m.takeCalls('code_write')).toEqual([[LINEAR + 0x1004, 4]]);
    m.set32(L.RDI, WINDOW + 0x402);
    m.set32(L.RCX, 3);
    run('string_stos', 1);
    expect(m.takeCalls('code_write')).toEqual([[LINEAR + 0x1008, 12]]);
  });

  it('is forgotten by INVLPG', () => {
    identityMap(m);
    m.monitor.mem_write8(WINDOW, 1);
    m.poke32(PAGE_TABLE + (WINDOW >>> 12) * 4, RAM | 7);
    m.monitor.mem_write8(WINDOW, 2);
    m.monitor.invlpg(WINDOW);
    m.monitor.mem_write8(WINDOW, 3);
    expect([m.bytes[m.machinePage(MEMORY_PAGE)], m.peek8(RAM)]).toEqual([2, 3]);
  });
});
