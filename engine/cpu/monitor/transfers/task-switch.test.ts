import { beforeEach, describe, expect, it } from 'vitest';
import * as L from '../../abi/layout.ts';
import { CR0_PE, CR0_PG, CR0_WP, type TestMachine } from '../testing/machine.ts';
import {
  CODE,
  DATA,
  descriptor,
  FREE,
  GDT,
  gate,
  INTERRUPT_GATE32,
  KERNEL_CODE,
  KERNEL_DATA,
  LDT,
  LDT_TYPE,
  NOT_PRESENT,
  ProtectedMachine,
  STACK0,
  STACK3,
  TASK,
  TASK_GATE,
  TSS,
  TSS16,
  TSS32,
  USER_CODE,
  USER_DATA,
} from '../testing/protected-mode.ts';

const NT = 0x4000;
const NEXT = 0x777;
const NEW_TSS = 0x6000;
const TO_TASK = FREE;
const TO_GATE = FREE + 8;
const BUSY = 2;
const TS = 10;
const NP = 11;
const GP = 13;

// Offsets of the 32-bit TSS
const LINK = 0;
const CR3 = 28;
const EIP = 32;
const EFLAGS = 36;
const GPR = 40;
const SEGMENTS = 72;
const LDTR = 96;
const TRAP = 100;

let p: ProtectedMachine;
let m: TestMachine;
beforeEach(async () => {
  p = await ProtectedMachine.create();
  m = p.machine;
  p.define(TO_TASK, descriptor(NEW_TSS, 0x67, TSS32));
  p.define(TO_GATE, gate(TO_TASK, 0, TASK_GATE));
  newTask({});
});

/** Fills the new task's TSS: registers 0xA0.. and kernel segments by default. */
function newTask(fields: {
  eflags?: number;
  cs?: number;
  ss?: number;
  ds?: number;
  ldt?: number;
  trap?: number;
}): void {
  m.poke32(NEW_TSS + EIP, 0x4321);
  m.poke32(NEW_TSS + EFLAGS, fields.eflags ?? 2);
  for (let n = 0; n < 8; n++) m.poke32(NEW_TSS + GPR + n * 4, 0xa0 + n);
  m.poke32(NEW_TSS + GPR + 4 * 4, STACK3);
  const { cs = KERNEL_CODE, ss = KERNEL_DATA, ds = KERNEL_DATA } = fields;
  for (const [n, selector] of [ds, cs, ss, ds, 0, ds].entries()) m.poke32(NEW_TSS + SEGMENTS + n * 4, selector);
  m.poke32(NEW_TSS + LDTR, fields.ldt ?? 0);
  m.poke16(NEW_TSS + TRAP, fields.trap ?? 0);
}

const access = (selector: number) => m.peek8(GDT + selector + 5);
const where = () => ({ cs: m.segment(L.SEG_CS).selector, ip: m.get32(L.RIP), tr: m.segment(L.SEG_TR).selector });

