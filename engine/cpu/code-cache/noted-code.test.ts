import { expect, it } from 'vitest';
import { NotedCode } from './noted-code.ts';

const MODE = 3;

it('holds what was added last, so many', () => {
  const code = new NotedCode();
  for (let physical = 0; physical <= 1024; physical++) code.add({ physical, mode: MODE }, 'straddles', 0);
  expect([0, 1, 1024].map((physical) => code.has(physical, 'straddles'))).toEqual([false, true, true]);
  code.clear();
  expect(code.has(1024, 'straddles')).toBe(false);
});

it('tells remarks apart', () => {
  const code = new NotedCode();
  code.add({ physical: 0x1000, mode: MODE }, 'rare', 0);
  expect([code.has(0x1000, 'rare'), code.has(0x1000, 'straddles')]).toEqual([true, false]);
});

it('gives up what was added ten seconds ago', () => {
  const code = new NotedCode();
  code.add({ physical: 0x1000, mode: MODE }, 'straddles', 0);
  code.add({ physical: 0x2000, mode: MODE }, 'straddles', 5000);
  expect(code.takeOld(9999)).toEqual([]);
  expect(code.takeOld(10_000)).toEqual([{ physical: 0x1000, mode: MODE }]);
  expect([0x1000, 0x2000].map((physical) => code.has(physical, 'straddles'))).toEqual([false, true]);
});
