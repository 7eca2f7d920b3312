import { beforeEach, describe, expect, it } from 'vitest';
import * as L from '../../abi/layout.ts';
import { TestMachine } from '../testing/machine.ts';
import { identityMap, PAGE_TABLE } from '../testing/paging.ts';
import { DATA, descriptor, FREE, KERNEL_DATA, ProtectedMachine, TSS } from '../testing/protected-mode.ts';

const CF = 1;
const ZF = 0x40;
const TF = 0x100;
const IF = 0x200;
const DF = 0x400;

const ONCE = 0;
const REP = 1;
const REPNE = 2;

const SOURCE = 0x20000;
const TARGET = 0x28000;

let p: ProtectedMachine;
let m: TestMachine;
beforeEach(async () => {
  p = await ProtectedMachine.create();
  m = p.machine;
});

function registers(rsi: number, rdi: number, rcx: number): void {
  m.set32(L.RSI, rsi);
  m.set32(L.RDI, rdi);
  m.set32(L.RCX, rcx);
}

const state = () => ({ rsi: m.get32(L.RSI), rdi: m.get32(L.RDI), rcx: m.get32(L.RCX) });

/** Runs until the instruction is over, as the dispatcher does; returns how often it had to be entered. */
function run(name: string, size: number, rep: number, addressSize = 4, segment = L.SEG_DS): number {
  for (let entries = 1; ; entries++) {
    const more = m.monitor[name](size, addressSize, segment, rep);
    if (m.get32(L.FAULT) || more === 0) return entries;
    m.set32(L.BUDGET, 1 << 20);
  }
}

function fillWithPattern(from: number, bytes: number): void {
  for (let i = 0; i < bytes; i++) m.poke8(from + i, (i * 37 + (i >> 8)) & 0xff);
}

/** Guest memory byte by byte, so that the order of machine pages does not matter. */
const read = (from: number, bytes: number) => Array.from({ length: bytes }, (_, i) => m.peek8(from + i));

