import { expect, test } from 'vitest';
import { A20Gate } from '../../machine/a20.ts';
import { TestBench } from '../testing/test-bench.ts';
import { Port92 } from './port92.ts';

function build() {
  const bench = new TestBench();
  const levels: boolean[] = [];
  const a20 = new A20Gate((enabled) => levels.push(enabled));
  const count = { resets: 0 };
  const device = new Port92(a20, () => count.resets++);
  device.attach(bench.ports);
  device.reset();
  return { bench, a20, levels, count, device };
}

test('bit 1 is A20, whoever switched it', () => {
  const { bench, a20, levels } = build();
  expect(bench.in(0x92)).toBe(0x02);
  bench.out(0x92, 0x00);
  expect(a20.enabled).toBe(false);
  bench.out(0x92, 0x00);
  expect(levels).toEqual([false]);
  a20.set(true);
  expect(bench.in(0x92)).toBe(0x02);
});

test('a reset comes with the rise of bit 0 only', () => {
  const { bench, count } = build();
  bench.out(0x92, 0x03);
  bench.out(0x92, 0x03);
  expect(count.resets).toBe(1);
  bench.out(0x92, 0x02);
  bench.out(0x92, 0x03);
  expect(count.resets).toBe(2);
});

test('the saved form carries the remembered bits', () => {
  const { bench, device } = build();
  bench.out(0x92, 0xc2);
  const copy = build();
  copy.device.restore(structuredClone(device.save()));
  expect(copy.bench.in(0x92)).toBe(0xc2);
});
