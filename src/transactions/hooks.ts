// Selectors over the client reports.
import { useMemo, useSyncExternalStore } from 'react';
import { reportLog, type TimedReport } from '../reports/report-log.ts';
import { useConsole } from '../state/store.ts';
import { type MigrationMark, marksOf } from './migration-marks.ts';

const subscribe = (changed: () => void) => reportLog.subscribe(changed);

export function useReports(vmId: string): readonly TimedReport[] {
  return useSyncExternalStore(subscribe, () => reportLog.reports(vmId));
}

/** Has the VM ever reported? */
export function useHasReported(vmId: string): boolean {
  return useSyncExternalStore(subscribe, () => reportLog.latest(vmId) !== undefined);
}

export function useReporters(): readonly string[] {
  return useSyncExternalStore(subscribe, () => reportLog.reporters());
}

/** The migrations of the last `seconds` before `end`, epoch seconds. */
export function useMarks(end: number, seconds: number): MigrationMark[] {
  const migrations = useConsole((state) => state.migrations);
  return useMemo(() => marksOf(migrations, end - seconds), [migrations, end, seconds]);
}