describe('MOVS', () => {
  it.each([1, 2, 4])('moves elements of %i bytes across pages, with any alignment', (size) => {
    fillWithPattern(SOURCE, 0x3000);
    const from = SOURCE + 0x123;
    const to = TARGET + 0xffd;
    const count = Math.floor(0x2345 / size);
    registers(from, to, count);
    run('string_movs', size, REP);
    expect(state()).toEqual({ rsi: from + count * size, rdi: to + count * size, rcx: 0 });
    expect(read(to, count * size)).toEqual(read(from, count * size));
    expect(m.peek8(to + count * size)).toBe(0);
  });

  it.each([1, 2, 4])('moves backwards with DF, elements of %i bytes', (size) => {
    fillWithPattern(SOURCE, 0x3000);
    const count = Math.floor(0x2100 / size);
    const from = SOURCE + 0x2f03;
    const to = TARGET + 0x2801;
    m.flags = DF;
    registers(from, to, count);
    run('string_movs', size, REP);
    expect(state()).toEqual({ rsi: from - count * size, rdi: to - count * size, rcx: 0 });
    const lowest = size - count * size;
    expect(read(to + lowest, count * size)).toEqual(read(from + lowest, count * size));
  });

  it('repeats a pattern when it reads what it wrote, in both directions', () => {
    for (const [i, byte] of [1, 2, 3].entries()) m.poke8(SOURCE + i, byte);
    registers(SOURCE, SOURCE + 3, 30);
    run('string_movs', 1, REP);
    expect(read(SOURCE, 33)).toEqual(Array.from({ length: 33 }, (_, i) => (i % 3) + 1));
    m.flags = DF;
    m.poke16(TARGET + 100, 0xabcd);
    registers(TARGET + 100, TARGET + 98, 20);
    run('string_movs', 2, REP);
    expect(read(TARGET + 60, 42)).toEqual(Array.from({ length: 42 }, (_, i) => (i % 2 ? 0xab : 0xcd)));
  });

  it('stops precisely at a fault on either side and goes on afterwards', () => {
    identityMap(m, (SOURCE >> 12) + 1, (TARGET >> 12) + 1);
    fillWithPattern(SOURCE, 0x2000);
    registers(SOURCE + 0xff0, TARGET + 0xff8, 0x20);
    run('string_movs', 1, REP);
    expect(m.takeException()).toEqual({ vector: 14, error: 2 });
    expect(m.get32(L.CR2)).toBe(TARGET + 0x1000);
    expect(state()).toEqual({ rsi: SOURCE + 0xff8, rdi: TARGET + 0x1000, rcx: 0x18 });
    m.poke32(PAGE_TABLE + ((TARGET >> 12) + 1) * 4, (TARGET + 0x1000) | 7);
    run('string_movs', 1, REP);
    expect(m.takeException()).toEqual({ vector: 14, error: 0 });
    expect(m.get32(L.CR2)).toBe(SOURCE + 0x1000);
    expect(state()).toEqual({ rsi: SOURCE + 0x1000, rdi: TARGET + 0x1008, rcx: 0x10 });
    m.poke32(PAGE_TABLE + ((SOURCE >> 12) + 1) * 4, (SOURCE + 0x1000) | 7);
    run('string_movs', 1, REP);
    expect(read(TARGET + 0xff8, 0x20)).toEqual(read(SOURCE + 0xff0, 0x20));
  });

  it.each([
    ['string_movs', ONCE],
    ['string_movs', REP],
    ['string_cmps', ONCE],
    ['string_cmps', REP],
  ])('%s reports what is wrong with the source before what is wrong with the destination', (name, rep) => {
    identityMap(m, SOURCE >> 12);
    p.define(FREE, descriptor(0, TARGET - 1, DATA));
    m.monitor.seg_load(L.SEG_ES, FREE);
    registers(SOURCE, TARGET, 5);
    run(name, 4, rep);
    expect(m.takeException()).toEqual({ vector: 14, error: 0 });
    m.poke32(PAGE_TABLE + (SOURCE >> 12) * 4, SOURCE | 7);
    run(name, 4, rep);
    expect(m.takeException()).toEqual({ vector: 13, error: 0 });
  });

  it('does not read from a device what its destination cannot take', () => {
    identityMap(m, TARGET >> 12);
    registers(0xb8000, TARGET, 1);
    run('string_movs', 2, ONCE);
    expect(m.takeException()?.vector).toBe(14);
    expect(m.takeCalls('mmio_read')).toEqual([]);
  });

  it('changes nothing for an element that faults on its second page', () => {
    identityMap(m, (TARGET >> 12) + 1);
    m.poke32(SOURCE, 0x11223344);
    registers(SOURCE, TARGET + 0xffe, 5);
    run('string_movs', 4, REP);
    expect(m.takeException()?.vector).toBe(14);
    expect(state()).toEqual({ rsi: SOURCE, rdi: TARGET + 0xffe, rcx: 5 });
    expect(m.peek16(TARGET + 0xffe)).toBe(0);
  });

  it('moves nothing for a count of 0 and one element without REP', () => {
    registers(SOURCE, TARGET, 0);
    run('string_movs', 4, REP);
    expect(state()).toEqual({ rsi: SOURCE, rdi: TARGET, rcx: 0 });
    run('string_movs', 4, ONCE);
    expect(state()).toEqual({ rsi: SOURCE + 4, rdi: TARGET + 4, rcx: 0 });
  });

  it('wraps 16-bit indices and keeps their upper halves', () => {
    fillWithPattern(0, 16);
    m.poke8(0xffff, 0xee);
    registers(0xabcdffff, 0x12348000, 0x56780003);
    run('string_movs', 1, REP, 2);
    expect(state()).toEqual({ rsi: 0xabcd0002, rdi: 0x12348003, rcx: 0x56780000 });
    expect(read(0x8000, 3)).toEqual([0xee, m.peek8(0), m.peek8(1)]);
  });

  it('ends at the limit of either segment with #GP', () => {
    p.define(FREE, descriptor(0, TARGET + 0x7ff, DATA));
    m.monitor.seg_load(L.SEG_ES, FREE);
    registers(SOURCE, TARGET + 0x7f0, 8);
    run('string_movs', 4, REP);
    expect(m.takeException()).toEqual({ vector: 13, error: 0 });
    expect(state()).toEqual({ rsi: SOURCE + 0x10, rdi: TARGET + 0x800, rcx: 4 });
    registers(TARGET + 0x7fe, SOURCE, 1);
    run('string_movs', 4, ONCE, 4, L.SEG_ES);
    expect(m.takeException()).toEqual({ vector: 13, error: 0 });
  });

  it('goes element by element where devices are', () => {
    m.answer = 0x0bad;
    registers(0xb8000, SOURCE, 3);
    run('string_movs', 2, REP);
    expect(m.takeCalls('mmio_read')).toEqual([
      [0xb8000, 2],
      [0xb8002, 2],
      [0xb8004, 2],
    ]);
    expect(m.peek16(SOURCE + 4)).toBe(0x0bad);
    registers(SOURCE, 0xb8000, 2);
    run('string_movs', 2, REP);
    expect(m.takeCalls('mmio_write')).toEqual([
      [0xb8000, 2, 0x0bad],
      [0xb8002, 2, 0x0bad],
    ]);
  });

  it.skipIf(TestMachine.pagesComeLate)(
    'keeps a page shared while it is only read, and follows it when it becomes private',
    () => {
      const page = SOURCE >> 12;
      fillWithPattern(SOURCE, 64);
      const shared = m.machine(SOURCE);
      m.setP2m(page, (shared & ~0xfff) | L.P2M_PRESENT | L.P2M_COW);
      m.onHostCall = () => {
        m.bytes.copyWithin(m.spareMachinePage(0), shared, shared + 4096);
        m.setP2m(page, m.spareMachinePage(0) | L.P2M_PRESENT);
      };
      registers(SOURCE, SOURCE + 0x800, 64);
      run('string_movs', 1, REP);
      expect(m.takeCalls('p2m_fault')).toEqual([[page, 1]]);
      expect(read(SOURCE + 0x800, 64)).toEqual(read(SOURCE, 64));
      expect(m.bytes[shared + 0x800]).toBe(0);
    },
  );
});

