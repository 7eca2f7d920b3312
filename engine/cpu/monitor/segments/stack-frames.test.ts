import { beforeEach, describe, expect, it } from 'vitest';
import * as L from '../../abi/layout.ts';
import type { TestMachine } from '../testing/machine.ts';
import { DATA, descriptor, FREE, ProtectedMachine, STACK0 } from '../testing/protected-mode.ts';

let p: ProtectedMachine;
let m: TestMachine;
beforeEach(async () => {
  p = await ProtectedMachine.create();
  m = p.machine;
});

describe('PUSHA and POPA', () => {
  beforeEach(() => {
    for (let n = 0; n < 8; n++) if (n !== 4) m.set32(n * 8, 0x1000 + n);
  });

  it('save and restore all but ESP', () => {
    m.monitor.pusha(4);
    expect(p.words(STACK0 - 32, 8)).toEqual([0x1007, 0x1006, 0x1005, STACK0, 0x1003, 0x1002, 0x1001, 0x1000]);
    expect(m.get32(L.RSP)).toBe(STACK0 - 32);
    m.poke32(STACK0 - 32, 0x77);
    m.poke32(STACK0 - 32 + 12, 0x99); // ESP's slot is skipped
    m.monitor.popa(4);
    expect([m.get32(L.RDI), m.get32(L.RSI), m.get32(L.RSP)]).toEqual([0x77, 0x1006, STACK0]);
  });

  it('with operand size 2 keep the upper halves', () => {
    m.set32(L.RAX, 0xaaaa1111);
    m.monitor.pusha(2);
    expect(m.peek16(STACK0 - 2)).toBe(0x1111);
    m.poke16(STACK0 - 2, 0x2222);
    m.monitor.popa(2);
    expect(m.get32(L.RAX)).toBe(0xaaaa2222);
  });

  it('change nothing if a part does not fit', () => {
    p.define(FREE, descriptor(0, 0xfff, DATA, false));
    m.monitor.seg_load(L.SEG_SS, FREE);
    m.set32(L.RSP, 0x1010);
    m.monitor.pusha(4);
    expect(m.takeException()).toEqual({ vector: 12, error: 0 });
    m.set32(L.RSP, 0xff0);
    m.monitor.popa(4);
    expect(m.takeException()).toEqual({ vector: 12, error: 0 });
    expect([m.get32(L.RAX), m.get32(L.RSP)]).toEqual([0x1000, 0xff0]);
  });
});

describe('ENTER', () => {
  it('of level 0 makes a frame with locals', () => {
    m.set32(L.RBP, 0x1234);
    m.monitor.enter(4, 0x20, 0);
    expect(m.peek32(STACK0 - 4)).toBe(0x1234);
    expect([m.get32(L.RBP), m.get32(L.RSP)]).toEqual([STACK0 - 4, STACK0 - 0x24]);
  });

  it('of level 3 copies the outer frame pointers', () => {
    m.set32(L.RBP, 0x6000);
    m.poke32(0x6000 - 4, 0xaaa);
    m.poke32(0x6000 - 8, 0xbbb);
    m.monitor.enter(4, 8, 3);
    expect(p.words(STACK0 - 16, 4)).toEqual([STACK0 - 4, 0xbbb, 0xaaa, 0x6000]);
    expect([m.get32(L.RBP), m.get32(L.RSP)]).toEqual([STACK0 - 4, STACK0 - 24]);
  });

  it('raises #SS if the locals do not fit, before anything changes', () => {
    p.define(FREE, descriptor(0, 0xffff, DATA));
    m.monitor.seg_load(L.SEG_SS, FREE);
    m.set32(L.RSP, 0x100);
    m.set32(L.RBP, 0x200);
    m.monitor.enter(4, 0x200, 0);
    expect(m.takeException()).toEqual({ vector: 12, error: 0 });
    expect([m.get32(L.RBP), m.get32(L.RSP)]).toEqual([0x200, 0x100]);
  });
});

describe('BOUND', () => {
  it.each([
    [-5, undefined],
    [10, undefined],
    [-6, 5],
    [11, 5],
  ])('index %i', (index, vector) => {
    m.poke32(0x7000, -5 >>> 0);
    m.poke32(0x7004, 10);
    m.monitor.bound(index, 0x7000, 4);
    expect(m.takeException()?.vector).toBe(vector);
    m.poke16(0x7000, -5 & 0xffff);
    m.poke16(0x7002, 10);
    m.monitor.bound(index & 0xffff, 0x7000, 2);
    expect(m.takeException()?.vector).toBe(vector);
  });
});
