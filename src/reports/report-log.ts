// The reports of the last ten minutes of every VM on which `client` runs, for charts and figures. Kept outside the store, as
// the samples are. A report has the time of its arrival; those that arrive together, because the console has just been
// opened, are ordered by their own clocks.
import type { ClientReport } from './client-report.ts';

export interface TimedReport extends ClientReport {
  /** Epoch seconds at the end of the second that it covers. */
  time: number;
}

const KEPT_SECONDS = 600;
const NONE: readonly TimedReport[] = [];

export class ReportLog {
  readonly #reports = new Map<string, readonly TimedReport[]>();
  readonly #listeners = new Set<() => void>();
  #reporters: readonly string[] = [];

  /**
   * @param reports of one VM, oldest first
   * @param now epoch ms
   */
  accept(vmId: string, reports: readonly ClientReport[], now: number): void {
    if (reports.length === 0) return;
    const known = this.#reports.get(vmId) ?? NONE;
    const fresh = timed(reports, now / 1000);
    const latest = known.at(-1)?.time ?? 0;
    const kept = [...known, ...fresh.filter((report) => report.time > latest)];
    const oldest = now / 1000 - KEPT_SECONDS;
    const first = kept.findIndex((report) => report.time >= oldest);
    this.#reports.set(vmId, kept.slice(Math.max(0, first)));
    this.#changed();
  }

  /** Oldest first; the same array until the next report. */
  reports(vmId: string): readonly TimedReport[] {
    return this.#reports.get(vmId) ?? NONE;
  }

  latest(vmId: string): TimedReport | undefined {
    return this.reports(vmId).at(-1);
  }

  /** The VMs that have reported, in the order in which they began; the same array while it stays so. */
  reporters(): readonly string[] {
    return this.#reporters;
  }

  /** Calls the listener after each change. Returns the unsubscribe function. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  forget(vmId: string): void {
    if (this.#reports.delete(vmId)) this.#changed();
  }

  #changed(): void {
    if (this.#reporters.length !== this.#reports.size) this.#reporters = [...this.#reports.keys()];
    for (const listener of this.#listeners) listener();
  }
}

/** The last one is of now; where the clock goes back, the client was restarted, and its previous run ended there. */
function timed(reports: readonly ClientReport[], now: number): TimedReport[] {
  const result: TimedReport[] = [];
  let time = now;
  for (let n = reports.length - 1; n >= 0; n--) {
    const next = reports[n + 1];
    if (next) time -= next.t > reports[n].t ? next.t - reports[n].t : 1;
    result.unshift({ ...reports[n], time });
  }
  return result;
}

export const reportLog = new ReportLog();
