import { expect, it } from 'vitest';
import { EvictedCode } from './evicted-code.ts';
import { HOT, LONGEST_HEAT } from './record-arena.ts';

const REMEMBERED = 8192;

it('code has to run twice as often each time, up to a limit', () => {
  const evicted = new EvictedCode(() => 0);
  expect([1, 2, 3].map(() => evicted.heatOf(5))).toEqual([HOT, 2 * HOT, 4 * HOT]);
  expect(evicted.heatOf(6)).toBe(HOT);
  for (let n = 0; n < 20; n++) evicted.heatOf(5);
  expect(evicted.heatOf(5)).toBe(LONGEST_HEAT);
});

it('an eviction is forgotten after a while', () => {
  let now = 0;
  const evicted = new EvictedCode(() => now);
  evicted.heatOf(5);
  now += 29_000;
  expect(evicted.heatOf(5)).toBe(2 * HOT);
  now += 31_000;
  expect(evicted.heatOf(5)).toBe(HOT);
});

it('so many are remembered, the last ones', () => {
  const evicted = new EvictedCode(() => 0);
  for (let key = 0; key < REMEMBERED; key++) evicted.heatOf(key);
  evicted.heatOf(0);
  evicted.heatOf(REMEMBERED);
  expect(evicted.heatOf(0)).toBe(4 * HOT);
  expect(evicted.heatOf(1)).toBe(HOT);
});
