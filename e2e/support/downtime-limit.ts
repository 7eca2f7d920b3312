// For how long a guest may stand still when it is moved, as a console keeps it that was told so once. The usual limit is a second: on a
// machine that is busy with other things a switch-over may take longer, and is then taken back, as it should be.

/** Beyond what a switch-over takes on a busy machine. */
export const AMPLE_DOWNTIME_MS = 30_000;

/** In the page, before the console starts. What is set already stays. */
export function setDowntimeLimit(downtimeLimitMs: number): void {
  // The empty page that a tab begins with stores nothing.
  if (origin === 'null') return;
  const key = 'tabvisor.preferences';
  const preferences = JSON.parse(localStorage.getItem(key) ?? '{}');
  localStorage.setItem(key, JSON.stringify({ downtimeLimitMs, ...preferences }));
}
