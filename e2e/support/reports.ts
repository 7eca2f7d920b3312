// What the guest program `client` prints once a second (guests/linux/transact.c): read from its console, and checked.
import { expect } from '@playwright/test';

/** Keys as in transact.c. */
export type Report = Record<'t' | 'tcp' | 'tcperr' | 'seq' | 'resets' | 'http' | 'httperr' | 'gap', number>;

export function reportsIn(text: string): Report[] {
  const lines = [...text.matchAll(/^client (t=.*)$/gm)].map(([, pairs]) => pairs.split(' '));
  return lines.map((pairs) => Object.fromEntries(pairs.map((pair) => parsePair(pair))) as Report);
}

function parsePair(pair: string): [string, number] {
  const [key, value] = pair.split('=');
  return [key, Number(value)];
}

/** No failed request, no lost connection, and a sequence that grows by exactly what was exchanged. */
export function expectUnbrokenReports(reports: Report[]): void {
  expect(reports.length).toBeGreaterThan(0);
  for (const [n, report] of reports.entries()) {
    expect(report, JSON.stringify(report)).toMatchObject({ tcperr: 0, resets: 0, httperr: 0 });
    if (n === 0) continue;
    expect(report.t).toBeGreaterThan(reports[n - 1].t);
    expect(report.seq - reports[n - 1].seq).toBe(report.tcp);
  }
  const last = reports.at(-1)!;
  expect(last.seq).toBeGreaterThan(0);
  expect(reports.reduce((pages, { http }) => pages + http, 0)).toBeGreaterThan(0);
}
