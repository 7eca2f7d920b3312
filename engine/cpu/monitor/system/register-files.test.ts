// Which port accesses stay in WebAssembly, and what they do there.

import { beforeEach, expect, it } from 'vitest';
import * as L from '../../abi/layout.ts';
import { TestMachine } from '../testing/machine.ts';

const PORT = 0x3ce;
const COUNT = 9;

let m: TestMachine;
beforeEach(async () => {
  m = await TestMachine.create();
  m.set32(L.PLANAR_GRAPHICS + L.REGISTERS_PORT, PORT);
  m.set32(L.PLANAR_GRAPHICS + L.REGISTERS_COUNT, COUNT);
  m.set32(L.PLANAR_GRAPHICS + L.REGISTERS_INDEX_BITS, 0x0f);
  for (let n = 0; n < COUNT; n++) m.setByte(L.PLANAR_GRAPHICS + L.REGISTERS_BITS + n, 0x7f);
  m.setByte(L.PLANAR_GRAPHICS + L.REGISTERS_LOUD + 5, 0x60);
});

const value = (n: number): number =>
  (m.get32(L.PLANAR_GRAPHICS + L.REGISTERS_VALUES + (n & ~3)) >>> (8 * (n & 3))) & 0xff;
const index = (): number => m.get32(L.PLANAR_GRAPHICS + L.REGISTERS_INDEX);
const calls = () => [...m.takeCalls('port_write')];

it('writes index and data, one by one and both at once, with the bits that there are', () => {
  m.monitor.port_out(PORT, 1, 0xf8);
  m.monitor.port_out(PORT + 1, 1, 0xff);
  expect([index(), value(8)]).toEqual([8, 0x7f]);
  m.monitor.port_out(PORT, 2, 0x3403);
  expect([index(), value(3)]).toEqual([3, 0x34]);
  expect([m.monitor.port_in(PORT, 1), m.monitor.port_in(PORT + 1, 1)]).toEqual([3, 0x34]);
  expect(m.calls).toEqual([]);
});

it('leaves to the device what changes a loud bit, and nothing else', () => {
  m.monitor.port_out(PORT, 2, 0x0305);
  m.monitor.port_out(PORT, 2, 0x4305);
  expect([calls(), index(), value(5)]).toEqual([[[PORT, 2, 0x4305]], 5, 3]);
  m.monitor.port_out(PORT, 1, 5);
  m.monitor.port_out(PORT + 1, 1, 0x20);
  expect([calls(), value(5)]).toEqual([[[PORT + 1, 1, 0x20]], 3]);
  m.monitor.port_out(PORT, 2, 0x0105);
  expect([calls(), value(5)]).toEqual([[], 1]);
});

it('has no registers at or beyond the count, which the device reads', () => {
  m.monitor.port_out(PORT, 2, 0x7f00 | COUNT);
  expect([m.calls, index()]).toEqual([[], COUNT]);
  m.answer = 0x5a;
  expect(m.monitor.port_in(PORT + 1, 1)).toBe(0x5a);
});

it('leaves every other access to the device', () => {
  m.monitor.port_out(PORT, 4, 0);
  m.monitor.port_out(PORT + 1, 2, 0);
  m.monitor.port_out(PORT - 1, 1, 0);
  m.monitor.port_out(PORT + 2, 1, 0);
  m.monitor.port_out(0, 1, 0);
  m.monitor.port_out(1, 1, 0);
  expect(calls().map(([port]) => port)).toEqual([PORT, PORT + 1, PORT - 1, PORT + 2, 0, 1]);
  m.monitor.port_in(PORT, 2);
  expect(m.takeCalls('port_read')).toEqual([[PORT, 2]]);
});

it('is quick for code that may access every port, and does nothing else', () => {
  expect(m.monitor.port_out_quick(PORT, 2, 0x1208)).toBe(1);
  expect(m.monitor.port_out_quick(0x80, 1, 0)).toBe(0);
  m.set32(L.CPL, 3);
  expect(m.monitor.port_out_quick(PORT, 2, 0x1308)).toBe(0);
  expect([value(8), m.get32(L.FAULT), m.calls]).toEqual([0x12, 0, []]);
});
