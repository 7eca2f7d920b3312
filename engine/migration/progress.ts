// Keeps the statistics of one outgoing migration, and reports copies of them.

import type { Timebase } from '../base/timebase.ts';
import type { PrecopyLimits } from './convergence.ts';
import type { DowntimeQuestion, MigrationStage, MigrationStatistics } from './statistics.ts';

/** Between reports within a stage; also the time over which the throughput shown is averaged. */
const REPORT_MS = 100;
const DIRTY_LOOK_MS = 100;

type Identity = Pick<MigrationStatistics, 'vmId' | 'vmName' | 'sourceHostId' | 'targetHostId' | 'totalPages'>;

export class Progress {
  readonly statistics: MigrationStatistics;
  readonly #timebase: Timebase;
  readonly #report: (statistics: MigrationStatistics) => void;
  #reportedAt: number;
  #reportedBytes = 0;
  #roundStartedAt = 0;
  #roundStartBytes = 0;
  #roundPages = 0;
  /** Pages per ms, of the round that is under way. */
  #dirtyRate: number | undefined;

  constructor(
    identity: Identity,
    limits: PrecopyLimits,
    timebase: Timebase,
    report: (statistics: MigrationStatistics) => void,
  ) {
    this.#timebase = timebase;
    this.#report = report;
    this.#reportedAt = timebase.now();
    this.statistics = {
      ...identity,
      stage: 'preflight',
      startedAt: this.#reportedAt,
      round: 0,
      totalMs: 0,
      expectedDowntimeMs: 0,
      downtimeGoalMs: limits.downtimeGoalMs,
      downtimeLimitMs: limits.downtimeLimitMs,
      bytes: 0,
      zeroPages: 0,
      normalPages: 0,
      resentPages: 0,
      remainingPages: identity.totalPages,
      dirtyRate: 0,
      throughputMbits: 0,
      rounds: [],
    };
  }

  enter(stage: MigrationStage): void {
    this.statistics.stage = stage;
    this.#send();
  }

  beginRound(pages: number): void {
    const { statistics } = this;
    statistics.round += 1;
    statistics.remainingPages = pages;
    if (statistics.round > 1) statistics.resentPages += pages;
    this.#roundPages = pages;
    this.#dirtyRate = undefined;
    this.#roundStartedAt = this.#timebase.now();
    this.#roundStartBytes = statistics.bytes;
  }

  /** The first call after DIRTY_LOOK_MS measures how fast the guest writes; `dirty`: pages since the round's beginning. */
  lookAtDirty(dirty: () => number): void {
    const ms = this.#timebase.now() - this.#roundStartedAt;
    if (this.#dirtyRate === undefined && ms >= DIRTY_LOOK_MS) this.#dirtyRate = dirty() / ms;
  }

  /** A batch has left. `bytes` is the total on the wire so far. */
  sent(normalPages: number, zeroPages: number, bytes: number): void {
    const { statistics } = this;
    statistics.normalPages += normalPages;
    statistics.zeroPages += zeroPages;
    statistics.remainingPages -= normalPages + zeroPages;
    statistics.bytes = bytes;
    const elapsed = this.#timebase.now() - this.#reportedAt;
    if (elapsed < REPORT_MS) return;
    statistics.throughputMbits = mbits(bytes - this.#reportedBytes, elapsed);
    this.#send();
  }

  /** The round's pages have been processed by the target, and `dirty` pages were written meanwhile. */
  endRound(dirty: number): void {
    const { statistics } = this;
    const ms = this.#timebase.now() - this.#roundStartedAt;
    const bytes = statistics.bytes - this.#roundStartBytes;
    statistics.rounds.push({ pages: this.#roundPages, dirty, ms, bytes });
    statistics.dirtyRate = 1000 * (this.#dirtyRate ?? (ms > 0 ? dirty / ms : 0));
  }

  /** Undefined: it is answered. */
  ask(question: DowntimeQuestion | undefined): void {
    this.statistics.question = question;
    this.#send();
  }

  /** The last report: its throughput is that of the whole migration. */
  finish(stage: MigrationStage, error?: string): MigrationStatistics {
    const { statistics } = this;
    if (error !== undefined) statistics.error = error;
    statistics.question = undefined;
    statistics.throughputMbits = mbits(statistics.bytes, this.#timebase.now() - statistics.startedAt);
    this.enter(stage);
    return structuredClone(statistics);
  }

  #send(): void {
    const now = this.#timebase.now();
    this.statistics.totalMs = now - this.statistics.startedAt;
    this.#reportedAt = now;
    this.#reportedBytes = this.statistics.bytes;
    this.#report(structuredClone(this.statistics));
  }
}

function mbits(bytes: number, ms: number): number {
  return ms > 0 ? (bytes * 8) / (ms * 1000) : 0;
}
