import { expect, it } from 'vitest';
import { StraddlingCode } from './straddling-code.ts';

const MODE = 3;

it('holds what was added last, so many', () => {
  const code = new StraddlingCode();
  for (let physical = 0; physical <= 1024; physical++) code.add({ physical, mode: MODE }, 0);
  expect([0, 1, 1024].map((physical) => code.has(physical))).toEqual([false, true, true]);
  code.clear();
  expect(code.has(1024)).toBe(false);
});

it('gives up what was added ten seconds ago', () => {
  const code = new StraddlingCode();
  code.add({ physical: 0x1000, mode: MODE }, 0);
  code.add({ physical: 0x2000, mode: MODE }, 5000);
  expect(code.takeOld(9999)).toEqual([]);
  expect(code.takeOld(10_000)).toEqual([{ physical: 0x1000, mode: MODE }]);
  expect([0x1000, 0x2000].map((physical) => code.has(physical))).toEqual([false, true]);
});
