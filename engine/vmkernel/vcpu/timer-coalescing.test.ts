import { expect, test } from 'vitest';
import { TimerCoalescing } from './timer-coalescing.ts';

const TICK = { instructions: 3700, userEntries: 0 };
const HOUSEKEEPING = { instructions: 18_000, userEntries: 0 };
const PROCESS = { instructions: 9000, userEntries: 1 };
const BOOT = { instructions: 2_000_000, userEntries: 0 };

/** A guest that does something every so many ms from 0 until `end`, and ticks between. */
function after(end: number, stretch: typeof TICK, every: number): TimerCoalescing {
  const coalescing = new TimerCoalescing(0);
  for (let now = 4; now <= end; now += 4) coalescing.ran(now, now % every === 0 ? stretch : TICK);
  return coalescing;
}

test('a guest that has just started is not idle, one that only ticks becomes it after two seconds', () => {
  expect(after(1900, TICK, 4).idle(1900)).toBe(false);
  expect(after(2000, TICK, 4).idle(2000)).toBe(true);
});

test('the kernel’s housekeeping does not keep it from being idle', () => {
  expect(after(5000, HOUSEKEEPING, 100).idle(5000)).toBe(true);
});

test('a process that wakes once a second does, and so does a kernel at work', () => {
  expect(after(5999, PROCESS, 1000).idle(5999)).toBe(false);
  expect(after(5999, BOOT, 1000).idle(5999)).toBe(false);
});

test('what comes from outside ends the idleness', () => {
  const coalescing = after(5000, TICK, 4);
  coalescing.disturbed(5000);
  expect(coalescing.idle(6900)).toBe(false);
  expect(coalescing.idle(7000)).toBe(true);
});
