// Calls back at given times, but never out of order: timers that are due at nearly the same time may fire in any.

import type { Timebase } from '../../base/timebase.ts';

export class OrderedDelivery {
  readonly #timebase: Timebase;
  readonly #arrivals: { at: number; deliver: () => void }[] = [];

  constructor(timebase: Timebase) {
    this.#timebase = timebase;
  }

  /** Delivers at time `at` (ms), but not before what was given earlier; now, if both are past. */
  deliverAt(at: number, deliver: () => void): void {
    this.#arrivals.push({ at, deliver });
    if (this.#arrivals.length === 1) this.#deliver();
  }

  #deliver(): void {
    for (let next = this.#arrivals[0]; next; next = this.#arrivals[0]) {
      const early = next.at - this.#timebase.now();
      if (early > 0) {
        this.#timebase.after(early, () => this.#deliver());
        return;
      }
      next.deliver();
      this.#arrivals.shift();
    }
  }
}
