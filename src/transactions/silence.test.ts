import { describe, expect, it } from 'vitest';
import type { TimedReport } from '../reports/report-log.ts';
import { silenceOf } from './silence.ts';

const report = { time: 1000 } as TimedReport;

describe('silence of a client', () => {
  it('is noted when it lasts, or when its VM has stopped', () => {
    expect(silenceOf(report, 'running', 1_002_000)).toBeUndefined();
    expect(silenceOf(report, 'migrating', 1_012_000)).toBe('No report for 12.0 s.');
    expect(silenceOf(report, 'off', 1_000_000)).toContain('stopped');
  });
});
