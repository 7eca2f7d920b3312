// Which dots fly along the wire. One dot stands for one MiB of guest memory that really went over since the last report;
// a report's dots are spread over the time until the next one is due, so their density is the throughput. Knows nothing
// of drawing.
import type { MigrationStatistics } from '../../engine/host/api.ts';

export type PageKind = 'zero' | 'normal' | 'resent';

export interface Dot {
  kind: PageKind;
  /** When it leaves the source, ms of the same clock as everywhere here. */
  leaves: number;
  /** Where across the wire it flies, -1..1, so that dots do not lie on each other. */
  lane: number;
}

/** Guest pages per dot: 1 MiB of 4 KiB pages. */
export const PAGES_PER_DOT = 256;
/** Time from source to target, ms. */
export const FLIGHT_MS = 700;
/** A report that brings more than this many dots is drawn with this many. */
export const DOTS_PER_REPORT = 120;
const SPREAD_MS = { least: 50, most: 600 };

export class PageFlow {
  readonly #sent = { zero: 0, normal: 0 };
  readonly #rest = { zero: 0, normal: 0, resent: 0 };
  #lastReport: number | undefined;
  #dots: Dot[] = [];
  #lane = 0;

  report(statistics: MigrationStatistics, now: number): void {
    const { zeroPages, normalPages, round } = statistics;
    const spread =
      this.#lastReport === undefined
        ? SPREAD_MS.least
        : Math.min(SPREAD_MS.most, Math.max(SPREAD_MS.least, now - this.#lastReport));
    this.#lastReport = now;
    // From the second round on, whatever goes over has gone over before.
    const due = [
      ...this.#take('zero', zeroPages - this.#sent.zero),
      ...this.#take(round > 1 ? 'resent' : 'normal', normalPages - this.#sent.normal),
    ];
    this.#sent.zero = zeroPages;
    this.#sent.normal = normalPages;
    const drawn = due.length <= DOTS_PER_REPORT ? due : thin(due, DOTS_PER_REPORT);
    drawn.forEach((kind, n) => {
      // A golden-ratio walk scatters the lanes evenly without a random source.
      this.#lane = (this.#lane + 0.618034) % 1;
      this.#dots.push({ kind, leaves: now + (n / drawn.length) * spread, lane: this.#lane * 2 - 1 });
    });
  }

  /** The dots in flight and how far each has come, 0..1. Dots that arrived are forgotten. */
  inFlight(now: number): { dot: Dot; progress: number }[] {
    this.#dots = this.#dots.filter((dot) => now - dot.leaves < FLIGHT_MS);
    return this.#dots
      .filter((dot) => dot.leaves <= now)
      .map((dot) => ({ dot, progress: (now - dot.leaves) / FLIGHT_MS }));
  }

  /** Has every dot arrived? */
  isQuiet(): boolean {
    return this.#dots.length === 0;
  }

  #take(kind: PageKind, pages: number): PageKind[] {
    this.#rest[kind] += pages;
    const dots = Math.floor(this.#rest[kind] / PAGES_PER_DOT);
    this.#rest[kind] -= dots * PAGES_PER_DOT;
    return Array(dots).fill(kind);
  }
}

/** Keeps `count` of the list, evenly taken, so that the kinds keep their shares. */
function thin<T>(list: T[], count: number): T[] {
  return Array.from({ length: count }, (_, n) => list[Math.floor((n * list.length) / count)]);
}
