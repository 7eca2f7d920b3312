import { beforeEach, describe, expect, it } from 'vitest';
import * as L from '../../abi/layout.ts';
import type { TestMachine } from '../testing/machine.ts';
import {
  CODE,
  CODE_CONFORMING,
  CODE_EXECUTE_ONLY,
  DATA,
  DATA_EXPAND_DOWN,
  DATA_READ_ONLY,
  DPL3,
  descriptor,
  FREE,
  GDT,
  KERNEL_DATA,
  LDT,
  LDT_TYPE,
  NOT_PRESENT,
  ProtectedMachine,
  TASK,
  TSS16,
  TSS32,
  USER_DATA,
} from '../testing/protected-mode.ts';

const GP = 13;
const NP = 11;
const SS = 12;

let p: ProtectedMachine;
let m: TestMachine;
beforeEach(async () => {
  p = await ProtectedMachine.create();
  m = p.machine;
});

function load(n: number, selector: number) {
  m.monitor.seg_load(n, selector);
  return m.takeException();
}

describe('loading data segments', () => {
  it('takes base, limit and rights and sets the accessed bit', () => {
    p.define(FREE, descriptor(0x12345678, 0x1234, DATA & ~1));
    expect(load(L.SEG_ES, FREE)).toBeUndefined();
    expect(m.segment(L.SEG_ES)).toEqual({
      selector: FREE,
      base: 0x12345678,
      limit: 0x1234,
      attr: 0x4000 | DATA,
      read: 0x1234n,
      write: 0x1234n,
    });
    expect(m.peek8(GDT + FREE + 5)).toBe(DATA);
  });

  it('accepts null and then refuses every access', () => {
    expect(load(L.SEG_FS, 3)).toBeUndefined();
    expect(m.segment(L.SEG_FS)).toMatchObject({ selector: 3, read: -1n, write: -1n });
    m.monitor.seg_check(L.SEG_FS, 0, 1, 0);
    expect(m.takeException()).toEqual({ vector: GP, error: 0 });
  });

  it.each([
    ['beyond the table', 0x100, undefined, GP],
    ['execute-only code', FREE, CODE_EXECUTE_ONLY, GP],
    ['a system descriptor', FREE, TSS32, GP],
    ['not present', FREE, DATA ^ NOT_PRESENT, NP],
  ])('refuses %s and keeps the old segment', (_, selector, access, vector) => {
    if (access !== undefined) p.define(selector, descriptor(0, 0xfff, access));
    expect(load(L.SEG_DS, selector)).toEqual({ vector, error: selector });
    expect(m.segment(L.SEG_DS).selector).toBe(KERNEL_DATA);
  });

  it('asks for DPL ≥ RPL and CPL, but not of conforming code', () => {
    expect(load(L.SEG_DS, KERNEL_DATA | 1)).toEqual({ vector: GP, error: KERNEL_DATA });
    p.define(FREE, descriptor(0, 0xfff, CODE_CONFORMING));
    p.enterUser();
    expect(load(L.SEG_DS, FREE | 3)).toBeUndefined();
    expect(load(L.SEG_DS, KERNEL_DATA)).toEqual({ vector: GP, error: KERNEL_DATA });
    expect(load(L.SEG_DS, USER_DATA)).toBeUndefined();
  });

  it('makes read-only data and readable code readable only', () => {
    p.define(FREE, descriptor(0, 0xfff, DATA_READ_ONLY));
    load(L.SEG_DS, FREE);
    expect(m.segment(L.SEG_DS)).toMatchObject({ read: 0xfffn, write: -1n });
    p.define(FREE, descriptor(0, 0xfff, CODE));
    load(L.SEG_DS, FREE);
    expect(m.segment(L.SEG_DS)).toMatchObject({ read: 0xfffn, write: -1n });
    m.monitor.seg_check(L.SEG_DS, 0, 4, 1);
    expect(m.takeException()).toEqual({ vector: GP, error: 0 });
  });

  it('judges expand-down segments by their upper part', () => {
    p.define(FREE, descriptor(0, 0xfff, DATA_EXPAND_DOWN, false));
    load(L.SEG_DS, FREE);
    expect(m.segment(L.SEG_DS)).toMatchObject({ read: -1n, write: -1n });
    const check = (offset: number, size: number) => {
      m.monitor.seg_check(L.SEG_DS, offset, size, 1);
      return m.takeException()?.vector;
    };
    expect(check(0xfff, 1)).toBe(GP);
    expect(check(0x1000, 4)).toBeUndefined();
    expect(check(0xfffc, 4)).toBeUndefined();
    expect(check(0xfffd, 4)).toBe(GP);
  });

  it('reads the LDT', () => {
    p.define(FREE, descriptor(LDT, 0xf, LDT_TYPE));
    m.monitor.lldt(FREE);
    m.poke64(LDT + 8, descriptor(0x7000, 0xff, DATA));
    expect(load(L.SEG_GS, 0x0c)).toBeUndefined();
    expect(m.segment(L.SEG_GS).base).toBe(0x7000);
    expect(load(L.SEG_GS, 0x14)).toEqual({ vector: GP, error: 0x14 });
    m.monitor.lldt(0);
    expect(load(L.SEG_GS, 0x0c)).toEqual({ vector: GP, error: 0x0c });
  });
});

