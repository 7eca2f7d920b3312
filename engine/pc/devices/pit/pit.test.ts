import { beforeEach, describe, expect, test } from 'vitest';
import { type RecordedLine, recordedLine, TestBench } from '../testing/test-bench.ts';
import { Pit } from './pit.ts';
import { PIT_HZ, ticksAt, timeOf } from './ticks.ts';

let bench: TestBench;
let irq: RecordedLine;
let pit: Pit;

beforeEach(() => {
  bench = new TestBench();
  irq = recordedLine();
  pit = new Pit({ clock: bench.clock, irq });
  pit.attach(bench.ports);
  pit.reset();
});

/** Programs a counter, low then high byte. */
function program(channel: number, mode: number, count: number, bcd = 0): void {
  bench.out(0x43, (channel << 6) | 0x30 | (mode << 1) | bcd);
  bench.out(0x40 + channel, count & 0xff);
  bench.out(0x40 + channel, count >> 8);
}

function count(channel: number): number {
  bench.out(0x43, channel << 6);
  return bench.in(0x40 + channel) | (bench.in(0x40 + channel) << 8);
}

function status(channel: number): number {
  bench.out(0x43, 0xe0 | (2 << channel));
  return bench.in(0x40 + channel);
}

/** Advances to just after the tick `n` from here. */
function ticks(n: number): void {
  bench.advance(timeOf(ticksAt(bench.clock.now()) + n) - bench.clock.now());
}

const output = (channel: number) => (status(channel) & 0x80) !== 0;

test('ticks and times agree for a year', () => {
  for (let tick = 1; tick < 4e13; tick = tick * 3 + 1) {
    expect(ticksAt(timeOf(tick))).toBe(tick);
    expect(ticksAt(timeOf(tick) - 100)).toBe(tick - 1);
  }
});

describe('counting', () => {
  test('mode 0 goes low, rises at the end and counts on', () => {
    program(1, 0, 100);
    expect(output(1)).toBe(false);
    ticks(1 + 40);
    expect(count(1)).toBe(60);
    ticks(59);
    expect(output(1)).toBe(false);
    ticks(1);
    expect(output(1)).toBe(true);
    ticks(3);
    expect(count(1)).toBe(0xfffd);
  });

  test('mode 2 is low for the last tick of each period', () => {
    program(1, 2, 10);
    const seen: boolean[] = [];
    ticks(1);
    for (let i = 0; i < 20; i++, ticks(1)) seen.push(output(1));
    const period = [true, true, true, true, true, true, true, true, true, false];
    expect(seen).toEqual([...period, ...period]);
  });

  test.each([
    [10, '1111100000'],
    [7, '1111000'],
  ])('mode 3 with %i is a square wave counting by two', (n, wave) => {
    program(1, 3, n);
    ticks(1);
    let seen = '';
    for (let i = 0; i < n; i++, ticks(1)) {
      expect(count(1) & 1).toBe(0);
      seen += output(1) ? '1' : '0';
    }
    expect(seen).toBe(wave);
  });

  test('mode 4 strobes low for one tick after the count', () => {
    program(1, 4, 5);
    ticks(1 + 4);
    expect(output(1)).toBe(true);
    ticks(1);
    expect(output(1)).toBe(false);
    ticks(1);
    expect(output(1)).toBe(true);
  });

  test('a new count in mode 2 waits for the end of the period', () => {
    program(1, 2, 100);
    ticks(1 + 30);
    bench.out(0x41, 20);
    bench.out(0x41, 0);
    expect(count(1)).toBe(70);
    ticks(69);
    expect(count(1)).toBe(1);
    ticks(1);
    expect(count(1)).toBe(20);
    ticks(5);
    expect(count(1)).toBe(15);
  });

  test('BCD counts in decimal, and 0 is 10000', () => {
    program(1, 0, 0x1000, 1);
    ticks(1 + 1);
    expect(count(1)).toBe(0x0999);
    program(1, 2, 0, 1);
    ticks(1 + 1);
    expect(count(1)).toBe(0x9999);
  });

  test('0 is 65536 in binary', () => {
    program(1, 2, 0);
    ticks(1 + 1);
    expect(count(1)).toBe(0xffff);
  });
});

