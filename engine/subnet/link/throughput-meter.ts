// Throughput over about the last second: bytes in a ring of slots, the newest still being filled.

import type { Timebase } from '../../base/timebase.ts';

const SLOTS = 10;
const SLOT_MS = 100;

export class ThroughputMeter {
  readonly #timebase: Timebase;
  readonly #slots = new Float64Array(SLOTS);
  /** Number, since the epoch, of the slot being filled. */
  #slot = 0;

  constructor(timebase: Timebase) {
    this.#timebase = timebase;
  }

  add(bytes: number): void {
    this.#advance();
    this.#slots[this.#slot % SLOTS] += bytes;
  }

  /** Mbit/s. */
  mbits(): number {
    this.#advance();
    const bytes = this.#slots.reduce((sum, slot) => sum + slot, 0);
    const coveredMs = (SLOTS - 1) * SLOT_MS + (this.#timebase.now() % SLOT_MS);
    return (bytes * 8) / (coveredMs * 1000);
  }

  #advance(): void {
    const slot = Math.floor(this.#timebase.now() / SLOT_MS);
    const stale = Math.min(slot - this.#slot, SLOTS);
    for (let i = 0; i < stale; i++) this.#slots[(slot - i) % SLOTS] = 0;
    this.#slot = Math.max(slot, this.#slot);
  }
}
