import { expect, it } from 'vitest';
import * as L from './layout.ts';

// The run state and the counters. No constant of layout.ts but their offsets lies in between.
const FIRST = 0x600;
const LAST = 0x7ff;

it('no two fields of the CPU block have the same place', () => {
  const fields = Object.entries(L).filter(([, value]) => value >= FIRST && value <= LAST);
  expect(fields.length).toBeGreaterThan(50);
  const twice = fields.filter(([name, value]) => fields.some(([other, place]) => place === value && other !== name));
  expect(twice).toEqual([]);
});
