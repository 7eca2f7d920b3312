import { beforeEach, describe, expect, test } from 'vitest';
import type { PointerInput } from '../../bus/input.ts';
import { TestBench } from '../testing/test-bench.ts';
import { Ps2Mouse } from './mouse.ts';

const MS = 1e6;
let bench: TestBench;
let mouse: Ps2Mouse;

beforeEach(() => {
  bench = new TestBench();
  mouse = new Ps2Mouse({ clock: bench.clock, ready: () => {}, activityChanged: () => {} });
});

function sent(): number[] {
  const bytes: number[] = [];
  while (mouse.hasByte) bytes.push(mouse.take());
  return bytes;
}

function told(...bytes: number[]): number[] {
  return bytes.flatMap((byte) => {
    mouse.write(byte);
    return sent();
  });
}

function move(input: Partial<PointerInput>): void {
  mouse.move({ dx: 0, dy: 0, wheel: 0, horizontalWheel: 0, buttons: 0, ...input });
}

/** All reports until nothing comes any more, at the sample rate. */
function reports(size = 3): number[][] {
  const all: number[][] = [];
  for (let quiet = 0; quiet < 3; quiet++) {
    bench.advance(10 * MS);
    const bytes = sent();
    if (bytes.length > 0) quiet = -1;
    for (let n = 0; n < bytes.length; n += size) all.push(bytes.slice(n, n + size));
  }
  return all;
}

test('large motion goes in several reports, and the signs are right', () => {
  told(0xf4);
  move({ dx: -600, dy: 300 });
  const all = reports();
  const total = all.reduce(
    ([x, y], [first, dx, dy]) => {
      return [x + dx - (first & 0x10 ? 256 : 0), y + dy - (first & 0x20 ? 256 : 0)];
    },
    [0, 0],
  );
  expect(total).toEqual([-600, -300]);
  expect(all.length).toBe(3);
});

test('motion that nobody reads is gathered up to a limit, and the overflow is reported', () => {
  told(0xf4);
  for (let n = 0; n < 1000; n++) move({ dx: 100 });
  const [first] = reports();
  expect(first[0] & 0x40).toBe(0x40);
});

test('reports come at the sample rate', () => {
  told(0xf3, 20, 0xf4);
  move({ dx: 1 });
  expect(sent()).toHaveLength(3);
  move({ dx: 1 });
  move({ dx: 1 });
  bench.advance(49 * MS);
  expect(sent()).toEqual([]);
  bench.advance(2 * MS);
  expect(sent()).toEqual([0x08, 2, 0]);
});

test('clicks that come faster than reports are all reported', () => {
  told(0xf4);
  for (let n = 0; n < 5; n++) {
    move({ dx: 1, buttons: 1 });
    move({ buttons: 0 });
  }
  expect(reports().map(([first]) => first & 7)).toEqual([1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
});

test('of clicks that nobody reads as many wait as there is room for, and no button stays held', () => {
  told(0xf4);
  for (let n = 0; n < 200; n++) {
    move({ dx: 1, buttons: 1 });
    move({ dx: 1, buttons: 0 });
  }
  const seen = reports();
  expect(seen.length).toBeGreaterThanOrEqual(32);
  expect(seen.at(-1)![0] & 7).toBe(0);
  expect(seen.reduce((sum, [, dx]) => sum + dx, 0)).toBe(400);
});

test('2:1 scaling by the table, in stream mode only', () => {
  told(0xe7, 0xf4);
  const seen = [1, 2, 3, 4, 5, 6, 7].map((dx) => {
    move({ dx });
    return reports()[0][1];
  });
  expect(seen).toEqual([1, 1, 3, 6, 9, 12, 14]);
  told(0xf0);
  move({ dx: 4 });
  expect(told(0xeb)).toEqual([0xfa, 0x08, 4, 0]);
});

test('invalid commands and data are answered by a request to repeat them', () => {
  expect(told(0xe1)).toEqual([0xfe]);
  expect(told(0xe8, 4)).toEqual([0xfa, 0xfe]);
  expect(told(0xf3, 0)).toEqual([0xfa, 0xfe]);
  expect(told(0xe9)).toEqual([0xfa, 0x00, 2, 100]);
});

test('the status shows buttons, mode and scaling', () => {
  told(0xf4);
  move({ buttons: 5 });
  sent();
  expect(told(0xe7, 0xe9).slice(1)).toEqual([0xfa, 0x36, 2, 100]);
});

describe('an Explorer', () => {
  const explorer = () => told(0xf3, 200, 0xf3, 200, 0xf3, 80);

  test('reports the horizontal wheel only to a driver that knows it', () => {
    explorer();
    told(0xf4);
    move({ horizontalWheel: 1 });
    expect(reports(4)).toEqual([[0x08, 0, 0, 0]]);
    told(0xf3, 200, 0xf3, 80, 0xf3, 40);
    move({ horizontalWheel: 1 });
    expect(reports(4)).toEqual([[0x08, 0, 0, 0x7f]]);
  });

  test('loses no button beside the horizontal wheel', () => {
    explorer();
    told(0xf3, 200, 0xf3, 80, 0xf3, 40, 0xf4);
    move({ horizontalWheel: -1, buttons: 8 });
    expect(reports(4)).toEqual([
      [0x08, 0, 0, 0x41],
      [0x08, 0, 0, 0x10],
    ]);
  });

  test('splits large turns of the wheel', () => {
    explorer();
    told(0xf4);
    move({ wheel: -10 });
    expect(reports(4).map((report) => report[3])).toEqual([0x09, 0x0d]);
  });
});

test('reports when it is to notify, once', () => {
  told(0xf4);
  mouse.notify();
  mouse.notify();
  expect(reports()).toEqual([[0x08, 0, 0]]);
});

test('the saved form carries what is not reported', () => {
  told(0xf3, 200, 0xf3, 100, 0xf3, 80, 0xf4);
  move({ dx: 300, wheel: 2, buttons: 1 });
  mouse.take();
  const state = structuredClone(mouse.save());
  const first = sent();
  const copy = new Ps2Mouse({ clock: bench.clock, ready: () => {}, activityChanged: () => {} });
  copy.restore(state);
  expect(copy.save()).toEqual(state);
  mouse = copy;
  expect(sent()).toEqual(first);
  expect(reports(4)).toEqual([[0x09, 45, 0, 0]]);
  expect(copy.active).toBe(true);
});