describe('leaving between elements', () => {
  beforeEach(() => registers(SOURCE, TARGET, 0x1800));
  const movs = () => m.monitor.string_movs(1, 4, L.SEG_DS, REP);

  it('when the budget is used up, one unit for eight elements', () => {
    m.set32(L.BUDGET, 0x100);
    expect(movs()).toBe(1);
    expect(state()).toEqual({ rsi: SOURCE + 0x1000, rdi: TARGET + 0x1000, rcx: 0x800 });
    expect(m.get32(L.BUDGET) | 0).toBe(0x100 - 0x200);
  });

  it('for an interrupt that can be taken, not for one that cannot', () => {
    m.set32(L.DOORBELL, L.DOORBELL_INTR);
    expect(movs()).toBe(0);
    registers(SOURCE, TARGET, 0x1800);
    m.flags = IF;
    expect(movs()).toBe(1);
    expect(m.get32(L.RCX)).toBe(0x800);
    expect(movs()).toBe(0);
  });

  it('for a stop request always', () => {
    m.set32(L.DOORBELL, L.DOORBELL_STOP);
    expect(movs()).toBe(1);
  });

  it('for single stepping', () => {
    m.flags = TF;
    expect(movs()).toBe(1);
  });

  it('when its own code was written', () => {
    m.setCode(TARGET >> 12, true);
    m.onHostCall = () => m.set32(L.LEAVE, 1);
    expect(movs()).toBe(1);
    expect(m.get32(L.RCX)).toBe(0x800);
  });
});

