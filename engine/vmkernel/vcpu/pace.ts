// How many instructions fill a span of time: the guest's speed differs by orders of magnitude between interpreted and
// translated code, and a slice must not last much longer than it was meant to.

const MIN_BUDGET = 1000;
const MAX_BUDGET = 20_000_000;
/** Instructions per ms assumed before the first measurement. */
const INITIAL_SPEED = 20_000;
/** The clock's resolution and the call itself weigh too much in a shorter run: it counts as this long. */
const SHORTEST_MEASURE_MS = 0.2;

export class Pace {
  /** Instructions per ms. */
  #speed = INITIAL_SPEED;

  budget(ms: number): number {
    return Math.round(Math.min(MAX_BUDGET, Math.max(MIN_BUDGET, ms * this.#speed)));
  }

  /** `instructions` took `ms`. The estimate rises slowly and falls at once: a slice too long delays timers and messages. */
  measured(instructions: number, ms: number): void {
    const speed = instructions / Math.max(ms, SHORTEST_MEASURE_MS);
    if (speed > this.#speed) this.#speed += (speed - this.#speed) / 4;
    // A short run proves how fast the guest is at least, not that it is slow.
    else if (ms >= SHORTEST_MEASURE_MS && instructions > 0) this.#speed = speed;
  }
}
