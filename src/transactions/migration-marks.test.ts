import { describe, expect, it } from 'vitest';
import type { MigrationStatistics } from '../../engine/host/api.ts';
import type { TimedReport } from '../reports/report-log.ts';
import { applyMigration, noMigrations } from '../state/migrations.ts';
import { effectOf, marksOf } from './migration-marks.ts';

const move = (vmId: string, stage: MigrationStatistics['stage'], startedAt: number, totalMs: number) =>
  ({
    vmId,
    vmName: vmId,
    sourceHostId: 'a',
    targetHostId: 'b',
    stage,
    startedAt,
    totalMs,
    downtimeMs: 20,
  }) as MigrationStatistics;

const report = (t: number, max: number, errors = 0): TimedReport => ({
  t,
  time: 1000 + t,
  tcp: { count: 20, latency: { p50: 1, p95: 2, p99: 3, max }, errors },
  http: { count: 10, errors: 0 },
  sequence: 20 * t,
  resets: 0,
  gapMs: 60,
});

describe('migrations as the client saw them', () => {
  const migrations = [
    move('old', 'completed', 900_000, 1000),
    move('web', 'completed', 1_003_500, 2000),
    move('db', 'failed', 1_001_000, 500),
    move('web', 'precopy', 1_009_000, 700),
  ].reduce((state, statistics) => applyMigration(state, statistics, 0), noMigrations);

  it('are those of the time shown, ended and under way', () => {
    expect(marksOf(migrations, 1000).map(({ vmName, state, from, to }) => [vmName, state, from, to])).toEqual([
      ['db', 'failed', 1001, 1001.5],
      ['web', 'completed', 1003.5, 1005.5],
      ['web', 'running', 1009, 1009.7],
    ]);
  });

  it('have the slowest answer and the failures of their seconds', () => {
    const [db, web, running] = marksOf(migrations, 1000);
    const reports = [report(1, 5), report(2, 7, 1), report(3, 6, 1), ...[4, 5, 6].map((t) => report(t, 10 * t, 3))];
    expect(effectOf(db, reports)).toEqual({ answers: 30, slowestMs: 7, failures: 1 });
    expect(effectOf(web, reports)).toEqual({ answers: 90, slowestMs: 60, failures: 2 });
    expect(effectOf(running, reports)).toBeUndefined();
  });

  it('count anew after the client was started anew', () => {
    const [, web] = marksOf(migrations, 1000);
    const restarted = { ...report(1, 8), time: 1005 };
    expect(effectOf(web, [report(3, 5, 9), restarted])).toEqual({ answers: 30, slowestMs: 8, failures: 0 });
  });
});
