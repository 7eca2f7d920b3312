import { beforeEach, describe, expect, it } from 'vitest';
import * as L from '../../abi/layout.ts';
import { TestMachine } from '../testing/machine.ts';
import {
  CALL_GATE16,
  CALL_GATE32,
  CODE,
  CODE_CONFORMING,
  DATA,
  DPL3,
  descriptor,
  FREE,
  GDT,
  gate,
  KERNEL_CODE,
  KERNEL_DATA,
  NOT_PRESENT,
  ProtectedMachine,
  STACK0,
  STACK3,
  TSS,
  USER_CODE,
  USER_DATA,
} from '../testing/protected-mode.ts';

const GP = 13;
const NP = 11;
const SS = 12;
const TS = 10;
const NEXT = 0x777;

let p: ProtectedMachine;
let m: TestMachine;
beforeEach(async () => {
  p = await ProtectedMachine.create();
  m = p.machine;
});

const where = () => ({ cs: m.segment(L.SEG_CS).selector, ip: m.get32(L.RIP), cpl: m.get32(L.CPL) });

describe('real mode', () => {
  it('jumps, calls and returns with 16-bit frames', async () => {
    m = await TestMachine.create();
    m.set32(L.RSP, 0x1000);
    m.monitor.far_jump(0x123, 0x45, 2, 0);
    expect(m.segment(L.SEG_CS)).toMatchObject({ selector: 0x123, base: 0x1230 });
    m.monitor.far_call(0x200, 0x10, 2, 0x48);
    expect([m.peek16(0xffc), m.peek16(0xffe)]).toEqual([0x48, 0x123]);
    expect(where()).toMatchObject({ cs: 0x200, ip: 0x10 });
    m.monitor.far_return(2, 6);
    expect(where()).toMatchObject({ cs: 0x123, ip: 0x48 });
    expect(m.get32(L.RSP)).toBe(0x1006);
  });

  it('wraps the stack around at 64 KiB', async () => {
    m = await TestMachine.create();
    m.set32(L.RSP, 2);
    m.monitor.far_call(0x200, 0x10, 2, 0x48);
    expect([m.peek16(0xfffe), m.peek16(0)]).toEqual([0x48, 0xf000]);
    expect(m.get32(L.RSP)).toBe(0xfffe);
  });

  it('refuses targets beyond the limit', async () => {
    m = await TestMachine.create();
    m.monitor.far_jump(0x123, 0x10000, 4, 0);
    expect(m.takeException()).toEqual({ vector: GP, error: 0 });
  });
});

describe('direct transfers', () => {
  it('CALL and RET stay at their level', () => {
    p.define(FREE, descriptor(0x10000, 0xffff, CODE));
    m.monitor.far_call(FREE, 0x20, 4, NEXT);
    expect(where()).toEqual({ cs: FREE, ip: 0x20, cpl: 0 });
    expect(p.words(STACK0 - 8, 2)).toEqual([NEXT, KERNEL_CODE]);
    expect(m.get32(L.MODE) & L.MODE_FLAT).toBe(0);
    m.monitor.far_return(4, 8);
    expect(where()).toEqual({ cs: KERNEL_CODE, ip: NEXT, cpl: 0 });
    expect(m.get32(L.RSP)).toBe(STACK0 + 8);
  });

  it('operand size 2 pushes words and cuts the target', () => {
    m.monitor.far_call(KERNEL_CODE, 0x12345678, 2, 0x8765);
    expect([m.peek16(STACK0 - 4), m.peek16(STACK0 - 2)]).toEqual([0x8765, KERNEL_CODE]);
    expect(m.get32(L.RIP)).toBe(0x5678);
  });

  it('conforming code keeps the CPL of its caller', () => {
    p.define(FREE, descriptor(0, 0xffff, CODE_CONFORMING));
    p.enterUser();
    m.monitor.far_jump(FREE, 0x30, 4, NEXT);
    expect(where()).toEqual({ cs: FREE | 3, ip: 0x30, cpl: 3 });
  });

  it.each([
    ['null', 0, undefined, GP, 0],
    ['beyond the table', 0x200, undefined, GP, 0x200],
    ['data', KERNEL_DATA, undefined, GP, KERNEL_DATA],
    ['outer code', USER_CODE, undefined, GP, USER_CODE & ~3],
    ['not present', FREE, CODE ^ NOT_PRESENT, NP, FREE],
    ['beyond the limit', FREE, CODE, GP, 0],
  ])('JMP and CALL refuse %s and change nothing', (_, selector, access, vector, error) => {
    if (access !== undefined) p.define(selector, descriptor(0, 0xff, access));
    for (const name of ['far_jump', 'far_call']) {
      const before = where();
      m.monitor[name](selector, 0x100, 4, NEXT);
      expect(m.takeException()).toEqual({ vector, error });
      expect(where()).toEqual(before);
      expect(m.get32(L.RSP)).toBe(STACK0);
    }
  });

  it('CALL checks the room on the stack first', () => {
    p.define(FREE, descriptor(0, 0xfff, DATA));
    m.monitor.seg_load(L.SEG_SS, FREE);
    m.set32(L.RSP, 4);
    m.monitor.far_call(KERNEL_CODE, 0x100, 4, NEXT);
    expect(m.takeException()).toEqual({ vector: SS, error: 0 });
  });
});

