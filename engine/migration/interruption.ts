// What ends a migration before the handover: the target abandons it or vanishes, the stream breaks, the user cancels, the guest
// ends by itself or has stood still for too long. The first reason counts. Every wait of the source ends with it, at once.

import { deferred } from '../base/deferred.ts';

/** Why a migration did not happen; the message is user-facing. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

export class MigrationCancelled extends MigrationError {
  override name = 'MigrationCancelled';
}

export class Interruption {
  #reason: MigrationError | undefined;
  readonly #interrupted = deferred<never>();
  readonly #listeners: ((reason: MigrationError) => void)[] = [];

  constructor() {
    // It may have no waiter.
    this.#interrupted.promise.catch(() => {});
  }

  get reason(): MigrationError | undefined {
    return this.#reason;
  }

  interrupt(reason: MigrationError): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#interrupted.reject(reason);
    for (const listener of this.#listeners) listener(reason);
  }

  /** Calls back once, at once if it has happened already. */
  onInterrupted(listener: (reason: MigrationError) => void): void {
    if (this.#reason) listener(this.#reason);
    else this.#listeners.push(listener);
  }

  /** @throws MigrationError the reason, if there is one. */
  check(): void {
    if (this.#reason) throw this.#reason;
  }

  /**
   * What `work` comes to, unless the migration is interrupted before it: the work is not waited for then, so it must be of a
   * kind that may be left alone.
   * @throws MigrationError the reason; it comes before what the work itself rejects with.
   */
  async unlessInterrupted<T>(work: Promise<T>): Promise<T> {
    try {
      return await Promise.race([this.#interrupted.promise, work]);
    } finally {
      // What broke the work says more than that it is broken.
      this.check();
    }
  }
}
