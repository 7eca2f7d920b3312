import { beforeEach, expect, test } from 'vitest';
import { TestBench } from '../testing/test-bench.ts';
import { Dma } from './dma.ts';

let bench: TestBench;
let dma: Dma;

beforeEach(() => {
  bench = new TestBench();
  dma = new Dma();
  dma.attach(bench.ports);
  dma.reset();
});

test.each([
  ['controller 1', 0x00, 1],
  ['controller 2', 0xc0, 2],
])('%s: address and count go through the byte flip-flop, low byte first', (_, base, step) => {
  const register = (n: number) => base + n * step;
  bench.out(register(12), 0);
  bench.out(register(2), 0x34);
  bench.out(register(2), 0x12);
  bench.out(register(3), 0xff);
  bench.out(register(3), 0x01);
  bench.out(register(12), 0);
  expect([bench.in(register(2)), bench.in(register(2))]).toEqual([0x34, 0x12]);
  expect([bench.in(register(3)), bench.in(register(3))]).toEqual([0xff, 0x01]);
});

test('masks: one, all, none, and all after master clear', () => {
  bench.out(0x0e, 0);
  expect(bench.in(0x0f) & 15).toBe(0);
  bench.out(0x0a, 0x06);
  expect(bench.in(0x0f) & 15).toBe(4);
  bench.out(0x0a, 0x02);
  bench.out(0x0f, 0x09);
  expect(bench.in(0x0f) & 15).toBe(9);
  bench.out(0x0d, 0);
  expect(bench.in(0x0f) & 15).toBe(15);
});

test('software requests show in the status', () => {
  bench.out(0x09, 0x05);
  expect(bench.in(0x08)).toBe(0x20);
});

test('page registers read back', () => {
  for (let port = 0x81; port <= 0x8f; port++) bench.out(port, port + 1);
  expect(bench.in(0x87)).toBe(0x88);
  expect(bench.in(0x8f)).toBe(0x90);
});

test('the saved form carries them all', () => {
  bench.out(0x83, 7);
  bench.out(0x02, 0x34); // half a register
  const copy = new Dma();
  copy.restore(structuredClone(dma.save()));
  const target = new TestBench();
  copy.attach(target.ports);
  target.out(0x02, 0x12);
  target.out(0x0c, 0);
  expect([target.in(0x02), target.in(0x02), target.in(0x83)]).toEqual([0x34, 0x12, 7]);
});
