// Migrations under way and the reports of those that ended. Both hosts may publish the statistics of one migration and
// messages may arrive late: what has ended stays ended.
import type { MigrationStage, MigrationStatistics } from '../../engine/host/api.ts';

export interface MigrationRecord {
  statistics: MigrationStatistics;
  /** Epoch ms at which its end was learnt. */
  endedAt?: number;
}

export interface MigrationsState {
  /** The latest migration of each VM. */
  byVm: Record<string, MigrationRecord>;
  /** Ended ones, newest first. */
  reports: MigrationStatistics[];
  /** The report that the panel shows. */
  shown?: string;
}

export const noMigrations: MigrationsState = { byVm: {}, reports: [] };

const REPORTS_KEPT = 100;

export function hasEnded(stage: MigrationStage): boolean {
  return stage === 'completed' || stage === 'failed' || stage === 'cancelled';
}

/** One migration among all of a VM's. */
export function reportKey(statistics: MigrationStatistics): string {
  return `${statistics.vmId}@${statistics.startedAt}`;
}

/** @param now epoch ms */
export function applyMigration(state: MigrationsState, statistics: MigrationStatistics, now: number): MigrationsState {
  const known = state.byVm[statistics.vmId];
  if (known && isStale(known, statistics)) return state;
  const ended = hasEnded(statistics.stage);
  const record: MigrationRecord = ended ? { statistics, endedAt: now } : { statistics };
  const next = { ...state, byVm: { ...state.byVm, [statistics.vmId]: record } };
  if (!ended) return next;
  const others = state.reports.filter((report) => reportKey(report) !== reportKey(statistics));
  return { ...next, reports: [statistics, ...others].slice(0, REPORTS_KEPT), shown: reportKey(statistics) };
}

function isStale(known: MigrationRecord, news: MigrationStatistics): boolean {
  if (news.startedAt < known.statistics.startedAt) return true;
  return news.startedAt === known.statistics.startedAt && known.endedAt !== undefined;
}

/** A source that has gone publishes no end of its migrations; one whose target goes does so itself. */
export function endMigrationsFrom(
  state: MigrationsState,
  sourceHostId: string,
  error: string,
  now: number,
): MigrationsState {
  return Object.values(state.byVm)
    .filter((record) => record.endedAt === undefined && record.statistics.sourceHostId === sourceHostId)
    .reduce((next, { statistics }) => applyMigration(next, { ...statistics, stage: 'failed', error }, now), state);
}

export function showReport(state: MigrationsState, key: string | undefined): MigrationsState {
  return { ...state, shown: key };
}

/** How much of the guest's memory stands at the target already, 0..1. */
export function migrationProgress(statistics: MigrationStatistics): number {
  if (statistics.stage === 'completed') return 1;
  if (statistics.totalPages === 0) return 0;
  return Math.min(1, Math.max(0, 1 - statistics.remainingPages / statistics.totalPages));
}

export const STAGE_LABELS: Record<MigrationStage, string> = {
  preflight: 'Checking the target',
  reservation: 'Reserving memory on the target',
  precopy: 'Pre-copy',
  'stop-and-copy': 'Stop-and-copy',
  commit: 'Commit',
  activate: 'Activating on the target',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
};