describe('STOS and LODS', () => {
  it.each([
    [1, 0x12345678, [0x78, 0x78, 0x78, 0x78, 0x78, 0x78, 0x78, 0x78]],
    [2, 0x12345678, [0x78, 0x56, 0x78, 0x56, 0x78, 0x56, 0x78, 0x56]],
    [4, 0x12345678, [0x78, 0x56, 0x34, 0x12, 0x78, 0x56, 0x34, 0x12]],
    [4, 0, [0, 0, 0, 0, 0, 0, 0, 0]],
  ])('stores %i bytes of EAX %i', (size, eax, bytes) => {
    m.set32(L.RAX, eax);
    fillWithPattern(TARGET, 0x2000);
    const after = m.peek8(TARGET + 0xffe + 0x800);
    registers(0, TARGET + 0xffe, 0x800 / size);
    run('string_stos', size, REP);
    expect(read(TARGET + 0xffe, 8)).toEqual(bytes);
    expect(read(TARGET + 0xffe + 0x7f8, 8)).toEqual(bytes);
    expect(m.peek8(TARGET + 0xffe + 0x800)).toBe(after);
    expect(state()).toMatchObject({ rdi: TARGET + 0xffe + 0x800, rcx: 0 });
  });

  it('stores backwards with DF', () => {
    m.flags = DF;
    m.set32(L.RAX, 0xaabb);
    registers(0, TARGET + 10, 3);
    run('string_stos', 2, REP);
    expect(read(TARGET + 4, 10)).toEqual([0, 0, 0xbb, 0xaa, 0xbb, 0xaa, 0xbb, 0xaa, 0, 0]);
    expect(state()).toMatchObject({ rdi: TARGET + 4, rcx: 0 });
  });

  it('loads into the part of EAX', () => {
    m.poke32(SOURCE, 0x11223344);
    m.set32(L.RAX, 0xffffffff);
    registers(SOURCE, 0, 1);
    run('string_lods', 1, ONCE);
    expect(m.get32(L.RAX)).toBe(0xffffff44);
    run('string_lods', 2, ONCE);
    expect(m.get32(L.RAX)).toBe(0xffff2233);
    registers(SOURCE, 0, 1);
    run('string_lods', 4, REP);
    expect(m.get32(L.RAX)).toBe(0x11223344);
    expect(state()).toMatchObject({ rsi: SOURCE + 4, rcx: 0 });
  });
});

