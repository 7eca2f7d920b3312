// Which lines the charts of client reports have.

import type { Exchanges, Latencies } from '../reports/client-report.ts';
import type { TimedReport } from '../reports/report-log.ts';
import type { Line } from './chart-source.ts';

const TCP = '--tv-tcp';
const HTTP = '--tv-http';

/** Every second's answers on the open connection and over new ones. */
export const REQUESTS: readonly Line[] = [
  { label: 'Transactions', color: TCP, value: ({ tcp }) => tcp.count },
  { label: 'Pages', color: HTTP, value: ({ http }) => http.count },
];

/** Since the client started. */
export const ERRORS: readonly Line[] = [
  { label: 'Transactions', color: TCP, stepped: true, value: ({ tcp }) => tcp.errors },
  { label: 'Pages', color: HTTP, stepped: true, dash: [6, 3], value: ({ http }) => http.errors },
  { label: 'Connections lost', color: '--tv-bad', stepped: true, dash: [2, 3], value: ({ resets }) => resets },
];

export const TCP_LATENCY = latencyLines(TCP, ({ tcp }) => tcp);
export const HTTP_LATENCY = latencyLines(HTTP, ({ http }) => http);

function latencyLines(color: string, exchanges: (report: TimedReport) => Exchanges): readonly Line[] {
  const line = (label: string, figure: keyof Latencies, width: number, dash?: number[]): Line => ({
    label,
    color,
    width,
    dash,
    value: (report) => exchanges(report).latency?.[figure],
  });
  return [
    line('50 %', 'p50', 2.5),
    line('95 %', 'p95', 1.5),
    line('99 %', 'p99', 1.25, [6, 3]),
    line('slowest', 'max', 1, [2, 3]),
  ];
}
