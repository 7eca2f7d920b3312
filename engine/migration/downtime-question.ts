// "It cannot be moved within the limit. Move it anyway?" The question stands in the statistics, while the rounds go on: the
// guest may calm down meanwhile. No answer is needed: after ANSWER_MS the migration ends with the reason.

import { formatDuration, formatRate } from './figures.ts';
import type { DowntimeQuestion } from './statistics.ts';

/** How long a question waits for an answer. */
export const ANSWER_MS = 30_000;
/** Who agrees to a standstill agrees to a little more: it is an estimate. */
export const AGREED_SLACK = 1.5;

export interface DowntimeFigures {
  name: string;
  /** Bytes per second that the guest dirties. */
  dirtyRate: number;
  /** Bytes per second that the link was measured to carry; 0: not known. */
  linkRate: number;
  latencyMs: number;
  downtimeMs: number;
  limitMs: number;
}

/** User-facing message: why the guest cannot be moved within the limit. */
export function overLimitReason({
  name,
  dirtyRate,
  linkRate,
  latencyMs,
  downtimeMs,
  limitMs,
}: DowntimeFigures): string {
  const link = [
    linkRate > 0 ? `the link carries ${formatRate(linkRate)}` : '',
    latencyMs >= 1 ? `a message takes ${formatDuration(latencyMs)}` : '',
  ];
  const causes = [`${name} writes ${formatRate(dirtyRate)}`, ...link].filter(Boolean).join(', ');
  return `${causes}: the standstill would be about ${formatDuration(downtimeMs)}; the limit is ${formatDuration(limitMs)}.`;
}

export function askDowntime(figures: DowntimeFigures, answerBy: number): DowntimeQuestion {
  const { downtimeMs, limitMs } = figures;
  return { downtimeMs, limitMs, reason: overLimitReason(figures), answerBy };
}
