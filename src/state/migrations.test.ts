import { describe, expect, it } from 'vitest';
import type { MigrationStatistics } from '../../engine/host/api.ts';
import { applyMigration, endMigrationsFrom, migrationProgress, noMigrations, reportKey } from './migrations.ts';

const news = (change: Partial<MigrationStatistics>) =>
  ({
    vmId: 'v',
    startedAt: 5,
    stage: 'precopy',
    totalPages: 100,
    remainingPages: 40,
    ...change,
  }) as MigrationStatistics;

describe('migrations', () => {
  it('keep the latest word and make a report of the end', () => {
    let state = applyMigration(noMigrations, news({}), 10);
    expect(state.byVm.v.endedAt).toBeUndefined();
    state = applyMigration(state, news({ stage: 'completed', downtimeMs: 9 }), 20);
    expect(state.byVm.v.endedAt).toBe(20);
    expect(state.reports).toHaveLength(1);
    expect(state.shown).toBe(reportKey(state.reports[0]));
  });

  it('do not go back once ended, nor to an older migration', () => {
    const ended = applyMigration(noMigrations, news({ stage: 'completed' }), 20);
    expect(applyMigration(ended, news({ stage: 'activate' }), 21)).toBe(ended);
    expect(applyMigration(ended, news({ stage: 'completed' }), 22)).toBe(ended);
    expect(applyMigration(ended, news({ startedAt: 4 }), 23)).toBe(ended);
    expect(applyMigration(ended, news({ startedAt: 6 }), 24).byVm.v.endedAt).toBeUndefined();
  });

  it('end with their source', () => {
    const moving = applyMigration(noMigrations, news({ sourceHostId: 'a' }), 10);
    expect(endMigrationsFrom(moving, 'b', 'gone', 20)).toBe(moving);
    const ended = endMigrationsFrom(moving, 'a', 'host-a has gone', 20);
    expect(ended.byVm.v.endedAt).toBe(20);
    expect(ended.reports[0]).toMatchObject({ stage: 'failed', error: 'host-a has gone' });
  });

  it('are as far as their memory is', () => {
    expect(migrationProgress(news({}))).toBeCloseTo(0.6);
    expect(migrationProgress(news({ remainingPages: 130 }))).toBe(0);
    expect(migrationProgress(news({ stage: 'completed' }))).toBe(1);
    expect(migrationProgress(news({ totalPages: 0 }))).toBe(0);
  });
});
