import { expect, test } from 'vitest';
import { MmioBus } from '../bus/mmio-bus.ts';
import { DebugExit } from './debug-exit/debug-exit.ts';
import { Debugcon } from './debugcon/debugcon.ts';
import { ParallelPort } from './parallel/parallel.ts';
import { PcTestdev } from './pc-testdev/pc-testdev.ts';
import { PostPort } from './post/post.ts';
import { recordedLine, TestBench } from './testing/test-bench.ts';

test('the debug console prints bytes and tells that it is there', () => {
  const bench = new TestBench();
  const printed: number[] = [];
  new Debugcon((byte) => printed.push(byte)).attach(bench.ports, 0xe9);
  bench.out(0xe9, 0x48);
  bench.out(0xe9, 0x69);
  expect(printed).toEqual([0x48, 0x69]);
  expect(bench.in(0xe9)).toBe(0xe9);
});

test('debug exit passes the value in the size it was written', () => {
  const bench = new TestBench();
  const values: number[] = [];
  new DebugExit((value) => values.push(value)).attach(bench.ports, 0xf4, 4);
  bench.out(0xf4, 0x10);
  bench.out(0xf4, 0x12345678, 4);
  expect(values).toEqual([0x10, 0x12345678]);
  expect(bench.in(0xf4, 4)).toBe(0);
});

test('the POST port keeps its code, through save and restore, until reset', () => {
  const bench = new TestBench();
  const post = new PostPort();
  post.attach(bench.ports);
  bench.out(0x80, 0x55);
  const state = structuredClone(post.save());
  post.reset();
  expect(bench.in(0x80)).toBe(0);
  post.restore(state);
  expect(bench.in(0x80)).toBe(0x55);
});

test('the parallel port prints what is in its data register when STROBE rises', () => {
  const bench = new TestBench();
  const printed: number[] = [];
  const device = new ParallelPort((byte) => printed.push(byte), 'parallel');
  device.attach(bench.ports, 0x378);
  bench.out(0x378, 0x48);
  bench.out(0x37a, 0x0d);
  bench.out(0x37a, 0x0d);
  bench.out(0x37a, 0x0c);
  bench.out(0x378, 0x69);
  bench.out(0x37a, 0x0d);
  expect(printed).toEqual([0x48, 0x69]);
  expect(bench.in(0x379) & 0x98).toBe(0x98);
  expect([bench.in(0x378), bench.in(0x37a)]).toEqual([0x69, 0xcd]);
  device.restore(structuredClone(device.save()));
  expect(bench.in(0x378)).toBe(0x69);
});

test('the test device has a latch, interrupt lines and memory, and is saved', () => {
  const bench = new TestBench();
  const mmio = new MmioBus();
  const lines = Array.from({ length: 16 }, () => recordedLine());
  const device = new PcTestdev((irq) => lines[irq]);
  device.attach(bench.ports, mmio);
  bench.out(0xe0, 0x12345678, 4);
  bench.out(0xe1, 0xff);
  expect([bench.in(0xe0, 4), bench.in(0xe2, 2)]).toEqual([0x1234ff78, 0x1234]);
  bench.out(0x2005, 1);
  expect(lines[5].level).toBe(true);
  bench.out(0x2005, 0);
  expect(lines[5].level).toBe(false);
  mmio.write(0xff00fffc, 4, 0x89abcdef);
  expect(mmio.read(0xff00fffd, 1)).toBe(0xcd);
  const saved = structuredClone(device.save());
  device.reset();
  expect([bench.in(0xe0, 4), mmio.read(0xff00fffc, 4)]).toEqual([0, 0]);
  device.restore(saved);
  expect([bench.in(0xe0, 4), mmio.read(0xff00fffc, 4)]).toEqual([0x1234ff78, 0x89abcdef]);
});
