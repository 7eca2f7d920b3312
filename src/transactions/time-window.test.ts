import { expect, it } from 'vitest';
import { timeWindow } from './time-window.ts';

it('shows what there is, up to the time chosen', () => {
  expect(timeWindow({ first: 1000, latest: 1005, running: [] }, 120)).toEqual([975, 1005]);
  expect(timeWindow({ first: 1000, latest: 1060, running: [] }, 120)).toEqual([1000, 1060]);
  expect(timeWindow({ first: 1000, latest: 1500, running: [] }, 120)).toEqual([1380, 1500]);
});

it('goes on while a migration keeps the client silent', () => {
  expect(timeWindow({ first: 1000, latest: 1500, running: [1499, 1502] }, 120)).toEqual([1382, 1502]);
});
