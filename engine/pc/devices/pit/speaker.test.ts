// The PC speaker: counter 2 behind bits 0 and 1 of port 61h (IBM PC AT Technical Reference, "Speaker").

import { beforeEach, expect, test } from 'vitest';
import type { SpeakerChange } from '../../bus/board.ts';
import { recordedLine, TestBench } from '../testing/test-bench.ts';
import { Pit } from './pit.ts';
import { PIT_HZ } from './ticks.ts';

let bench: TestBench;
let changes: SpeakerChange[];
let pit: Pit;

beforeEach(() => {
  bench = new TestBench();
  changes = [];
  pit = build(bench);
});

function build(on: TestBench): Pit {
  const made = new Pit({ clock: on.clock, irq: recordedLine(), speaker: (change) => changes.push(change) });
  made.attach(on.ports);
  return made;
}

function tone(count: number): void {
  bench.out(0x43, 0xb6);
  bench.out(0x42, count & 0xff);
  bench.out(0x42, count >> 8);
}

test('a beep, as a BIOS makes it', () => {
  bench.advance(5e6);
  tone(1193);
  bench.out(0x61, 0x03);
  bench.advance(200e6);
  bench.out(0x61, 0x00);
  expect(changes).toEqual([
    { at: 5e6, hz: PIT_HZ / 1193, level: 0 },
    { at: 205e6, hz: 0, level: 0 },
  ]);
});

test('another count while it sounds is another tone', () => {
  tone(1000);
  bench.out(0x61, 0x03);
  bench.out(0x42, 0xd0);
  bench.out(0x42, 0x07);
  expect(changes.map(({ hz }) => Math.round(hz))).toEqual([1193, 597]);
});

test('without its gate or its output there is no tone', () => {
  tone(1000);
  bench.out(0x61, 0x01);
  expect(changes).toEqual([]);
  bench.out(0x61, 0x02);
  bench.out(0x61, 0x00);
  expect(changes.map(({ hz, level }) => [hz, level])).toEqual([
    [0, 1],
    [0, 0],
  ]);
});

test('a program that moves the cone itself is heard by levels', () => {
  bench.out(0x43, 0xb6);
  for (let n = 0; n < 4; n++) {
    bench.advance(1e6);
    bench.out(0x61, n & 1 ? 0x00 : 0x02);
  }
  expect(changes).toEqual([
    { at: 1e6, hz: 0, level: 1 },
    { at: 2e6, hz: 0, level: 0 },
    { at: 3e6, hz: 0, level: 1 },
    { at: 4e6, hz: 0, level: 0 },
  ]);
});

test('what nobody hears is silence', () => {
  tone(20);
  bench.out(0x61, 0x03);
  expect(changes).toEqual([]);
});

test('it goes on where the machine does, and ends with a reset', () => {
  tone(2000);
  bench.out(0x61, 0x03);
  const state = structuredClone(pit.save());
  changes = [];
  bench = new TestBench();
  pit = build(bench);
  pit.restore(state);
  pit.reset();
  expect(changes.map(({ hz }) => Math.round(hz))).toEqual([597, 0]);
});
