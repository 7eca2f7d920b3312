import { describe, expect, it, vi } from 'vitest';
import type { ClientReport } from './client-report.ts';
import { ReportLog } from './report-log.ts';

const report = (t: number): ClientReport => ({
  t,
  tcp: { count: 20, errors: 0 },
  http: { count: 20, errors: 0 },
  sequence: t * 20,
  resets: 0,
  gapMs: 50,
});
const NOW = 1_000_000_000;

describe('the log of client reports', () => {
  it('gives a report the time of its arrival', () => {
    const log = new ReportLog();
    const changed = vi.fn();
    const stop = log.subscribe(changed);
    log.accept('vm', [report(1)], NOW);
    const reporters = log.reporters();
    log.accept('vm', [report(2)], NOW + 1030);
    log.accept('vm', [], NOW + 2000);
    expect(log.reports('vm').map(({ t, time }) => [t, time])).toEqual([
      [1, NOW / 1000],
      [2, NOW / 1000 + 1.03],
    ]);
    expect(changed).toHaveBeenCalledTimes(2);
    expect(log.reporters()).toBe(reporters);
    expect(log.latest('vm')?.t).toBe(2);
    stop();
    log.forget('vm');
    expect(changed).toHaveBeenCalledTimes(2);
    expect(log.reporters()).toEqual([]);
  });

  it('spreads what arrives together by the client’s clock, across its restarts', () => {
    const log = new ReportLog();
    log.accept('vm', [report(40), report(41), report(1), report(3)], NOW);
    expect(log.reports('vm').map(({ time }) => time - NOW / 1000)).toEqual([-4, -3, -2, 0]);
  });

  it('keeps ten minutes, in order', () => {
    const log = new ReportLog();
    for (let t = 0; t < 700; t++) log.accept('vm', [report(t)], NOW + t * 1000);
    expect(log.reports('vm')).toHaveLength(601);
    expect(log.reports('vm')[0].t).toBe(99);
    log.accept('vm', [report(5), report(700)], NOW + 700_000);
    const times = log.reports('vm').map(({ time }) => time);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(log.latest('vm')?.t).toBe(700);
  });
});
