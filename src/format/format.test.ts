import { describe, expect, it } from 'vitest';
import {
  formatBandwidth,
  formatBytes,
  formatDuration,
  formatHex,
  formatLink,
  formatMagnitude,
  formatMiB,
  formatPercent,
  formatRate,
} from './format.ts';

describe('figures', () => {
  it('gives memory binary units', () => {
    expect(formatMiB(128)).toBe('128 MiB');
    expect(formatMiB(2.25)).toBe('2.3 MiB');
    expect(formatMiB(1536)).toBe('1.5 GiB');
    expect(formatMiB(5 << 20)).toBe('5 TiB');
    expect(formatBytes(900)).toBe('900 B');
    expect(formatBytes(5 * 1024 * 1024)).toBe('5 MiB');
  });

  it('gives durations the unit that fits', () => {
    expect(formatDuration(4.26)).toBe('4.3 ms');
    expect(formatDuration(840)).toBe('840 ms');
    expect(formatDuration(4200)).toBe('4.2 s');
    expect(formatDuration(65_000)).toBe('1 min 05 s');
    expect(formatDuration(3_660_000)).toBe('1 h 01 min');
    expect(formatDuration(90_000_000)).toBe('1 d 01 h');
  });

  it('gives rates decimal units', () => {
    expect(formatRate(1000)).toBe('1 Gbit/s');
    expect(formatRate(843.4)).toBe('843 Mbit/s');
    expect(formatRate(0.4125)).toBe('413 kbit/s');
    expect(formatBandwidth(0)).toBe('unpaced');
    const link = { bandwidthMbits: 100, latencyMs: 5, loss: 0, jitterMs: 0 };
    expect(formatLink(link)).toBe('100 Mbit/s, 5 ms');
    expect(formatLink({ ...link, loss: 0.07, jitterMs: 2 })).toBe('100 Mbit/s, 5 ms, 7 % loss, 2 ms jitter');
  });

  it('rounds counters and shares', () => {
    expect(formatMagnitude(1_234_567)).toBe('1.23 M');
    expect(formatPercent(0.256)).toBe('26 %');
    expect(formatHex(-1)).toBe('ffffffff');
  });
});
