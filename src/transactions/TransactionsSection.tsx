// The Transactions section of a VM on which `client` runs: what it reports, over time, with the migrations that went on.
import { ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import { useState } from 'react';
import { formatCount, formatDuration } from '../format/format.ts';
import { useVm } from '../state/hooks.ts';
import { AwaitReport } from './AwaitReport.tsx';
import { ERRORS, HTTP_LATENCY, REQUESTS, TCP_LATENCY } from './charts.ts';
import { DemoHint } from './DemoHint.tsx';
import { FigureList } from './FigureList.tsx';
import { mainFigures, sentenceOf } from './figures.ts';
import { useReports } from './hooks.ts';
import { MigrationEffects } from './MigrationEffects.tsx';
import { ReportChart } from './ReportChart.tsx';
import { silenceOf } from './silence.ts';
import './transactions.css';

/** Minutes that the charts show. */
const WINDOWS = [2, 5, 10];

export function TransactionsSection({ vmId }: { vmId: string }) {
  const [minutes, setMinutes] = useState(WINDOWS[0]);
  const reported = useReports(vmId).length > 0;
  if (!reported) return <AwaitReport vmId={vmId} />;
  const chart = { vmId, seconds: minutes * 60 };
  return (
    <div className="tv-transactions">
      <DemoHint clientId={vmId} />
      <ClientReportPanel vmId={vmId} />
      <div className="tv-transactions-bar">
        <h2>Each second, as the client measured it</h2>
        <span className="tv-mark-legend tv-quiet">
          Migrations: <span className="tv-mark tv-mark-completed" /> completed{' '}
          <span className="tv-mark tv-mark-running" /> under way <span className="tv-mark tv-mark-failed" /> failed
        </span>
        <ToggleGroup isCompact aria-label="Time shown">
          {WINDOWS.map((choice) => (
            <ToggleGroupItem
              key={choice}
              text={`${choice} min`}
              isSelected={choice === minutes}
              onChange={() => setMinutes(choice)}
            />
          ))}
        </ToggleGroup>
      </div>
      <div className="tv-report-charts">
        <ReportChart {...chart} title="Requests per second" lines={REQUESTS} scale="linear" format={formatCount} />
        <ReportChart {...chart} title="Errors since the start" lines={ERRORS} scale="linear" format={formatCount} />
        <ReportChart
          {...chart}
          title="Latency of transactions"
          lines={TCP_LATENCY}
          scale="logarithmic"
          format={formatDuration}
        />
        <ReportChart
          {...chart}
          title="Latency of pages"
          lines={HTTP_LATENCY}
          scale="logarithmic"
          format={formatDuration}
        />
      </div>
      <MigrationEffects vmId={vmId} seconds={chart.seconds} />
    </div>
  );
}

function ClientReportPanel({ vmId }: { vmId: string }) {
  const report = useReports(vmId).at(-1);
  const vm = useVm(vmId);
  if (!report) return null;
  const silence = silenceOf(report, vm?.power, Date.now());
  return (
    <section className="tv-panel" aria-label="Client report">
      <FigureList figures={mainFigures(report)} />
      <p className="tv-quiet">
        {sentenceOf(report)} {silence && <strong className="tv-silence">{silence}</strong>}
      </p>
    </section>
  );
}
