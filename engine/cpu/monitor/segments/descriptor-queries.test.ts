import { beforeEach, expect, it } from 'vitest';
import * as L from '../../abi/layout.ts';
import { TestMachine } from '../testing/machine.ts';
import {
  CALL_GATE32,
  CODE,
  CODE_CONFORMING,
  CODE_EXECUTE_ONLY,
  DATA,
  DATA_READ_ONLY,
  descriptor,
  FREE,
  gate,
  INTERRUPT_GATE32,
  KERNEL_CODE,
  KERNEL_DATA,
  ProtectedMachine,
  USER_DATA,
} from '../testing/protected-mode.ts';

const ZF = 0x40;
const CF = 1;

let p: ProtectedMachine;
let m: TestMachine;
beforeEach(async () => {
  p = await ProtectedMachine.create();
  m = p.machine;
});

const zero = () => (m.flags & ZF) !== 0;

it('LAR gives the rights of visible descriptors and keeps the other flags', () => {
  m.monitor.popf(CF, 4);
  expect(m.monitor.lar(KERNEL_DATA)).toBe(0x00c09300);
  expect(m.flags & (ZF | CF)).toBe(ZF | CF);
  p.define(FREE, gate(KERNEL_CODE, 0x1000, CALL_GATE32));
  expect(m.monitor.lar(FREE)).toBe(CALL_GATE32 << 8);
  p.define(FREE, gate(KERNEL_CODE, 0x1000, INTERRUPT_GATE32));
  m.monitor.lar(FREE);
  expect(zero()).toBe(false);
  m.monitor.lar(0);
  expect(zero()).toBe(false);
});

it('LSL gives limits in bytes, of segments but not of gates', () => {
  expect(m.monitor.lsl(KERNEL_DATA) >>> 0).toBe(0xffffffff);
  expect(zero()).toBe(true);
  p.define(FREE, descriptor(0, 0x1234, DATA));
  expect(m.monitor.lsl(FREE)).toBe(0x1234);
  p.define(FREE, gate(KERNEL_CODE, 0x1000, CALL_GATE32));
  m.monitor.lsl(FREE);
  expect(zero()).toBe(false);
});

it('hides more privileged descriptors, except conforming code', () => {
  p.define(FREE, descriptor(0, 0xfff, CODE_CONFORMING));
  p.enterUser();
  m.monitor.lar(KERNEL_DATA);
  expect(zero()).toBe(false);
  m.monitor.lar(USER_DATA);
  expect(zero()).toBe(true);
  m.monitor.verr(FREE);
  expect(zero()).toBe(true);
});

it.each([
  [DATA, true, true],
  [DATA_READ_ONLY, true, false],
  [CODE, true, false],
  [CODE_EXECUTE_ONLY, false, false],
])('VERR and VERW of access %i', (access, readable, writable) => {
  p.define(FREE, descriptor(0, 0xfff, access));
  m.monitor.verr(FREE);
  expect(zero()).toBe(readable);
  m.monitor.verw(FREE);
  expect(zero()).toBe(writable);
});

it('ARPL tells whether the RPL must be raised', () => {
  m.monitor.arpl(0x10, 0x23);
  expect(zero()).toBe(true);
  m.monitor.arpl(0x13, 0x22);
  expect(zero()).toBe(false);
});

it('does not exist in real mode', async () => {
  m = await TestMachine.create();
  m.monitor.verr(8);
  expect(m.takeException()).toEqual({ vector: 6, error: undefined });
  expect(m.get32(L.CPL)).toBe(0);
});
