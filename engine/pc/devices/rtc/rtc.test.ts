import { beforeEach, describe, expect, test } from 'vitest';
import { type RecordedLine, recordedLine, TestBench } from '../testing/test-bench.ts';
import { Rtc } from './rtc.ts';

const START = Date.UTC(2026, 10, 22, 13, 59, 58, 250); // a Sunday
let bench: TestBench;
let irq: RecordedLine;
let rtc: Rtc;

beforeEach(() => {
  bench = new TestBench();
  irq = recordedLine();
  rtc = build(bench, irq);
});

function build(on: TestBench, line: RecordedLine, memoryMiB = 128): Rtc {
  const wallClock = () => START + on.clock.now() / 1e6;
  const device = new Rtc({ clock: on.clock, irq: line, wallClock, memoryMiB });
  device.attach(on.ports);
  device.reset();
  return device;
}

function read(index: number): number {
  bench.out(0x70, index);
  return bench.in(0x71);
}

function write(index: number, value: number): void {
  bench.out(0x70, index);
  bench.out(0x71, value);
}

const time = () => [0x32, 9, 8, 7, 6, 4, 2, 0].map(read);
const ms = (n: number) => bench.advance(n * 1e6);

describe('time of day', () => {
  test('is the wall clock, BCD and 24 hours', () => {
    expect(time()).toEqual([0x20, 0x26, 0x11, 0x22, 1, 0x13, 0x59, 0x58]);
    ms(1750);
    expect(time()).toEqual([0x20, 0x26, 0x11, 0x22, 1, 0x14, 0x00, 0x00]);
  });

  test('binary, and 12 hours with the PM bit', () => {
    write(0x0b, 0x06);
    expect(time()).toEqual([20, 26, 11, 22, 1, 13, 59, 58]);
    write(0x0b, 0x00);
    expect(read(4)).toBe(0x81);
  });

  test('can be set, and then runs on', () => {
    write(0x0b, 0x82);
    for (const [register, value] of [
      [0x32, 0x19],
      [9, 0x99],
      [8, 0x12],
      [7, 0x31],
      [4, 0x23],
      [2, 0x59],
      [0, 0x59],
    ]) {
      write(register, value);
    }
    ms(5000);
    expect(read(0)).toBe(0x59); // stopped while SET
    write(0x0b, 0x02);
    ms(1100);
    expect(time()).toEqual([0x20, 0x00, 0x01, 0x01, 7, 0x00, 0x00, 0x00]);
  });

  test('update in progress shows in the last two milliseconds of a second', () => {
    expect(read(0x0a)).toBe(0x26);
    ms(749);
    expect(read(0x0a)).toBe(0xa6);
    ms(2);
    expect(read(0x0a)).toBe(0x26);
  });
});

describe('interrupts', () => {
  test('none are raised and no timer runs until one is enabled', () => {
    ms(3000);
    expect(irq.rises).toBe(0);
    expect(bench.clock.nextDeadline()).toBeUndefined();
    expect(read(0x0c) & 0x90).toBe(0x10); // the update flag is there, no interrupt
  });

  test('update-ended comes once a second, acknowledged by reading register C', () => {
    write(0x0b, 0x12);
    read(0x0c);
    ms(749);
    expect(irq.level).toBe(false);
    ms(2);
    expect(irq.level).toBe(true);
    expect(read(0x0c) & 0xb0).toBe(0x90);
    expect(irq.level).toBe(false);
    expect(read(0x0c) & 0xb0).toBe(0);
    for (let i = 0; i < 5; i++) {
      ms(1000);
      read(0x0c);
    }
    expect(irq.rises).toBe(6);
  });

  test('an alarm comes at its time; C0h and above match anything', () => {
    write(1, 0x30);
    write(3, 0x00);
    write(5, 0x14);
    write(0x0b, 0x22);
    ms(31_000);
    expect(irq.rises).toBe(0);
    ms(1000);
    expect(irq.rises).toBe(1);
    expect(read(0x0c) & 0xa0).toBe(0xa0);
    write(3, 0xff);
    write(5, 0xff);
    for (let i = 0; i < 3; i++) {
      ms(60_000);
      read(0x0c);
    }
    expect(irq.rises).toBe(4);
  });

  test('the periodic wave has the chosen rate', () => {
    write(0x0a, 0x26); // 1024 Hz
    write(0x0b, 0x42);
    let interrupts = 0;
    for (let i = 0; i < 2000; i++) {
      bench.advance(1e9 / 2000);
      if (irq.level) interrupts++;
      read(0x0c);
    }
    expect(interrupts).toBeGreaterThanOrEqual(1022);
    expect(interrupts).toBeLessThanOrEqual(1025);
    write(0x0a, 0x20); // off
    irq.rises = 0;
    ms(1000);
    expect(irq.rises).toBe(0);
  });

  test('a reset withdraws them', () => {
    write(0x0b, 0x12);
    ms(2000);
    rtc.reset();
    expect(irq.level).toBe(false);
    ms(2000);
    expect(irq.level).toBe(false);
  });
});

