// The figures of a client's latest report, in words.
import { formatCount, formatDuration } from '../format/format.ts';
import type { TimedReport } from '../reports/report-log.ts';
import { failuresOf } from './migration-marks.ts';

export interface Figure {
  label: string;
  value: string;
  /** Worth a look: something failed. */
  isBad?: boolean;
}

const NOTHING = '–';
const ms = (value: number | undefined) => (value === undefined ? NOTHING : formatDuration(value));

/** Those that fit on one line. */
export function mainFigures(report: TimedReport): Figure[] {
  const { tcp, http, resets, gapMs } = report;
  const errors = tcp.errors + http.errors;
  return [
    { label: 'Requests per second', value: formatCount(tcp.count + http.count) },
    { label: 'Transactions, 95 %', value: ms(tcp.latency?.p95) },
    { label: 'Pages, 95 %', value: ms(http.latency?.p95) },
    { label: 'Errors', value: formatCount(errors), isBad: errors > 0 },
    { label: 'Connections lost', value: formatCount(resets), isBad: resets > 0 },
    { label: 'Longest gap', value: formatDuration(gapMs) },
  ];
}

/** The report in one sentence. */
export function sentenceOf(report: TimedReport): string {
  const { t, tcp, http, resets, gapMs, sequence } = report;
  const unbroken = failuresOf(report) === 0 ? ' without a break' : '';
  const time = formatDuration(t * 1000);
  return `In ${time}${unbroken}: sequence ${sequence}, errors ${tcp.errors + http.errors}, resets ${resets}, longest gap ${formatDuration(gapMs)}.`;
}
