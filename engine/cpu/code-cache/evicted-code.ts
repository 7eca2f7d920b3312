// How often the regions of code were evicted: each time it has to run twice as often before it is translated again. A program
// with more hot code than the budget holds would otherwise have its regions rebuilt over and over; so the regions in which
// most runs stay, and the rest is interpreted.

import { HOT, LONGEST_HEAT } from './record-arena.ts';

/** ms after which an eviction is forgotten. */
const REMEMBERED_MS = 30_000;
/** Pieces of code that are remembered at most; the one whose eviction was longest ago is forgotten first. */
const REMEMBERED = 8192;

export class EvictedCode {
  readonly #evictions = new Map<number, { heat: number; at: number }>();
  readonly #now: () => number;

  /** `now`: ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The code of this key (code-cache.ts) has just been evicted: executions until it is hot again. */
  heatOf(key: number): number {
    const at = this.#now();
    const before = this.#evictions.get(key);
    const recent = before !== undefined && at - before.at < REMEMBERED_MS;
    const heat = recent ? Math.min(2 * before.heat, LONGEST_HEAT) : HOT;
    // Behind all others.
    this.#evictions.delete(key);
    this.#evictions.set(key, { heat, at });
    if (this.#evictions.size > REMEMBERED) this.#evictions.delete(this.#evictions.keys().next().value!);
    return heat;
  }
}