describe('real time', () => {
  let stopped = 0;
  /** A VM that stands still while the wall goes on, and the other way round. */
  function separate(): void {
    bench = new TestBench();
    irq = recordedLine();
    stopped = 0;
    const wallClock = () => START + stopped + bench.clock.now() / 1e6;
    rtc = new Rtc({ clock: bench.clock, irq, wallClock, memoryMiB: 128 });
    rtc.attach(bench.ports);
    rtc.reset();
  }

  test('goes on while the VM stands still; what the guest set stays set', () => {
    separate();
    write(4, 0x14); // an hour later
    stopped = 600_000;
    expect(time()).toEqual([0x20, 0x26, 0x11, 0x22, 1, 0x15, 0x09, 0x58]);
  });

  test('an alarm whose time came while the VM stood still rings when it goes on', () => {
    separate();
    write(1, 0x30);
    write(3, 0x05);
    write(5, 0x14);
    write(0x0b, 0x22);
    ms(1000);
    stopped = 600_000;
    rtc.resumed();
    expect(irq.rises).toBe(1);
    expect(read(0x0c) & 0xa0).toBe(0xa0);
  });

  test('an alarm follows when the host’s clock is set, and the updates do not pause', () => {
    separate();
    write(1, 0x30);
    write(3, 0x05);
    write(5, 0x14);
    write(0x0b, 0x22);
    stopped = 600_000;
    ms(10_000);
    expect(irq.rises).toBe(1);
    write(0x0b, 0x12);
    read(0x0c);
    ms(1000);
    read(0x0c);
    irq.rises = 0;
    stopped -= 3_600_000;
    for (let n = 0; n < 5; n++) {
      ms(1000);
      read(0x0c);
    }
    expect(irq.rises).toBe(5);
  });
});

describe('CMOS', () => {
  test('tells memory sizes as a BIOS does', () => {
    const word = (index: number) => read(index) | (read(index + 1) << 8);
    expect(word(0x15)).toBe(640);
    expect(word(0x17)).toBe(0xffff);
    expect(word(0x34)).toBe((128 - 16) * 16);
    bench = new TestBench();
    build(bench, recordedLine(), 8);
    expect(word(0x17)).toBe(7 * 1024);
    expect(word(0x30)).toBe(7 * 1024);
    expect(word(0x34)).toBe(0);
  });

  test('has a valid checksum, keeps what is written, and D says the battery is good', () => {
    let sum = 0;
    for (let index = 0x10; index < 0x2e; index++) sum += read(index);
    expect((read(0x2e) << 8) | read(0x2f)).toBe(sum);
    write(0x40, 0x5a);
    rtc.reset();
    expect(read(0x40)).toBe(0x5a);
    write(0x0d, 0);
    expect(read(0x0d)).toBe(0x80);
  });
});

test('the saved form carries the set time, registers and pending interrupts', () => {
  write(0x0b, 0x82);
  write(9, 0x30);
  write(0x0b, 0x12);
  bench.advance(100e6);
  const state = structuredClone(rtc.save());
  const source = bench;
  bench = new TestBench();
  const line = recordedLine();
  const copy = build(bench, line);
  bench.clock.restore(source.clock.save());
  bench.clock.resume();
  copy.restore(state);
  expect(copy.save()).toEqual(state);
  expect([9, 0x0b, 0x15].map(read)).toEqual([0x30, 0x12, 0x80]);
  ms(1000);
  expect(line.rises).toBe(1);
});