describe('loading SS', () => {
  it.each([
    ['null', 0, undefined, GP, 0],
    ['RPL other than CPL', KERNEL_DATA | 1, undefined, GP, KERNEL_DATA],
    ['DPL other than CPL', FREE, DATA | DPL3, GP, FREE],
    ['read-only data', FREE, DATA_READ_ONLY, GP, FREE],
    ['code', FREE, CODE, GP, FREE],
    ['not present', FREE, DATA ^ NOT_PRESENT, SS, FREE],
  ])('refuses %s', (_, selector, access, vector, error) => {
    if (access !== undefined) p.define(selector, descriptor(0, 0xfff, access));
    expect(load(L.SEG_SS, selector)).toEqual({ vector, error });
  });

  it('holds interrupts and debug exceptions back for one instruction and follows the B bit', () => {
    p.define(FREE, descriptor(0, 0xffff, DATA, false));
    expect(m.get32(L.MODE) & L.MODE_SS32).toBe(L.MODE_SS32);
    m.set32(L.SHADOW, 0);
    expect(load(L.SEG_SS, FREE)).toBeUndefined();
    expect(m.get32(L.SHADOW)).toBe(L.SHADOW_ALL);
    expect(m.get32(L.MODE) & L.MODE_SS32).toBe(0);
  });

  it('raises #SS for accesses beyond its limit', () => {
    p.define(FREE, descriptor(0, 0xfff, DATA));
    load(L.SEG_SS, FREE);
    m.monitor.seg_check(L.SEG_SS, 0xffe, 4, 1);
    expect(m.takeException()).toEqual({ vector: SS, error: 0 });
  });
});

describe('back in real mode', () => {
  it('segments keep their limits, CS becomes writable, null ones become ordinary', () => {
    load(L.SEG_ES, 0);
    m.monitor.cr_write(0, 0);
    m.monitor.far_jump(0x100, 0, 2, 0);
    expect(m.segment(L.SEG_CS)).toMatchObject({ base: 0x1000, write: 0xffffffffn });
    expect(load(L.SEG_DS, 0x200)).toBeUndefined();
    expect(m.segment(L.SEG_DS)).toMatchObject({ selector: 0x200, base: 0x2000, read: 0xffffffffn });
    expect(load(L.SEG_ES, 0x300)).toBeUndefined();
    expect(m.segment(L.SEG_ES)).toMatchObject({ base: 0x3000, limit: 0xffff, write: 0xffffn });
    expect(m.get32(L.MODE) & L.MODE_REAL).toBe(L.MODE_REAL);
  });
});

describe('MODE', () => {
  it('is flat only while CS DS ES SS are, and tells generated code to leave when that changes', () => {
    expect(m.get32(L.MODE)).toBe(L.MODE_CS32 | L.MODE_SS32 | L.MODE_FLAT);
    m.set32(L.LEAVE, 0);
    load(L.SEG_DS, KERNEL_DATA);
    load(L.SEG_FS, 0);
    expect(m.get32(L.LEAVE)).toBe(0);
    p.define(FREE, descriptor(0x1000, 0xffffffff, DATA));
    load(L.SEG_ES, FREE);
    expect(m.get32(L.MODE)).toBe(L.MODE_CS32 | L.MODE_SS32);
    expect(m.get32(L.LEAVE)).toBe(1);
  });

  it('follows the level and its TLB', () => {
    expect(m.get32(L.TLB_CURRENT)).toBe(L.TLB_SUPERVISOR);
    p.enterUser();
    expect(m.get32(L.MODE) & L.MODE_USER).toBe(L.MODE_USER);
    expect(m.get32(L.TLB_CURRENT)).toBe(L.TLB_USER);
  });
});

describe('LTR and LLDT', () => {
  it('LTR takes an available TSS and marks it busy', () => {
    expect(m.segment(L.SEG_TR)).toMatchObject({ selector: TASK, attr: 0x4000 | TSS32 | 2 });
    expect(m.peek8(GDT + TASK + 5)).toBe(TSS32 | 2);
    m.monitor.ltr(TASK);
    expect(m.takeException()).toEqual({ vector: GP, error: TASK });
    p.define(FREE, descriptor(0x3000, 0x2b, TSS16));
    m.monitor.ltr(FREE);
    expect(m.takeException()).toBeUndefined();
  });

  it.each([
    ['ltr', 0, 0, GP, 0],
    ['ltr', FREE, TSS32 ^ NOT_PRESENT, NP, FREE],
    ['ltr', FREE, DATA, GP, FREE],
    ['ltr', FREE | 4, TSS32, GP, FREE | 4],
    ['lldt', FREE, LDT_TYPE ^ NOT_PRESENT, NP, FREE],
    ['lldt', FREE, TSS32, GP, FREE],
  ])('%s of %i refuses access %i', (name, selector, access, vector, error) => {
    p.define(FREE, descriptor(0, 0x67, access));
    m.monitor[name](selector);
    expect(m.takeException()).toEqual({ vector, error });
  });

  it('are privileged', () => {
    p.enterUser();
    for (const name of ['ltr', 'lldt']) {
      m.monitor[name](TASK);
      expect(m.takeException()).toEqual({ vector: GP, error: 0 });
    }
  });
});