describe('call gates', () => {
  beforeEach(() => {
    p.define(FREE, gate(KERNEL_CODE, 0x00abcdef, CALL_GATE32 | DPL3, 3));
  });

  it('change to the inner stack of the TSS and copy the parameters', () => {
    p.enterUser();
    m.set32(L.RSP, STACK3 - 12);
    for (const [i, value] of [11, 22, 33].entries()) m.poke32(STACK3 - 12 + i * 4, value);
    m.monitor.far_call(FREE | 3, 0, 4, NEXT);
    expect(m.takeException()).toBeUndefined();
    expect(where()).toEqual({ cs: KERNEL_CODE, ip: 0xabcdef, cpl: 0 });
    expect(m.segment(L.SEG_SS).selector).toBe(KERNEL_DATA);
    expect(m.get32(L.RSP)).toBe(STACK0 - 28);
    expect(p.words(STACK0 - 28, 7)).toEqual([NEXT, USER_CODE, 11, 22, 33, STACK3 - 12, USER_DATA]);

    m.monitor.far_return(4, 12);
    expect(where()).toEqual({ cs: USER_CODE, ip: NEXT, cpl: 3 });
    expect(m.get32(L.RSP)).toBe(STACK3);
    expect(m.segment(L.SEG_SS).selector).toBe(USER_DATA);
  });

  it('change nothing if a parameter cannot be read', () => {
    p.enterUser();
    p.define(KERNEL_CODE, descriptor(0, 0xffffffff, CODE & ~1));
    p.define(FREE + 8, descriptor(0, STACK3 - 9, DATA | DPL3));
    const userStack = FREE + 8 + 3;
    m.monitor.seg_load(L.SEG_SS, userStack);
    m.set32(L.RSP, STACK3 - 12);
    m.poke32(STACK0 - 20, 0x5ca1ab1e);
    m.monitor.far_call(FREE | 3, 0, 4, NEXT);
    expect(m.takeException()).toEqual({ vector: SS, error: 0 });
    expect(p.words(STACK0 - 20, 1)).toEqual([0x5ca1ab1e]);
    expect(m.peek8(GDT + KERNEL_CODE + 5)).toBe(CODE & ~1);
    expect(where()).toMatchObject({ cs: USER_CODE, cpl: 3 });
  });

  it('through a 16-bit gate push words', () => {
    p.define(FREE, gate(KERNEL_CODE, 0x12345678, CALL_GATE16 | DPL3, 1));
    p.enterUser();
    m.set32(L.RSP, STACK3 - 2);
    m.poke16(STACK3 - 2, 0x99);
    m.monitor.far_call(FREE, 0, 4, NEXT);
    expect(m.get32(L.RIP)).toBe(0x5678);
    const words = [0, 2, 4, 6, 8].map((offset) => m.peek16(STACK0 - 10 + offset));
    expect(words).toEqual([NEXT, USER_CODE, 0x99, STACK3 - 2, USER_DATA]);
  });

  it('without a change of level stay on the stack', () => {
    m.monitor.far_call(FREE, 0, 4, NEXT);
    expect(p.words(STACK0 - 8, 2)).toEqual([NEXT, KERNEL_CODE]);
    m.monitor.far_jump(FREE, 0, 4, NEXT);
    expect(where()).toEqual({ cs: KERNEL_CODE, ip: 0xabcdef, cpl: 0 });
  });

  it('cannot be jumped through to an inner level', () => {
    p.enterUser();
    m.monitor.far_jump(FREE, 0, 4, NEXT);
    expect(m.takeException()).toEqual({ vector: GP, error: KERNEL_CODE });
  });

  it('check the gate', () => {
    p.define(FREE, gate(KERNEL_CODE, 0, CALL_GATE32));
    p.enterUser();
    m.monitor.far_call(FREE, 0, 4, NEXT);
    expect(m.takeException()).toEqual({ vector: GP, error: FREE });
    p.define(FREE, gate(KERNEL_CODE, 0, (CALL_GATE32 | DPL3) ^ NOT_PRESENT));
    m.monitor.far_call(FREE, 0, 4, NEXT);
    expect(m.takeException()).toEqual({ vector: NP, error: FREE });
  });

  it('check their target', () => {
    p.define(FREE, gate(0, 0, CALL_GATE32));
    m.monitor.far_call(FREE, 0, 4, NEXT);
    expect(m.takeException()).toEqual({ vector: GP, error: 0 });
    p.define(FREE, gate(KERNEL_DATA, 0, CALL_GATE32));
    m.monitor.far_call(FREE, 0, 4, NEXT);
    expect(m.takeException()).toEqual({ vector: GP, error: KERNEL_DATA });
  });

  it('raise #TS for a bad inner stack, #SS for an absent or full one', () => {
    p.enterUser();
    const rsp = m.get32(L.RSP);
    const attempt = () => {
      m.monitor.far_call(FREE, 0, 4, NEXT);
      expect(m.get32(L.RSP)).toBe(rsp);
      return m.takeException();
    };
    m.poke16(TSS + 8, 0);
    expect(attempt()).toEqual({ vector: TS, error: 0 });
    m.poke16(TSS + 8, USER_DATA);
    expect(attempt()).toEqual({ vector: TS, error: USER_DATA & ~3 });
    m.poke16(TSS + 8, FREE + 8);
    p.define(FREE + 8, descriptor(0, 0xfff, DATA ^ NOT_PRESENT));
    expect(attempt()).toEqual({ vector: SS, error: FREE + 8 });
    p.define(FREE + 8, descriptor(0, STACK0 - 2, DATA));
    expect(attempt()).toEqual({ vector: SS, error: FREE + 8 });
  });
});