describe('32-bit tasks', () => {
  it('JMP saves the old task, loads the new one and passes the busy mark', () => {
    m.flags = 0x201;
    m.set32(L.RBX, 0xb0b);
    m.monitor.far_jump(TO_TASK, 0, 4, NEXT);
    expect(m.takeException()).toBeUndefined();
    expect(where()).toEqual({ cs: KERNEL_CODE, ip: 0x4321, tr: TO_TASK });
    expect([m.get32(L.RAX), m.get32(L.RSP), m.get32(L.RDI)]).toEqual([0xa0, STACK3, 0xa7]);
    expect(m.flags).toBe(2);
    expect([access(TASK), access(TO_TASK)]).toEqual([TSS32, TSS32 | BUSY]);
    expect(m.segment(L.SEG_TR).attr & 0xf).toBe(0xb);
    expect(m.get32(L.CR0) & 8).toBe(8);
    expect([m.peek32(TSS + EIP), m.peek32(TSS + EFLAGS)]).toEqual([NEXT, 0x203]);
    expect([m.peek32(TSS + GPR + 12), m.peek16(TSS + SEGMENTS + 4)]).toEqual([0xb0b, KERNEL_CODE]);
    expect(m.peek16(NEW_TSS + LINK)).toBe(0);
  });

  it('CALL nests and IRET comes back', () => {
    m.monitor.far_call(TO_TASK, 0, 4, NEXT);
    expect(where()).toEqual({ cs: KERNEL_CODE, ip: 0x4321, tr: TO_TASK });
    expect(m.flags).toBe(NT | 2);
    expect(m.peek16(NEW_TSS + LINK)).toBe(TASK);
    expect([access(TASK), access(TO_TASK)]).toEqual([TSS32 | BUSY, TSS32 | BUSY]);
    m.monitor.interrupt_return(4, 0x4567);
    expect(m.takeException()).toBeUndefined();
    expect(m.peek32(NEW_TSS + EIP)).toBe(0x4567);
    expect(where()).toEqual({ cs: KERNEL_CODE, ip: NEXT, tr: TASK });
    expect([access(TASK), access(TO_TASK)]).toEqual([TSS32 | BUSY, TSS32]);
    expect(m.get32(L.RSP)).toBe(STACK0);
    expect(m.flags).toBe(2);
    expect(m.peek32(NEW_TSS + EFLAGS) & NT).toBe(0);
  });

  it('can be of another level, with their own LDT', () => {
    p.define(FREE + 16, descriptor(LDT, 0xf, LDT_TYPE));
    m.poke64(LDT + 8, descriptor(0x5000, 0xffff, DATA | 0x60));
    newTask({ cs: USER_CODE, ss: USER_DATA, ds: 0x0f, ldt: FREE + 16 });
    m.monitor.far_jump(TO_TASK, 0, 4, NEXT);
    expect(m.takeException()).toBeUndefined();
    expect(m.get32(L.CPL)).toBe(3);
    expect(m.segment(L.SEG_DS).base).toBe(0x5000);
    expect(m.segment(L.SEG_FS)).toMatchObject({ selector: 0, read: -1n });
    expect(m.get32(L.MODE) & L.MODE_USER).toBe(L.MODE_USER);
  });

  it('can be in virtual-8086 mode', () => {
    newTask({ eflags: 0x20002, cs: 0x100, ss: 0x200, ds: 0x300 });
    m.monitor.far_jump(TO_TASK, 0, 4, NEXT);
    expect(m.takeException()).toBeUndefined();
    expect(m.segment(L.SEG_CS).base).toBe(0x1000);
    expect(m.get32(L.MODE) & L.MODE_VM86).toBe(L.MODE_VM86);
  });

  it('bring their page tables', () => {
    for (const [directory, table] of [
      [0x10000, 0x11000],
      [0x12000, 0x13000],
    ]) {
      m.poke32(directory, table | 3);
      for (let page = 0; page < 1024; page++) m.poke32(table + page * 4, (page << 12) | 3);
    }
    m.poke32(0x13000 + 0x30 * 4, 0x31003);
    m.monitor.cr_write(3, 0x10000);
    m.monitor.cr_write(0, CR0_PE | CR0_PG);
    m.poke32(NEW_TSS + CR3, 0x12000);
    m.poke32(0x31000, 0xfeed);
    m.monitor.mem_read32(0x30000);
    m.monitor.far_jump(TO_TASK, 0, 4, NEXT);
    expect(m.takeException()).toBeUndefined();
    expect(m.monitor.mem_read32(0x30000)).toBe(0xfeed);
  });

  it('may ask for a trap on entry', () => {
    newTask({ trap: 1 });
    m.monitor.far_jump(TO_TASK, 0, 4, NEXT);
    expect(m.takeException()).toEqual({ vector: 1, error: undefined });
    expect(where().ip).toBe(0x4321);
  });
});

describe('task gates', () => {
  it('in the IDT serve exceptions, with the error code on the new stack', () => {
    p.defineGate(8, gate(TO_TASK, 0, TASK_GATE));
    m.set32(L.RIP, 0x123);
    m.monitor.raise(8, 0x55, 1);
    m.monitor.deliver_fault();
    expect(where()).toEqual({ cs: KERNEL_CODE, ip: 0x4321, tr: TO_TASK });
    expect(m.get32(L.RSP)).toBe(STACK3 - 4);
    expect(m.peek32(STACK3 - 4)).toBe(0x55);
    expect(m.peek32(TSS + EIP)).toBe(0x123);
    expect(m.peek16(NEW_TSS + LINK)).toBe(TASK);
    expect(m.flags & NT).toBe(NT);
  });

  it('can be called', () => {
    m.monitor.far_call(TO_GATE, 0, 4, NEXT);
    expect(where().tr).toBe(TO_TASK);
  });

  it.each([
    ['a busy task', TSS32 | BUSY, GP],
    ['an absent task', TSS32 ^ NOT_PRESENT, NP],
    ['no task at all', DATA, GP],
  ])('refuse %s', (_, accessByte, vector) => {
    p.define(TO_TASK, descriptor(NEW_TSS, 0x67, accessByte));
    m.monitor.far_call(TO_GATE, 0, 4, NEXT);
    expect(m.takeException()).toEqual({ vector, error: TO_TASK });
    expect(where().tr).toBe(TASK);
  });
});

