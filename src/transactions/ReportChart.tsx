// A chart of client reports with its title and a legend that has the values under the cursor, else the latest ones.
import { useMemo, useState } from 'react';
import { Chart } from '../charts/Chart.tsx';
import { chartSource, type Line, type ReportChart as Options } from './chart-source.ts';
import { useReports } from './hooks.ts';

interface ReportChartProps extends Pick<Options, 'vmId' | 'lines' | 'scale' | 'seconds'> {
  title: string;
  format(value: number): string;
}

const HEIGHT = 150;

export function ReportChart({ title, format, vmId, lines, scale, seconds }: ReportChartProps) {
  const [cursor, setCursor] = useState<number>();
  const source = useMemo(
    () => chartSource({ vmId, lines, scale, seconds, cursorKey: `transactions ${vmId}`, onCursor: setCursor }),
    [vmId, lines, scale, seconds],
  );
  return (
    <section className="tv-panel tv-report-chart" aria-label={title}>
      <header>
        <h3>{title}</h3>
        <Legend vmId={vmId} lines={lines} cursor={cursor} format={format} />
      </header>
      <Chart label={`${title} over the last ${seconds / 60} minutes`} height={HEIGHT} source={source} />
    </section>
  );
}

interface LegendProps extends Pick<ReportChartProps, 'vmId' | 'lines' | 'format'> {
  cursor: number | undefined;
}

function Legend({ vmId, lines, cursor, format }: LegendProps) {
  const reports = useReports(vmId);
  const report = (cursor === undefined ? undefined : reports[cursor]) ?? reports.at(-1);
  return (
    <ul className="tv-chart-legend">
      {lines.map((line) => {
        const value = report && line.value(report);
        return (
          <li key={line.label}>
            <LineSample line={line} />
            {line.label} <span className="tv-legend-value">{value === undefined ? '–' : format(value)}</span>
          </li>
        );
      })}
    </ul>
  );
}

function LineSample({ line: { color, width = 1.5, dash } }: { line: Line }) {
  return (
    <svg width="16" height="8" aria-hidden="true">
      <path d="M0 4H16" stroke={`var(${color})`} strokeWidth={width} strokeDasharray={dash?.join(' ')} />
    </svg>
  );
}
