// How long a peer has been silent. Counted in this node's own ticks, not read off a clock: a node that was itself stopped
// (frozen, asleep with the whole machine, not scheduled) has not been listening, and must not count as their silence what it
// did not hear.
//
// Invariants:
// - A tick that comes late counts for nothing: what queued meanwhile is heard before the next one. A hidden page, whose
//   timers fire once a minute, therefore never finds a peer silent.
// - Silence is a reason to show, to wait no longer, or to take over under a higher term (office.ts). It proves nothing.

import type { Timebase } from '../../base/timebase.ts';

/** Between the ticks at which silence is counted, and between signs of life, ms. */
export const TICK_MS = 1000;
/** So many ticks without a sign of life are a silence worth showing. */
export const SILENT_TICKS = 5;
/** A tick that comes later than this after the one before is late. */
const LATE_MS = 2.5 * TICK_MS;

export class SignsOfLife {
  readonly #timebase: Timebase;
  #heardAt: number;
  #tickedAt: number;
  #missed = 0;

  /** The peer counts as heard now. */
  constructor(timebase: Timebase) {
    this.#timebase = timebase;
    this.#heardAt = timebase.now();
    this.#tickedAt = this.#heardAt;
  }

  heard(): void {
    this.#heardAt = this.#timebase.now();
    this.#missed = 0;
  }

  /** To be called every TICK_MS. */
  tick(): void {
    const now = this.#timebase.now();
    if (now - this.#tickedAt <= LATE_MS) this.#missed += 1;
    this.#tickedAt = now;
  }

  /** Ticks since it was heard. */
  get missed(): number {
    return this.#missed;
  }

  /** When it was heard last (ms, this node's clock), if that is long ago. */
  get silentSince(): number | undefined {
    return this.#missed >= SILENT_TICKS ? this.#heardAt : undefined;
  }
}