describe('far RET to an outer level', () => {
  function frame(ip: number, cs: number, sp: number, ss: number): void {
    [ip, cs, sp, ss].forEach((value, i) => {
      m.poke32(STACK0 - 16 + i * 4, value);
    });
    m.set32(L.RSP, STACK0 - 16);
  }

  it('voids data segments that the outer level may not use', () => {
    p.define(FREE, descriptor(0, 0xfff, DATA | DPL3));
    m.monitor.seg_load(L.SEG_ES, FREE);
    frame(0x5000, USER_CODE, STACK3, USER_DATA);
    m.monitor.far_return(4, 0);
    expect(where()).toEqual({ cs: USER_CODE, ip: 0x5000, cpl: 3 });
    expect(m.segment(L.SEG_ES).selector).toBe(FREE);
    expect(m.segment(L.SEG_DS)).toMatchObject({ selector: 0, read: -1n });
    expect(m.segment(L.SEG_GS)).toMatchObject({ selector: 0, read: -1n });
  });

  it.each([
    ['a null stack', USER_CODE, 0, GP, 0],
    ['a stack of another level', USER_CODE, KERNEL_DATA, GP, KERNEL_DATA],
    ['an inner level', USER_CODE & ~3, USER_DATA, GP, USER_CODE & ~3],
    ['data', USER_DATA, USER_DATA, GP, USER_DATA & ~3],
  ])('refuses %s', (_, cs, ss, vector, error) => {
    frame(0x5000, cs, STACK3, ss);
    m.monitor.far_return(4, 0);
    expect(m.takeException()).toEqual({ vector, error });
    expect(m.get32(L.RSP)).toBe(STACK0 - 16);
    expect(m.get32(L.CPL)).toBe(0);
  });
});

describe('SYSENTER and SYSEXIT', () => {
  beforeEach(() => {
    for (const [index, value] of [
      [0x174, KERNEL_CODE],
      [0x175, 0x8000],
      [0x176, 0x1234],
    ]) {
      m.set32(L.RCX, index);
      m.set32(L.RAX, value);
      m.set32(L.RDX, 0);
      m.monitor.wrmsr();
    }
  });

  it('go to level 0 and back with flat segments', () => {
    p.enterUser();
    m.monitor.sysenter();
    expect(where()).toEqual({ cs: KERNEL_CODE, ip: 0x1234, cpl: 0 });
    expect(m.get32(L.RSP)).toBe(0x8000);
    expect(m.flags & 0x200).toBe(0);
    expect(m.segment(L.SEG_SS)).toMatchObject({ selector: KERNEL_CODE + 8, write: 0xffffffffn });
    m.set32(L.RCX, STACK3);
    m.set32(L.RDX, 0x6000);
    const entries = m.get32(L.N_USER_ENTRIES);
    m.monitor.sysexit(4);
    expect(where()).toEqual({ cs: USER_CODE, ip: 0x6000, cpl: 3 });
    expect(m.get32(L.N_USER_ENTRIES)).toBe(entries + 1);
    m.monitor.mode_update();
    expect(m.get32(L.N_USER_ENTRIES)).toBe(entries + 1);
    expect(m.segment(L.SEG_SS).selector).toBe(USER_DATA);
    expect(m.get32(L.RSP)).toBe(STACK3);
  });

  it('raise #GP without a selector in the MSR, SYSEXIT also outside of level 0', () => {
    p.enterUser();
    m.monitor.sysexit(4);
    expect(m.takeException()).toEqual({ vector: GP, error: 0 });
    m.set32(L.MSR_SYSENTER_CS, 0);
    m.monitor.sysenter();
    expect(m.takeException()).toEqual({ vector: GP, error: 0 });
  });
});
