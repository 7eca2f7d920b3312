// Figures in the user-facing messages of a migration.

import { MIB } from '../base/sizes.ts';

/** Two figures are enough for an estimate. */
export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toPrecision(2))} s`;
}

/** `rate`: bytes per second. */
export function formatRate(rate: number): string {
  const mib = rate / MIB;
  return `${mib < 10 ? Number(mib.toPrecision(2)) : Math.round(mib)} MiB/s`;
}
