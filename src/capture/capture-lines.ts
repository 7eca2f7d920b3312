// The rows of a live capture: how many are kept, and which a filter lets through.
import type { CaptureLine } from '../../engine/host/api.ts';
import { formatClock } from '../format/format.ts';

/** Rows kept while the newest are watched. */
export const FOLLOWED = 1000;
/** Rows kept while the person reads older ones: they must not run away. */
export const READ = 20_000;

/** @param fresh newer than all of `kept` */
export function appendLines(
  kept: readonly CaptureLine[],
  fresh: readonly CaptureLine[],
  most: number,
): readonly CaptureLine[] {
  if (fresh.length === 0 && kept.length <= most) return kept;
  return [...kept, ...fresh].slice(-most);
}

/** A line's columns as they are shown. */
export function columnsOf({
  number,
  timeMs,
  port,
  source,
  destination,
  protocol,
  length,
  info,
}: CaptureLine): string[] {
  return [String(number), formatClock(timeMs), port, source, destination, protocol, String(length), info];
}

/** Every word of the query must stand in some column, whatever its case. */
export function filterLines(lines: readonly CaptureLine[], query: string): readonly CaptureLine[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return lines;
  return lines.filter((line) => {
    const text = columnsOf(line).join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** @param at epoch ms */
export function captureFileName(scope: string, at: number): string {
  const time = new Date(at).toISOString().slice(0, 19).replaceAll(':', '-');
  return `tabvisor-${scope.replace(/[^\w.-]+/g, '-')}-${time}.pcapng`;
}
