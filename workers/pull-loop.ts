// Reading from a host that says when there is more: one attempt is under way at a time, what is told meanwhile leads to one more, and
// after a failure it is tried again, less and less often, or at once when something is told.

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5000;

/** `more`: there is more to be read at once. */
export type PullOutcome = 'caught-up' | 'more' | 'failed';

export interface PullSteps {
  /** Comes before each attempt; what is told until it resolves belongs to that attempt. */
  before?(): Promise<void>;
  /** Once the loop has been stopped nothing is to be done with what was read. */
  attempt(): Promise<PullOutcome>;
  delay(ms: number): Promise<void>;
}

export class PullLoop {
  readonly #steps: PullSteps;
  #running = false;
  #again = false;
  #stopped = false;
  #interrupt = () => {};

  constructor(steps: PullSteps) {
    this.#steps = steps;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** There is, or may be, something to read. */
  pull(): void {
    this.#again = true;
    this.#interrupt();
    if (!this.#running) void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#interrupt();
  }

  async #run(): Promise<void> {
    this.#running = true;
    let failures = 0;
    while (this.#again && !this.#stopped) {
      if (this.#steps.before) await this.#steps.before();
      if (this.#stopped) break;
      this.#again = false;
      const outcome = await this.#steps.attempt();
      if (this.#stopped) break;
      if (outcome === 'failed') await this.#pause(Math.min(FIRST_RETRY_MS * 2 ** failures++, LONGEST_RETRY_MS));
      else failures = 0;
      if (outcome !== 'caught-up') this.#again = true;
    }
    this.#running = false;
  }

  /** Until the time is over or there is something to read. */
  async #pause(ms: number): Promise<void> {
    const interrupted = new Promise<void>((resolve) => {
      this.#interrupt = resolve;
    });
    await Promise.race([this.#steps.delay(ms), interrupted]);
  }
}