describe('reading', () => {
  test('a latched count stays until it is read whole', () => {
    program(1, 2, 1000);
    ticks(1 + 100);
    bench.out(0x43, 0x40);
    ticks(50);
    bench.out(0x43, 0x40); // a second latch is ignored
    expect(bench.in(0x41) | (bench.in(0x41) << 8)).toBe(900);
    expect(bench.in(0x41) | (bench.in(0x41) << 8)).toBe(850);
  });

  test('read-back latches status before count, for several counters at once', () => {
    program(1, 2, 1000);
    program(2, 3, 500);
    ticks(1 + 10);
    bench.out(0x43, 0xcc); // counters 1 and 2, status and count
    expect(bench.in(0x41)).toBe(0xb4); // OUT high, access 3, mode 2
    expect(bench.in(0x41) | (bench.in(0x41) << 8)).toBe(990);
    expect(bench.in(0x42) & 0x3f).toBe(0x36);
  });

  test('the null-count flag tells that a count has not been loaded yet', () => {
    bench.out(0x43, 0x74);
    expect(status(1) & 0x40).toBe(0x40);
    bench.out(0x41, 10);
    bench.out(0x41, 0);
    ticks(1);
    expect(status(1) & 0x40).toBe(0);
  });

  test('low-byte and high-byte access', () => {
    bench.out(0x43, 0x54); // counter 1, low only, mode 2
    bench.out(0x41, 200);
    ticks(1 + 10);
    expect(bench.in(0x41)).toBe(190);
    bench.out(0x43, 0x64); // high only
    bench.out(0x41, 0x20);
    ticks(1 + 0x100);
    expect(bench.in(0x41)).toBe(0x1f);
  });
});

describe('counter 2 and port 61h', () => {
  test('the gate starts and stops mode 0', () => {
    program(2, 0, 100);
    ticks(50);
    expect(count(2)).toBe(100);
    bench.out(0x61, 1);
    ticks(60);
    expect(bench.in(0x61) & 0x20).toBe(0);
    bench.out(0x61, 0);
    const held = count(2);
    ticks(500);
    expect(count(2)).toBe(held);
    bench.out(0x61, 1);
    ticks(60);
    expect(bench.in(0x61) & 0x20).toBe(0x20);
  });

  test('a rising gate triggers modes 1 and 5, again and again', () => {
    program(2, 1, 10);
    expect(output(2)).toBe(true);
    bench.out(0x61, 1);
    ticks(1 + 9);
    expect(output(2)).toBe(false);
    bench.out(0x61, 0);
    bench.out(0x61, 1);
    ticks(1 + 9);
    expect(output(2)).toBe(false);
    ticks(1);
    expect(output(2)).toBe(true);

    bench.out(0x61, 0);
    program(2, 5, 10);
    bench.out(0x61, 1);
    ticks(1 + 10);
    expect(output(2)).toBe(false);
    ticks(1);
    expect(output(2)).toBe(true);
  });

  test('a rising gate restarts mode 2, which stands high while the gate is low', () => {
    bench.out(0x61, 1);
    program(2, 2, 10);
    ticks(1 + 5);
    bench.out(0x61, 0);
    expect(bench.in(0x61) & 0x20).toBe(0x20);
    ticks(100);
    bench.out(0x61, 1);
    ticks(1 + 9);
    expect(bench.in(0x61) & 0x20).toBe(0);
  });

  test('bits 0 to 3 read back and the refresh bit toggles', () => {
    bench.out(0x61, 0xfe);
    expect(bench.in(0x61) & 0x0f).toBe(0x0e);
    const first = bench.in(0x61) & 0x10;
    bench.advance(15_100);
    expect(bench.in(0x61) & 0x10).not.toBe(first);
  });
});

