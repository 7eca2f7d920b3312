// How many instructions fill a span of time: the guest's speed differs by orders of magnitude between interpreted and
// translated code, and a slice must not last much longer than it was meant to.

const MIN_BUDGET = 1000;
const MAX_BUDGET = 20_000_000;
/** Instructions per ms assumed before the first measurement. */
const INITIAL_SPEED = 20_000;
/** A shorter run says nothing: the clock's resolution and the call itself weigh too much. */
const SHORTEST_MEASURE_MS = 0.2;

export class Pace {
  /** Instructions per ms. */
  private speed = INITIAL_SPEED;

  budget(ms: number): number {
    return Math.round(Math.min(MAX_BUDGET, Math.max(MIN_BUDGET, ms * this.speed)));
  }

  /** `instructions` took `ms`. Faster is believed slowly, slower at once: a slice too long delays timers and messages. */
  measured(instructions: number, ms: number): void {
    if (ms < SHORTEST_MEASURE_MS || instructions <= 0) return;
    const speed = instructions / ms;
    this.speed = speed < this.speed ? speed : this.speed + (speed - this.speed) / 4;
  }
}