describe('what is wrong with the new task', () => {
  it('a TSS that is too small is refused in the old task', () => {
    p.define(TO_TASK, descriptor(NEW_TSS, 0x66, TSS32));
    m.monitor.far_jump(TO_TASK, 0, 4, NEXT);
    expect(m.takeException()).toEqual({ vector: TS, error: TO_TASK });
    expect(where().tr).toBe(TASK);
  });

  it('descriptors that cannot be marked busy are a fault of the old task, which has not changed', () => {
    m.poke32(0x10000, 0x11003);
    for (let page = 0; page < 1024; page++) m.poke32(0x11000 + page * 4, (page << 12) | 3);
    m.poke32(0x11000 + (GDT >> 12) * 4, GDT | 1);
    m.monitor.cr_write(3, 0x10000);
    m.monitor.cr_write(0, CR0_PE | CR0_PG | CR0_WP);
    const tss = p.words(TSS, 26);
    const busy = [access(TASK), access(TO_TASK)];
    m.monitor.far_jump(TO_TASK, 0, 4, NEXT);
    expect(m.takeException()).toEqual({ vector: 14, error: 3 });
    expect(where().tr).toBe(TASK);
    expect(p.words(TSS, 26)).toEqual(tss);
    expect([access(TASK), access(TO_TASK)]).toEqual(busy);
  });

  it.each([
    ['null CS', { cs: 0 }, TS, 0],
    ['data as CS', { cs: KERNEL_DATA }, TS, KERNEL_DATA],
    ['a stack of another level', { ss: USER_DATA }, TS, USER_DATA & ~3],
    ['absent data', { ds: FREE + 16 }, NP, FREE + 16],
    ['an LDT that is none', { ldt: KERNEL_DATA }, TS, KERNEL_DATA],
  ])('%s is a fault of the new task', (_, fields, vector, error) => {
    p.define(FREE + 16, descriptor(0, 0xfff, DATA ^ NOT_PRESENT));
    newTask(fields);
    m.monitor.far_jump(TO_TASK, 0, 4, NEXT);
    expect(m.takeException()).toEqual({ vector, error });
    expect(where()).toMatchObject({ ip: 0x4321, tr: TO_TASK });
  });

  it('IRET needs a busy task to go back to', () => {
    m.monitor.far_call(TO_TASK, 0, 4, NEXT);
    m.poke16(NEW_TSS + LINK, FREE + 16);
    p.define(FREE + 16, descriptor(TSS, 0x67, TSS32));
    m.monitor.interrupt_return(4, 0);
    expect(m.takeException()).toEqual({ vector: TS, error: FREE + 16 });
  });
});

it('16-bit tasks have word registers and four segments', () => {
  p.define(FREE + 16, descriptor(0, 0xffff, CODE, false));
  p.define(TO_TASK, descriptor(NEW_TSS, 0x2b, TSS16));
  const words = [0, 0, 0, 0, 0, 0, 0, 0x1234, 2, 1, 2, 3, 4, 0x8000, 6, 7, 8];
  for (const [i, word] of words.entries()) m.poke16(NEW_TSS + i * 2, word);
  for (const [i, selector] of [KERNEL_DATA, FREE + 16, KERNEL_DATA, KERNEL_DATA, 0].entries()) {
    m.poke16(NEW_TSS + 34 + i * 2, selector);
  }
  m.monitor.far_call(TO_TASK, 0, 4, NEXT);
  expect(m.takeException()).toBeUndefined();
  expect(where()).toEqual({ cs: FREE + 16, ip: 0x1234, tr: TO_TASK });
  expect([m.get32(L.RAX) & 0xffff, m.get32(L.RSP) & 0xffff, m.get32(L.RDI) & 0xffff]).toEqual([1, 0x8000, 8]);
  expect(m.get32(L.MODE) & L.MODE_CS32).toBe(0);
  // Its interrupts find their stacks in the 16-bit format.
  p.defineGate(0x20, gate(KERNEL_CODE, 0x4000, INTERRUPT_GATE32));
  m.monitor.deliver_interrupt(0x20);
  expect(where().ip).toBe(0x4000);
});