describe('timer interrupt', () => {
  const PERIOD = (1e9 * 11932) / PIT_HZ;

  /** Programming raises OUT in most modes, which is an edge already, as on the chip; count from there. */
  function start(mode: number, n: number): void {
    program(0, mode, n);
    irq.rises = 0;
  }

  test('comes once a period, without drift', () => {
    start(2, 11932); // 100 Hz
    bench.advance(1e9 + PERIOD / 2);
    expect(irq.rises).toBe(100);
    bench.advance(9e9);
    expect(irq.rises).toBe(1000);
  });

  test('mode 3 interrupts once a period too', () => {
    start(3, 11932);
    bench.advance(1e9 + PERIOD / 2);
    expect(irq.rises).toBe(100);
  });

  test.each([0, 4])('one-shot mode %i interrupts once for each count written', (mode) => {
    start(mode, 1000);
    bench.advance(1e9);
    expect(irq.rises).toBe(1);
    bench.out(0x40, 0xe8);
    bench.out(0x40, 0x03);
    bench.advance((1e9 * 900) / PIT_HZ);
    expect(irq.rises).toBe(1);
    bench.advance((1e9 * 200) / PIT_HZ);
    expect(irq.rises).toBe(2);
  });

  test('a control word without a count stops it', () => {
    start(2, 11932);
    bench.advance(5 * PERIOD);
    bench.out(0x43, 0x30);
    expect(irq.level).toBe(false);
    const { rises } = irq;
    bench.advance(1e9);
    expect(irq.rises).toBe(rises);
  });

  test('late ticks are made up at twice the rate, none lost', () => {
    start(2, 11932);
    bench.advance(10.5 * PERIOD);
    bench.stall(20 * PERIOD);
    expect(irq.rises).toBe(10);
    bench.advance(5 * PERIOD); // 2 per period: 20 owed, 5 new
    expect(irq.rises).toBeGreaterThanOrEqual(19);
    expect(irq.rises).toBeLessThanOrEqual(22);
    bench.advance(30 * PERIOD);
    expect(irq.rises).toBe(65);
  });

  test('a stop of seconds costs a guest that counts ticks no time', () => {
    start(2, 11932); // 100 Hz
    bench.stall(4500e6);
    bench.advance(10e9);
    expect(irq.rises).toBeGreaterThanOrEqual(1448);
    expect(irq.rises).toBeLessThanOrEqual(1452);
  });

  test('a longer stop owes no ticks: guest time stood still', () => {
    start(2, 11932);
    bench.stall(3600e9);
    bench.advance(10e9);
    expect(irq.rises).toBeGreaterThanOrEqual(998);
    expect(irq.rises).toBeLessThanOrEqual(1002);
  });
});

test('a single shot may be late while the guest is idle, a tick of a series may not', () => {
  const idleDelay = () => bench.clock.nextIdleDeadline()! - bench.clock.nextDeadline()!;
  program(0, 0, 4773); // 4 ms: how Linux asks for each tick when it has a better clock
  expect(idleDelay()).toBe(200e6);
  program(0, 2, 11932); // 10 ms: how a kernel asks for ticks that it counts
  expect(idleDelay()).toBe(0);
});

test('a restored timer goes on where it was', () => {
  program(0, 2, 11932);
  program(2, 3, 1234);
  const period = (1e9 * 11932) / PIT_HZ;
  bench.advance(3.25 * period);
  const state = structuredClone(pit.save());
  const target = new TestBench();
  const line = recordedLine();
  const copy = new Pit({ clock: target.clock, irq: line });
  copy.attach(target.ports);
  target.clock.restore(bench.clock.save());
  target.clock.resume();
  copy.restore(state);
  expect(copy.save()).toEqual(state);
  target.advance(0.7 * period);
  expect(line.rises).toBe(0);
  target.advance(0.1 * period);
  expect(line.rises).toBe(1);
  target.advance(10 * period);
  expect(line.rises).toBe(11);
});
