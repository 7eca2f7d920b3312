// The migrations of any VM as the client lived through them: when each was, and what the client saw meanwhile.
import type { MigrationStage, MigrationStatistics } from '../../engine/host/api.ts';
import type { TimedReport } from '../reports/report-log.ts';
import type { MigrationsState } from '../state/migrations.ts';

export type MarkState = 'running' | 'completed' | 'failed' | 'cancelled';

export interface MigrationMark {
  key: string;
  vmName: string;
  sourceHostId: string;
  targetHostId: string;
  state: MarkState;
  /** Epoch seconds. */
  from: number;
  to: number;
  downtimeMs?: number;
}

/** @param since epoch seconds; those that ended earlier are left out. Oldest first. */
export function marksOf({ byVm, reports }: MigrationsState, since: number): MigrationMark[] {
  const underWay = Object.values(byVm).filter((record) => record.endedAt === undefined);
  return [...underWay.map((record) => record.statistics), ...reports]
    .map(markOf)
    .filter((mark) => mark.to >= since)
    .sort((a, b) => a.from - b.from);
}

export function markOf(statistics: MigrationStatistics): MigrationMark {
  const { vmId, vmName, sourceHostId, targetHostId, stage, startedAt, totalMs, downtimeMs } = statistics;
  return {
    key: `${vmId}@${startedAt}`,
    vmName,
    sourceHostId,
    targetHostId,
    state: stateOf(stage),
    from: startedAt / 1000,
    to: (startedAt + totalMs) / 1000,
    downtimeMs,
  };
}

function stateOf(stage: MigrationStage): MarkState {
  return stage === 'completed' || stage === 'failed' || stage === 'cancelled' ? stage : 'running';
}

export interface Effect {
  /** Answers that the client got in the seconds that the migration touched. */
  answers: number;
  /** The slowest of them, ms. */
  slowestMs?: number;
  /** Wrong or missing answers and lost connections. */
  failures: number;
}

/** @returns undefined if the client reported nothing of that time */
export function effectOf({ from, to }: MigrationMark, reports: readonly TimedReport[]): Effect | undefined {
  // A report covers the second before it.
  const during = reports.filter(({ time }) => time > from && time - 1 <= to);
  if (during.length === 0) return undefined;
  const before = reports.findLast(({ time }) => time <= from);
  const last = during[during.length - 1];
  const slowest = Math.max(...during.map(({ tcp, http }) => Math.max(tcp.latency?.max ?? 0, http.latency?.max ?? 0)));
  return {
    answers: during.reduce((sum, { tcp, http }) => sum + tcp.count + http.count, 0),
    slowestMs: slowest > 0 ? slowest : undefined,
    // A client that was restarted meanwhile counts from zero.
    failures: failuresOf(last) - (before && before.t < last.t ? failuresOf(before) : 0),
  };
}

/** Since the client started. */
export function failuresOf({ tcp, http, resets }: TimedReport): number {
  return tcp.errors + http.errors + resets;
}
