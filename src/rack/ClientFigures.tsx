// In a migration's report: what the clients on the subnet noticed of it.
import type { MigrationStatistics } from '../../engine/host/api.ts';
import { formatCount, formatDuration } from '../format/format.ts';
import { useVm } from '../state/hooks.ts';
import { useReporters, useReports } from '../transactions/hooks.ts';
import { effectOf, markOf } from '../transactions/migration-marks.ts';
import { ReportFigure } from './ReportFigure.tsx';

export function ClientFigures({ report }: { report: MigrationStatistics }) {
  return useReporters().map((vmId) => <ClientFigure key={vmId} vmId={vmId} report={report} />);
}

function ClientFigure({ vmId, report }: { vmId: string; report: MigrationStatistics }) {
  const effect = effectOf(markOf(report), useReports(vmId));
  const name = useVm(vmId)?.name;
  if (!effect || !name) return null;
  const slowest = effect.slowestMs === undefined ? 'none' : formatDuration(effect.slowestMs);
  return (
    <>
      <ReportFigure label={`Slowest answer to ${name}`} value={slowest} />
      <ReportFigure label={`Failures at ${name}`} value={formatCount(effect.failures)} />
    </>
  );
}
