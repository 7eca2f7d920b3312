import { beforeEach, describe, expect, it } from 'vitest';
import * as K from '../../abi/flag-kinds.ts';
import * as L from '../../abi/layout.ts';
import { TestMachine } from '../testing/machine.ts';
import { ProtectedMachine } from '../testing/protected-mode.ts';

const CF = 1;
const PF = 4;
const AF = 0x10;
const ZF = 0x40;
const SF = 0x80;
const TF = 0x100;
const IF = 0x200;
const DF = 0x400;
const OF = 0x800;
const IOPL = 0x3000;
const NT = 0x4000;
const VM = 0x20000;
const AC = 0x40000;
const ID = 0x200000;
const ARITHMETIC = CF | PF | AF | ZF | SF | OF;

let m: TestMachine;
beforeEach(async () => {
  m = await TestMachine.create();
});

/** The flags by their definitions (Intel SDM vol. 1 §3.4.3.1), in unbounded arithmetic. */
function expected(kind: number, bits: number, a: number, b: number, carry: number): { flags: number; r: number } {
  const subtracts = kind === K.KIND_SUB || kind === K.KIND_SBB || kind === K.KIND_DEC;
  const mask = 2 ** bits - 1;
  const signed = (x: number) => (x > mask / 2 ? x - mask - 1 : x);
  const sign = subtracts ? -1 : 1;
  const counts = kind === K.KIND_INC || kind === K.KIND_DEC;
  const operand = counts ? 1 : b;
  const extra = kind === K.KIND_ADC || kind === K.KIND_SBB ? carry : 0;
  const exact = a + sign * (operand + extra);
  const r = ((exact % (mask + 1)) + mask + 1) % (mask + 1);
  const exactSigned = signed(a) + sign * (signed(operand) + extra);
  const nibble = (a & 15) + sign * ((operand & 15) + extra);
  let flags = 0;
  if (counts ? carry : exact < 0 || exact > mask) flags |= CF;
  if (exactSigned !== signed(r)) flags |= OF;
  if (nibble < 0 || nibble > 15) flags |= AF;
  if (r === 0) flags |= ZF;
  if (signed(r) < 0) flags |= SF;
  if ([...(r & 255).toString(2)].filter((digit) => digit === '1').length % 2 === 0) flags |= PF;
  return { flags, r: signed(r) };
}

describe('lazy flags', () => {
  const operations = [K.KIND_ADD, K.KIND_SUB, K.KIND_ADC, K.KIND_SBB, K.KIND_INC, K.KIND_DEC];
  for (const size of [0, 1, 2]) {
    const bits = 8 << size;
    const values = [0, 1, 0xf, 0x10, 0x7f, 0x80, 0xff, 2 ** (bits - 1) - 1, 2 ** (bits - 1), 2 ** bits - 1];
    it(`become canonical for ${bits} bits as defined`, () => {
      for (const operation of operations) {
        for (const a of values) {
          for (const b of values) {
            for (const carry of [0, 1]) {
              const { flags, r } = expected(operation, bits, a % 2 ** bits, b % 2 ** bits, carry);
              const counts = operation === K.KIND_INC || operation === K.KIND_DEC;
              m.set32(L.F_KIND, operation | (size << K.KIND_SIZE_SHIFT));
              m.set32(L.F_A, a % 2 ** bits);
              m.set32(L.F_B, counts ? carry * L.AUX_CF : b % 2 ** bits);
              m.set32(L.F_R, r);
              m.monitor.flags_canonical();
              expect(m.get32(L.F_KIND)).toBe(0);
              expect([operation, bits, a, b, carry, m.flags & ARITHMETIC]).toEqual([
                operation,
                bits,
                a,
                b,
                carry,
                flags,
              ]);
            }
          }
        }
      }
    });
  }

  it('of logic operations clear CF, OF and AF', () => {
    expect(m.monitor.flags_aux(K.KIND_LOGIC | (2 << K.KIND_SIZE_SHIFT), 0xff, 0xff, 0x80000000)).toBe(0);
  });

  it('survive a round trip through EFLAGS in every combination', () => {
    for (let n = 0; n < 64; n++) {
      const flags = [CF, PF, AF, ZF, SF, OF].filter((_, i) => n & (1 << i)).reduce((all, bit) => all | bit, 0);
      m.monitor.popf(flags, 4);
      expect(m.flags).toBe(flags | 2);
    }
  });
});

describe('POPF, CLI, STI', () => {
  const ALL = 0x3f7fd5;

  it('at CPL 0 changes all but VM, VIF, VIP and RF', () => {
    m.monitor.popf(ALL, 4);
    expect(m.flags).toBe((ARITHMETIC | TF | IF | DF | IOPL | NT | AC | ID | 2) >>> 0);
  });

  it('with operand size 2 keeps the upper half', () => {
    m.monitor.popf(AC | ID, 4);
    m.monitor.popf(0xffff, 2);
    expect(m.flags & 0xffff0000).toBe(AC | ID);
    m.monitor.popf(0, 2);
    expect(m.flags).toBe(AC | ID | 2);
  });

  it('at CPL 3 keeps IOPL, and IF unless IOPL is 3', async () => {
    const p = await ProtectedMachine.create();
    m = p.machine;
    p.enterUser();
    m.monitor.popf(IOPL | DF, 4);
    expect(m.flags).toBe(IF | DF | 2);
    m.monitor.cli();
    expect(m.takeException()).toEqual({ vector: 13, error: 0 });
    m.monitor.sti();
    expect(m.takeException()).toEqual({ vector: 13, error: 0 });
  });

  it('at CPL 3 with IOPL 3 may change IF', async () => {
    const p = await ProtectedMachine.create();
    m = p.machine;
    p.enterUser(0x5000, IOPL | 2);
    m.monitor.sti();
    expect(m.flags & IF).toBe(IF);
    m.monitor.popf(0, 4);
    expect(m.flags).toBe(IOPL | 2);
  });

  it('in virtual-8086 mode needs IOPL 3', () => {
    m.flags = VM;
    m.monitor.popf(0, 2);
    expect(m.takeException()).toEqual({ vector: 13, error: 0 });
    m.monitor.pushf(2);
    expect(m.takeException()).toEqual({ vector: 13, error: 0 });
    m.flags = VM | IOPL;
    m.monitor.pushf(2);
    m.monitor.popf(CF, 2);
    expect(m.takeException()).toBeUndefined();
    expect(m.flags & (CF | VM | IOPL)).toBe(CF | VM | (m.get32(L.CPL) === 0 ? 0 : IOPL));
  });

  it('STI holds interrupts back for one instruction, only if they were off', () => {
    m.monitor.sti();
    expect(m.get32(L.SHADOW)).toBe(1);
    m.set32(L.SHADOW, 0);
    m.monitor.sti();
    expect(m.get32(L.SHADOW)).toBe(0);
    m.monitor.cli();
    expect(m.flags & IF).toBe(0);
  });

  it.each([
    ['STI', () => m.monitor.sti()],
    ['POPF', () => m.monitor.popf(IF, 4)],
  ])('%s makes running code look around only if the doorbell has rung', (_, enable) => {
    m.set32(L.LEAVE, 0);
    enable();
    expect(m.get32(L.LEAVE)).toBe(0);
    m.monitor.cli();
    m.set32(L.DOORBELL, L.DOORBELL_INTR);
    enable();
    expect(m.get32(L.LEAVE)).toBe(1);
  });
});
