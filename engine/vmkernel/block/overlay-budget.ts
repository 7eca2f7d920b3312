// Memory that the overlays of one tab may take together. Who finds none left waits, in order, until some is free: no write fails for
// that.

import { MIB } from '../../base/sizes.ts';

export const OVERLAY_LIMIT = 1024 * MIB;

export class OverlayBudget {
  readonly limit: number;
  #used = 0;
  #waiting: { bytes: number; grant: () => void }[] = [];

  /** Bytes. */
  constructor(limit = OVERLAY_LIMIT) {
    this.limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** False: there is not as much left. */
  tryReserve(bytes: number): boolean {
    if (bytes > 0 && (this.#waiting.length > 0 || this.#used + bytes > this.limit)) return false;
    this.#used += bytes;
    return true;
  }

  /** Resolves when it is reserved. What is more than the limit is never granted. */
  reserve(bytes: number): Promise<void> {
    if (this.tryReserve(bytes)) return Promise.resolve();
    return new Promise((grant) => this.#waiting.push({ bytes, grant }));
  }

  release(bytes: number): void {
    this.#used -= bytes;
    for (let next = this.#waiting.at(0); next && this.#used + next.bytes <= this.limit; next = this.#waiting.at(0)) {
      this.#used += next.bytes;
      this.#waiting.shift();
      next.grant();
    }
  }
}