describe('SCAS and CMPS', () => {
  it('REPNE SCASB finds a byte two pages on and leaves behind it', () => {
    for (let i = 0; i < 0x2000; i++) m.poke8(TARGET + i, 1);
    m.poke8(TARGET + 0x1234, 0);
    registers(0, TARGET + 0x10, 0xffffffff);
    m.set32(L.RAX, 0xff00);
    run('string_scas', 1, REPNE);
    expect(state()).toMatchObject({ rdi: TARGET + 0x1235, rcx: 0xffffffff - 0x1225 });
    expect(m.flags & (ZF | CF)).toBe(ZF);
  });

  it('REPE SCAS ends at the first difference, with the flags of AX - element', () => {
    for (let i = 0; i < 10; i++) m.poke16(TARGET + i * 2, 0x8000);
    m.poke16(TARGET + 8, 0x8001);
    m.set32(L.RAX, 0x18000);
    registers(0, TARGET, 10);
    run('string_scas', 2, REP);
    expect(state()).toMatchObject({ rdi: TARGET + 10, rcx: 5 });
    expect(m.flags & (ZF | CF | 0x80)).toBe(CF | 0x80);
  });

  it('uses up the count when nothing ends it', () => {
    registers(0, TARGET, 5);
    m.set32(L.RAX, 7);
    run('string_scas', 4, REPNE);
    expect(state()).toMatchObject({ rdi: TARGET + 20, rcx: 0 });
    expect(m.flags & (ZF | CF)).toBe(0);
  });

  it('REPE CMPS compares across pages, forwards and backwards', () => {
    fillWithPattern(SOURCE, 0x1800);
    for (let i = 0; i < 0x1800; i++) m.poke8(TARGET + 3 + i, m.peek8(SOURCE + i));
    m.poke8(TARGET + 3 + 0x1500, m.peek8(SOURCE + 0x1500) ^ 0xff);
    registers(SOURCE, TARGET + 3, 0x1800);
    run('string_cmps', 1, REP);
    expect(state()).toEqual({ rsi: SOURCE + 0x1501, rdi: TARGET + 3 + 0x1501, rcx: 0x1800 - 0x1501 });
    expect(m.flags & ZF).toBe(0);
    m.flags = DF;
    registers(SOURCE + 0x14ff, TARGET + 3 + 0x14ff, 0x1500);
    run('string_cmps', 1, REP);
    expect(state()).toEqual({ rsi: SOURCE - 1, rdi: TARGET + 2, rcx: 0 });
    expect(m.flags & ZF).toBe(ZF);
  });

  it('subtracts ES:[DI] from DS:[SI]', () => {
    m.poke32(SOURCE, 5);
    m.poke32(TARGET, 6);
    registers(SOURCE, TARGET, 0);
    run('string_cmps', 4, ONCE);
    expect(m.flags & CF).toBe(CF);
    expect(state()).toEqual({ rsi: SOURCE + 4, rdi: TARGET + 4, rcx: 0 });
  });

  it('a fault finds the registers and flags of the last comparison', () => {
    identityMap(m, (TARGET >> 12) + 1);
    m.set32(L.RAX, 1);
    registers(0, TARGET + 0xffc, 10);
    run('string_scas', 1, REPNE);
    expect(m.takeException()).toEqual({ vector: 14, error: 0 });
    expect(state()).toMatchObject({ rdi: TARGET + 0x1000, rcx: 6 });
    expect(m.flags & ZF).toBe(0);
  });

  it('changes no flags for a count of 0', () => {
    m.flags = CF;
    registers(SOURCE, TARGET, 0);
    run('string_cmps', 1, REP);
    expect(m.flags).toBe(CF | 2);
  });
});

describe('INS and OUTS', () => {
  beforeEach(() => m.set32(L.RDX, 0x1f0));

  it('move between a port and memory', () => {
    m.answer = 0x1234;
    registers(SOURCE, TARGET, 3);
    run('string_ins', 2, REP);
    expect(m.takeCalls('port_read')).toEqual(Array(3).fill([0x1f0, 2]));
    expect(read(TARGET, 6)).toEqual([0x34, 0x12, 0x34, 0x12, 0x34, 0x12]);
    m.poke16(SOURCE, 0xbeef);
    registers(SOURCE, TARGET, 1);
    run('string_outs', 2, REP);
    expect(m.takeCalls('port_write')).toEqual([[0x1f0, 2, 0xbeef]]);
    expect(state()).toEqual({ rsi: SOURCE + 2, rdi: TARGET, rcx: 0 });
  });

  it('do not touch the device when memory faults', () => {
    identityMap(m, TARGET >> 12);
    registers(SOURCE, TARGET, 1);
    run('string_ins', 4, REP);
    expect(m.takeException()).toEqual({ vector: 14, error: 2 });
    expect(m.calls).toEqual([]);
  });

  it('ask the I/O permission bitmap in user mode', () => {
    p.enterUser();
    m.monitor.seg_load(L.SEG_DS, 0x23);
    m.monitor.seg_load(L.SEG_ES, 0x23);
    registers(SOURCE, TARGET, 1);
    run('string_ins', 1, REP);
    expect(m.takeException()).toEqual({ vector: 13, error: 0 });
    // The bitmap: all ports allowed up to 0xff.
    m.poke16(TSS + 0x66, 0x68);
    m.set32(L.RDX, 0x42);
    run('string_ins', 1, REP);
    expect(m.takeException()).toBeUndefined();
    expect(m.segment(L.SEG_ES).selector).not.toBe(KERNEL_DATA);
  });
});
