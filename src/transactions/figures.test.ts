import { describe, expect, it } from 'vitest';
import type { TimedReport } from '../reports/report-log.ts';
import { mainFigures, sentenceOf } from './figures.ts';

const report: TimedReport = {
  t: 12,
  time: 1000,
  tcp: { count: 20, latency: { p50: 1.2, p95: 3.4, p99: 5, max: 9.1 }, errors: 0 },
  http: { count: 0, errors: 0 },
  sequence: 240,
  resets: 0,
  gapMs: 61.2,
};

describe('a report in words', () => {
  it('has its figures with units', () => {
    const figures = Object.fromEntries(mainFigures(report).map(({ label, value }) => [label, value]));
    expect(figures).toMatchObject({
      'Requests per second': '20',
      'Transactions, 95 %': '3.4 ms',
      'Pages, 95 %': '–',
      Errors: '0',
      'Longest gap': '61 ms',
    });
    expect(sentenceOf(report)).toBe('In 12.0 s without a break: sequence 240, errors 0, resets 0, longest gap 61 ms.');
  });

  it('says what failed', () => {
    const broken = { ...report, http: { count: 3, errors: 2 }, resets: 1 };
    expect(mainFigures(broken).filter((figure) => figure.isBad)).toEqual([
      { label: 'Errors', value: '2', isBad: true },
      { label: 'Connections lost', value: '1', isBad: true },
    ]);
    expect(sentenceOf(broken)).toContain('In 12.0 s: sequence 240, errors 2, resets 1');
  });
});
