// Virtual time for tests: a clock that jumps from timer to timer, with all promises settled in between.

import type { Timebase } from '../timebase.ts';

interface Timer {
  at: number;
  callback: () => void;
}

export class VirtualTime implements Timebase {
  #now = 1_000_000;
  /** By time; timers of the same time in the order they were set. */
  readonly #timers: Timer[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), callback };
    let index = this.#timers.length;
    while (index > 0 && this.#timers[index - 1].at > timer.at) index -= 1;
    this.#timers.splice(index, 0, timer);
    return () => {
      const position = this.#timers.indexOf(timer);
      if (position >= 0) this.#timers.splice(position, 1);
    };
  }

  /** The caller keeps its thread busy for so long: timers that fall due meanwhile are late. */
  spend(ms: number): void {
    this.#now += ms;
  }

  /** Lets time pass until `condition` holds. Throws when it does not within `limitMs`. */
  async until(condition: () => boolean, limitMs = 600_000): Promise<void> {
    const limit = this.#now + limitMs;
    for (await settled(); !condition(); await settled()) {
      const next = this.#timers[0];
      if (!next || next.at > limit) throw new Error(`What the test waits for did not happen within ${limitMs} ms`);
      this.#fire();
    }
  }

  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (await settled(); this.#timers[0]?.at <= end; await settled()) this.#fire();
    this.#now = Math.max(this.#now, end);
  }

  /** The value of a promise that needs time to pass. */
  async wait<T>(promise: Promise<T>, limitMs?: number): Promise<T> {
    let done = false;
    const noted = promise.finally(() => {
      done = true;
    });
    noted.catch(() => {});
    await this.until(() => done, limitMs);
    return noted;
  }

  #fire(): void {
    const timer = this.#timers.shift()!;
    this.#now = Math.max(this.#now, timer.at);
    timer.callback();
  }
}

/** Resolves when every promise that can settle without time passing has done so. */
export async function settled(): Promise<void> {
  // Those of Atomics.waitAsync settle while the event loop polls. The first turn may come after it has polled.
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}
