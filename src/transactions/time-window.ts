// Which time a chart of client reports shows, in epoch seconds.

/** Shown at least, however young the client is. */
const LEAST = 30;

export interface TimeWindow {
  /** Of the first report, and of the latest. */
  first: number;
  latest: number;
  /** How far migrations under way have come. */
  running: readonly number[];
}

/** The last `seconds`, or since the first report while that is less. */
export function timeWindow({ first, latest, running }: TimeWindow, seconds: number): [from: number, to: number] {
  const to = Math.max(latest, ...running);
  return [Math.max(to - seconds, Math.min(first, to - LEAST)), to];
}
