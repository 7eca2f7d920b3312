// Whether a client's figures are of now.
import type { PowerState } from '../../engine/host/api.ts';
import { formatDuration } from '../format/format.ts';
import type { TimedReport } from '../reports/report-log.ts';

/** A client reports once a second; so long without a report is shown, ms. */
const SILENCE_MS = 4000;

/** @returns that the figures are old, in words; undefined if they are not */
export function silenceOf(report: TimedReport, power: PowerState | undefined, now: number): string | undefined {
  if (power === 'off' || power === 'crashed') return 'The VM has stopped: these are its last figures.';
  const ms = now - report.time * 1000;
  return ms < SILENCE_MS ? undefined : `No report for ${formatDuration(ms)}.`;
}
