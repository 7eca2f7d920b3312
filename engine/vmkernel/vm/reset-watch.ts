// Distinguishes a guest that resets itself over and over without output from one that reboots. Without this the user would not
// see why nothing happens.

const RESETS = 3;
const WITHIN_MS = 20_000;

export class ResetWatch {
  #times: number[] = [];
  #printed = 0;

  /** The VM was started or reset from outside. */
  forget(): void {
    this.#times = [];
  }

  /**
   * The guest has reset itself. `now`: monotonic ms. `printed`: bytes that it has sent anywhere so far. Returns the user-facing
   * reason when it is a loop.
   */
  reset(now: number, printed: number): string | undefined {
    if (printed !== this.#printed) this.#times = [];
    this.#printed = printed;
    this.#times = [...this.#times, now].filter((time) => now - time <= WITHIN_MS);
    if (this.#times.length < RESETS) return undefined;
    const seconds = Math.max(1, Math.ceil((now - this.#times[0]) / 1000));
    return `it reset itself ${RESETS} times within ${seconds} s without printing anything`;
  }
}
