import { expect, test } from 'vitest';
import { recordedLine, TestBench } from '../testing/test-bench.ts';
import { FpuError } from './fpu-error.ts';

function build() {
  const bench = new TestBench();
  const line = recordedLine();
  const x87 = {
    error: true,
    ignored: 0,
    ignoreErrors() {
      this.ignored++;
    },
  };
  const device = new FpuError(x87, line);
  device.attach(bench.ports);
  device.reset();
  return { bench, line, x87, device };
}

test('FERR# raises the interrupt once, and a write of F0h takes it back and asserts IGNNE#', () => {
  const { bench, line, x87, device } = build();
  device.asserted();
  device.asserted();
  expect([line.level, line.rises]).toEqual([true, 1]);
  bench.out(0xf0, 0);
  expect([line.level, x87.ignored]).toEqual([false, 1]);
  device.asserted();
  expect(line.rises).toBe(2);
});

test('with the error gone a write takes back the interrupt alone', () => {
  const { bench, line, x87, device } = build();
  device.asserted();
  x87.error = false;
  bench.out(0xf0, 0);
  expect([line.level, x87.ignored]).toEqual([false, 0]);
});

test('F1h, which reset an 80287, does nothing', () => {
  const { bench, line, x87, device } = build();
  device.asserted();
  bench.out(0xf1, 0);
  expect([line.level, x87.ignored]).toEqual([true, 0]);
});

test('a reset takes the interrupt back', () => {
  const { line, device } = build();
  device.asserted();
  device.reset();
  expect(line.level).toBe(false);
});

test('the saved form carries the request', () => {
  const { device } = build();
  device.asserted();
  const copy = build();
  copy.device.restore(structuredClone(device.save()));
  expect(copy.device.save()).toEqual({ version: 1, requested: true });
});
