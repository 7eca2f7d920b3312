import { beforeEach, describe, expect, test } from 'vitest';
import { PM1_EVENT_PORT } from '../pci/acpi-registers.ts';
import { portWindow } from '../pci/bar-window.ts';
import { type RecordedLine, recordedLine, TestBench } from '../testing/test-bench.ts';
import { AcpiPm, PM_BLOCK_SIZE, PM_TIMER_HZ } from './acpi-pm.ts';

let bench: TestBench;
let sci: RecordedLine;
let offs: number;
let pm: AcpiPm;

beforeEach(() => {
  bench = new TestBench();
  sci = recordedLine();
  offs = 0;
  pm = new AcpiPm({ clock: bench.clock, irq: sci, powerOff: () => offs++ });
  portWindow(bench.ports, PM_BLOCK_SIZE, pm)(PM1_EVENT_PORT);
  pm.reset();
});

/** ns until the timer's bit 23 changes. */
const HALF = (2 ** 23 * 1e9) / PM_TIMER_HZ;

test('the timer counts at 3.579545 MHz in 24 bits', () => {
  bench.advance(1e9);
  expect(bench.in(0x608, 4)).toBe(PM_TIMER_HZ);
  expect(bench.in(0x608, 2)).toBe(PM_TIMER_HZ & 0xffff);
  expect(bench.in(0x60a)).toBe(PM_TIMER_HZ >> 16);
  bench.advance(2 * HALF - 1e9 + 1000);
  expect(bench.in(0x608, 4)).toBeLessThan(10);
});

describe('timer carry', () => {
  test('sets TMR_STS, which a one clears; it comes with every change of bit 23', () => {
    bench.advance(HALF - 1000);
    expect(bench.in(0x600, 2)).toBe(0);
    bench.advance(2000);
    expect(bench.in(0x600, 2)).toBe(1);
    bench.out(0x600, 0, 2);
    expect(bench.in(0x600, 2)).toBe(1);
    bench.out(0x600, 1, 2);
    expect(bench.in(0x600, 2)).toBe(0);
    bench.advance(HALF);
    expect(bench.in(0x600, 2)).toBe(1);
  });

  test('interrupts when enabled, until it is cleared', () => {
    bench.out(0x602, 1, 2);
    expect(bench.in(0x602, 2)).toBe(1);
    bench.advance(HALF + 1000);
    expect(sci.level).toBe(true);
    bench.out(0x600, 1, 2);
    expect(sci.level).toBe(false);
    bench.advance(HALF);
    expect(sci.rises).toBe(2);
  });

  test('needs no timer while nobody listens', () => {
    expect(bench.clock.nextDeadline()).toBeUndefined();
  });
});

describe('power off', () => {
  test('S5 with SLP_EN, by word or by byte', () => {
    bench.out(0x604, 0x0001, 2);
    expect(offs).toBe(0);
    bench.out(0x604, 0x2001, 2);
    expect(offs).toBe(1);
    bench.out(0x605, 0x20);
    expect(offs).toBe(2);
  });

  test('other sleep types do nothing, and SCI_EN is always on', () => {
    bench.out(0x604, 0x2400, 2);
    expect(offs).toBe(0);
    expect(bench.in(0x604, 2)).toBe(0x0401);
  });
});

describe('the power button', () => {
  test('sets PWRBTN_STS, which interrupts once it is enabled, until it is cleared', () => {
    pm.press();
    expect([bench.in(0x600, 2), sci.level]).toEqual([0x100, false]);
    bench.out(0x602, 0x100, 2);
    expect(sci.level).toBe(true);
    bench.out(0x600, 0x100, 2);
    expect([bench.in(0x600, 2), sci.level]).toEqual([0, false]);
    pm.press();
    expect(sci.rises).toBe(2);
    pm.reset();
    expect([bench.in(0x600, 2), sci.level]).toEqual([0, false]);
  });
});

test('the saved form carries enables, status and the timer', () => {
  bench.out(0x602, 1, 2);
  bench.advance(HALF / 2);
  const target = new TestBench();
  const line = recordedLine();
  const copy = new AcpiPm({ clock: target.clock, irq: line, powerOff: () => {} });
  portWindow(target.ports, PM_BLOCK_SIZE, copy)(PM1_EVENT_PORT);
  target.clock.restore(bench.clock.save());
  target.clock.resume();
  copy.restore(structuredClone(pm.save()));
  expect(target.in(0x608, 4)).toBe(bench.in(0x608, 4));
  target.advance(HALF / 2 + 1000);
  expect(line.level).toBe(true);
});
