import { expect, test } from 'vitest';
import { TimerCoalescing } from './timer-coalescing.ts';

const TICK = 3700;
const WAKE_OF_A_PROCESS = 12_000;

test('a guest that has just started is not idle, one that only ticks becomes it within a second', () => {
  const coalescing = new TimerCoalescing(0);
  expect(coalescing.idle(0)).toBe(false);
  for (let now = 4; now <= 1000; now += 4) coalescing.ran(now, TICK);
  expect(coalescing.idle(1000)).toBe(true);
});

test('the kernel’s housekeeping, a few times a second, does not keep it from being idle', () => {
  const coalescing = new TimerCoalescing(0);
  for (let now = 4; now <= 5000; now += 4) coalescing.ran(now, now % 200 === 0 ? WAKE_OF_A_PROCESS : TICK);
  expect(coalescing.idle(5000)).toBe(true);
});

test('a process that wakes every 20 ms gets its timers on time, also if they were late before', () => {
  const coalescing = new TimerCoalescing(0);
  for (let now = 20; now <= 5000; now += 20) coalescing.ran(now, WAKE_OF_A_PROCESS);
  expect(coalescing.idle(5000)).toBe(false);

  const late = new TimerCoalescing(-10_000);
  expect(late.idle(0)).toBe(true);
  for (let now = 36; now <= 2000; now += 36) late.ran(now, WAKE_OF_A_PROCESS);
  expect(late.idle(2000)).toBe(false);
});

test('work and whatever wakes it from outside end the idleness at once, for most of a second', () => {
  const coalescing = new TimerCoalescing(-10_000);
  coalescing.ran(0, 5e6);
  expect(coalescing.idle(500)).toBe(false);
  expect(coalescing.idle(1000)).toBe(true);
  coalescing.disturbed(2000);
  expect(coalescing.idle(2500)).toBe(false);
  expect(coalescing.idle(3000)).toBe(true);
});

test('however long it worked, it is idle a second later', () => {
  const coalescing = new TimerCoalescing(0);
  for (let now = 0; now < 10_000; now++) coalescing.ran(now, 1e6);
  expect(coalescing.idle(11_000)).toBe(true);
});
