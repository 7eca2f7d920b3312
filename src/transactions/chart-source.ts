// What a chart of client reports shows: some figures of every report of the last minutes, with the migrations of that time.
import uPlot from 'uplot';
import type { ChartSource } from '../charts/Chart.tsx';
import type { ChartTheme } from '../charts/chart-theme.ts';
import { reportLog, type TimedReport } from '../reports/report-log.ts';
import { useConsole } from '../state/store.ts';
import { drawMarks } from './draw-marks.ts';
import { marksOf } from './migration-marks.ts';
import { timeWindow } from './time-window.ts';

export interface Line {
  label: string;
  /** A custom property of the page. */
  color: string;
  /** CSS pixels. */
  width?: number;
  dash?: number[];
  /** It jumps from value to value. */
  stepped?: boolean;
  /** Undefined leaves a gap. */
  value(report: TimedReport): number | undefined;
}

export interface ReportChart {
  vmId: string;
  lines: readonly Line[];
  scale: 'linear' | 'logarithmic';
  /** Seconds shown. */
  seconds: number;
  /** Without axes, for narrow places. */
  bare?: boolean;
  /** Charts with the same key have one cursor. */
  cursorKey?: string;
  /** Index of the report under the cursor. */
  onCursor?(index: number | undefined): void;
}

export function chartSource(chart: ReportChart): ChartSource {
  const { vmId, lines } = chart;
  return {
    data() {
      const reports = reportLog.reports(vmId);
      const values = lines.map(({ value }) => reports.map((report) => value(report) ?? null));
      return [reports.map(({ time }) => time), ...values];
    },
    subscribe(changed) {
      const stops = [
        reportLog.subscribe(changed),
        useConsole.subscribe((state, before) => {
          if (state.migrations !== before.migrations) changed();
        }),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
    options: (theme) => optionsOf(chart, theme),
  };
}

function optionsOf(chart: ReportChart, theme: ChartTheme): Omit<uPlot.Options, 'width' | 'height'> {
  const { lines, bare, cursorKey, onCursor } = chart;
  const marks = () => marksOf(useConsole.getState().migrations, windowOf(chart)[0]);
  return {
    legend: { show: false },
    cursor: bare ? { show: false } : { y: false, sync: cursorKey ? { key: cursorKey } : undefined },
    padding: bare ? [2, 0, 2, 0] : [8, 10, 0, 0],
    scales: { x: { range: () => windowOf(chart) }, y: verticalScale(chart.scale) },
    axes: bare ? [{ show: false }, { show: false }] : axesOf(chart.scale, theme),
    series: [{}, ...lines.map((line) => seriesOf(line, theme))],
    hooks: {
      drawClear: [(plot) => drawMarks(plot, marks(), theme, !bare)],
      setCursor: onCursor ? [(plot) => onCursor(plot.cursor.idx ?? undefined)] : [],
    },
  };
}

/** Epoch seconds at the left and the right edge. */
function windowOf({ vmId, seconds }: ReportChart): [from: number, to: number] {
  const reports = reportLog.reports(vmId);
  const latest = reports.at(-1)?.time ?? Date.now() / 1000;
  const running = marksOf(useConsole.getState().migrations, latest).filter(({ state }) => state === 'running');
  return timeWindow({ first: reports[0]?.time ?? latest, latest, running: running.map(({ to }) => to) }, seconds);
}

/** What a logarithmic scale shows at least, ms. */
const LOGARITHMIC_MS = { least: 0.1, most: 100 };

function verticalScale(scale: ReportChart['scale']): uPlot.Scale {
  if (scale === 'linear') return { range: (_, _least, most) => [0, Math.max(1, (most || 1) * 1.25)] };
  const { least, most } = LOGARITHMIC_MS;
  return {
    distr: 3,
    log: 10,
    range: (_, low, high) => [
      Math.min(1, 10 ** Math.floor(Math.log10(Math.max(low || 1, least)))),
      Math.max(most, 10 ** Math.ceil(Math.log10((high || 1) * 1.05))),
    ],
  };
}

function axesOf(scale: ReportChart['scale'], { axis }: ChartTheme): uPlot.Axis[] {
  const time: uPlot.Axis = { ...axis, values: '{HH}:{mm}:{ss}', space: 80, size: 28 };
  const vertical: uPlot.Axis = { ...axis, size: 54 };
  if (scale === 'linear') return [time, vertical];
  return [
    time,
    {
      ...vertical,
      filter: decades,
      grid: { ...axis.grid, filter: decades },
      ticks: { ...axis.ticks, filter: decades },
      values: (_, splits) => splits.map((value) => (value === null ? '' : decadeOfMs(value))),
    },
  ];
}

/** Of a logarithmic scale’s lines only the powers of ten. */
const decades = (_: uPlot, splits: number[]) => splits.map((value) => (isPowerOfTen(value) ? value : null));

function isPowerOfTen(value: number): boolean {
  const power = Math.log10(value);
  return Math.abs(power - Math.round(power)) < 1e-6;
}

function decadeOfMs(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}

function seriesOf({ label, color, width, dash, stepped }: Line, theme: ChartTheme): uPlot.Series {
  return {
    label,
    stroke: theme.color(color),
    width: width ?? 1.5,
    dash,
    // Each value holds until the next.
    paths: stepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined,
    points: { show: false },
  };
}
