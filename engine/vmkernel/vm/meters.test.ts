import { describe, expect, it } from 'vitest';
import { Pace } from '../vcpu/pace.ts';
import { CpuMeter, SpeedMeter, Stopwatch } from './meters.ts';

describe('CpuMeter', () => {
  it('tells the share of the last second', () => {
    const meter = new CpuMeter();
    expect(meter.share).toBe(0);
    for (let at = 0; at <= 3000; at += 500) meter.sample(at, at < 1000 ? 0 : (at - 1000) / 2);
    expect(meter.share).toBeCloseTo(0.5);
    meter.sample(3500, 1000);
    meter.sample(4000, 1000);
    expect(meter.share).toBe(0);
  });

  it('never shows more than a core, nor less than none', () => {
    const meter = new CpuMeter();
    meter.sample(0, 0);
    meter.sample(500, 700);
    expect(meter.share).toBe(1);
    meter.reset();
    meter.sample(0, 700);
    meter.sample(500, 0);
    expect(meter.share).toBe(0);
  });
});

describe('Stopwatch', () => {
  it('counts only while it runs', () => {
    let now = 100;
    const watch = new Stopwatch(() => now);
    watch.start();
    now += 10;
    expect(watch.elapsed).toBe(10);
    watch.stop();
    now += 1000;
    expect(watch.elapsed).toBe(10);
    watch.start();
    now += 5;
    watch.start();
    expect(watch.elapsed).toBe(15);
    watch.set(3);
    now += 5;
    expect(watch.elapsed).toBe(3);
  });
});

describe('Pace', () => {
  it('follows the guest down at once and up in steps', () => {
    const pace = new Pace();
    pace.measured(1_000_000, 1000);
    expect(pace.budget(5)).toBe(5000);
    pace.measured(1_000_000, 10);
    expect(pace.budget(5)).toBeGreaterThan(5000);
    expect(pace.budget(5)).toBeLessThan(500_000);
    for (let i = 0; i < 30; i++) pace.measured(1_000_000, 10);
    expect(pace.budget(5)).toBeCloseTo(500_000, -4);
  });

  it('recovers from a stall although its runs are then too short to measure', () => {
    const pace = new Pace();
    pace.measured(1000, 50);
    expect(pace.budget(5)).toBe(1000);
    const speed = 200_000;
    for (let i = 0; i < 60; i++) {
      const budget = pace.budget(5);
      pace.measured(budget, budget / speed);
    }
    expect(pace.budget(5)).toBeGreaterThan(900_000);
  });

  it('stays within its limits and takes no short run for a slow guest', () => {
    const pace = new Pace();
    const before = pace.budget(1);
    pace.measured(1, 0.01);
    expect(pace.budget(1)).toBe(before);
    expect(pace.budget(-3)).toBe(1000);
    expect(pace.budget(1e9)).toBe(20_000_000);
  });
});

describe('SpeedMeter', () => {
  const reading = (busyMs: number, instructions: number) => ({
    busyMs,
    instructions,
    translatedInstructions: instructions * 0.9,
  });

  it('is instructions over busy time, however close the reports are', () => {
    const meter = new SpeedMeter();
    meter.sample(reading(0, 0));
    meter.sample(reading(100, 20e6));
    expect(meter.mips).toBeCloseTo(200);
    expect(meter.translated).toBeCloseTo(0.9);
    // Two reports in one breath: the counters of a slice have come in, its time has not.
    meter.sample(reading(100.01, 24e6));
    expect(meter.mips).toBeCloseTo(200);
    meter.sample(reading(200, 40e6));
    expect(meter.mips).toBeCloseTo(200);
  });

  it('keeps what it was while the guest idles, and begins again with another life', () => {
    const meter = new SpeedMeter();
    meter.sample(reading(0, 0));
    meter.sample(reading(100, 30e6));
    for (let n = 1; n < 40; n++) meter.sample(reading(100 + n, 30e6 + n * 1000));
    expect(meter.mips).toBeCloseTo(300);
    meter.sample(reading(0, 0));
    expect(meter.mips).toBeCloseTo(300);
    meter.sample(reading(100, 10e6));
    expect(meter.mips).toBeCloseTo(100);
    meter.reset();
    expect(meter.mips).toBe(0);
  });
});
