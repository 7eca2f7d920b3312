// Figures as the user reads them: every number with its unit, digits that do not jump about. Binary units for memory
// (MiB), decimal ones for the wire (Mbit/s), as the field does.
import type { LinkSettings } from '../../engine/host/api.ts';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export function formatCount(n: number): string {
  return whole.format(n);
}

/** 1234567 → "1.23 M". For counters that only their magnitude matters of. */
export function formatMagnitude(n: number): string {
  const steps: [number, string][] = [
    [1e12, ' T'],
    [1e9, ' G'],
    [1e6, ' M'],
    [1e3, ' k'],
  ];
  for (const [size, unit] of steps) if (n >= size) return (n / size).toPrecision(3) + unit;
  return whole.format(n);
}

/** @param mib mebibytes */
export function formatMiB(mib: number): string {
  if (mib >= 1 << 20) return `${Number((mib / (1 << 20)).toFixed(1))} TiB`;
  if (mib >= 1024) return `${(mib / 1024).toFixed(mib >= 10240 ? 0 : 1)} GiB`;
  return `${mib < 10 && !Number.isInteger(mib) ? mib.toFixed(1) : whole.format(mib)} MiB`;
}

/** What a host's memory is set aside for; everywhere in these words. */
export function formatUsedMemory(usedMiB: number, allMiB: number): string {
  return `${formatMiB(usedMiB)} of ${formatMiB(allMiB)} used`;
}

/** What a guest has written of its memory. */
export function formatActiveMemory(activeMiB: number, allMiB: number): string {
  return `${formatMiB(Math.round(activeMiB))} of ${formatMiB(allMiB)} active`;
}

/** "1.20 of 2 cores", and what was waited for, if anything. */
export function formatCores(used: number, ready: number, cores: number): string {
  return `${used.toFixed(2)} of ${cores} cores${formatReady(ready)}`;
}

/** ", 0.80 ready"; nothing where no vCPU waited. */
export function formatReady(ready: number): string {
  return ready >= 0.005 ? `, ${ready.toFixed(2)} ready` : '';
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${whole.format(bytes)} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return formatMiB(bytes / (1024 * 1024));
}

/** @param ms milliseconds; below ten seconds as "840 ms" or "4.2 s", above as "1 min 05 s". */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : whole.format(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${two((seconds / 60) % 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${two((seconds / 3600) % 24)} h`;
}

/** @param fraction 0..1 */
export function formatPercent(fraction: number): string {
  return `${whole.format(fraction * 100)} %`;
}

/** @param mbits Mbit/s */
export function formatRate(mbits: number): string {
  if (mbits >= 1000) return `${(mbits / 1000).toFixed(mbits % 1000 === 0 ? 0 : 2)} Gbit/s`;
  if (mbits > 0 && mbits < 1) return `${whole.format(mbits * 1000)} kbit/s`;
  return `${mbits < 10 && mbits > 0 ? mbits.toFixed(1) : whole.format(mbits)} Mbit/s`;
}

/** A link's bandwidth, where 0 means that nothing paces it. */
export function formatBandwidth(mbits: number): string {
  return mbits === 0 ? 'unpaced' : formatRate(mbits);
}

/** A link as the person set it: "100 Mbit/s, 5 ms", and loss and jitter where it has them. */
export function formatLink({ bandwidthMbits, latencyMs, loss, jitterMs }: LinkSettings): string {
  const parts = [formatBandwidth(bandwidthMbits), `${latencyMs} ms`];
  if (loss > 0) parts.push(`${Number((loss * 100).toPrecision(3))} % loss`);
  if (jitterMs > 0) parts.push(`${jitterMs} ms jitter`);
  return parts.join(', ');
}

export function formatTime(epochMs: number): string {
  return new Date(epochMs).toLocaleTimeString('en-GB');
}

/** Time of day to the millisecond. */
export function formatClock(epochMs: number): string {
  const ms = String(Math.floor(epochMs % 1000)).padStart(3, '0');
  return `${formatTime(epochMs)}.${ms}`;
}

/** A register: eight hexadecimal digits. */
export function formatHex(value: number, digits = 8): string {
  return (value >>> 0).toString(16).padStart(digits, '0');
}
