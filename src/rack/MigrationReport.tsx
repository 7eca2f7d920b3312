// What a migration came to: figures as in QEMU's `info migrate`, and the rounds.
import { Button } from '@patternfly/react-core';
import TimesIcon from '@patternfly/react-icons/dist/esm/icons/times-icon';
import type { MigrationStatistics } from '../../engine/host/api.ts';
import { formatBytes, formatCount, formatDuration, formatRate } from '../format/format.ts';
import { useHostName } from '../state/hooks.ts';
import { reportKey, STAGE_LABELS, showReport } from '../state/migrations.ts';
import { update, useConsole } from '../state/store.ts';
import { ClientFigures } from './ClientFigures.tsx';
import { MigrationRounds } from './MigrationRounds.tsx';
import { ReportFigure } from './ReportFigure.tsx';

/** The report that is being shown, if any. */
export function MigrationReportPanel() {
  const report = useConsole((state) => state.migrations.reports.find((r) => reportKey(r) === state.migrations.shown));
  if (!report) return null;
  return (
    <section className="tv-report" aria-label="Migration report">
      <Button
        className="tv-report-close"
        variant="plain"
        size="sm"
        icon={<TimesIcon />}
        aria-label="Dismiss the migration report"
        onClick={() => update('migrations', (migrations) => showReport(migrations, undefined))}
      />
      <MigrationReport report={report} />
    </section>
  );
}

export function MigrationReport({ report }: { report: MigrationStatistics }) {
  const source = useHostName(report.sourceHostId);
  const target = useHostName(report.targetHostId);
  const completed = report.stage === 'completed';
  return (
    <>
      <h2>
        <span className={completed ? 'tv-report-done' : 'tv-report-failed'}>{STAGE_LABELS[report.stage]}</span>{' '}
        {report.vmName}: {source} → {target}
      </h2>
      {report.error && <p className="tv-report-error">{report.error}</p>}
      <dl className="tv-report-figures">
        <ReportFigure
          label="Downtime"
          value={report.downtimeMs === undefined ? '–' : `${report.downtimeMs.toFixed(1)} ms`}
          isMain
        />
        <ReportFigure
          label="Goal · limit"
          value={`${formatDuration(report.downtimeGoalMs)} · ${formatDuration(report.downtimeLimitMs)}`}
        />
        <ReportFigure label="Total time" value={formatDuration(report.totalMs)} />
        <ReportFigure label="Rounds" value={formatCount(report.rounds.length)} />
        <ReportFigure label="On the wire" value={formatBytes(report.bytes)} />
        <ReportFigure
          label="Mean rate"
          value={formatRate(report.totalMs > 0 ? (report.bytes * 8) / report.totalMs / 1000 : 0)}
        />
        <ReportFigure label="Pages sent" value={formatCount(report.normalPages)} />
        <ReportFigure label="Zero pages" value={formatCount(report.zeroPages)} />
        <ReportFigure label="Sent again" value={formatCount(report.resentPages)} />
        <ClientFigures report={report} />
      </dl>
      {report.rounds.length > 0 && <MigrationRounds rounds={report.rounds} />}
    </>
  );
}
