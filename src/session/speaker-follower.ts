// Follows what the PC speaker of a VM does on one host. What it did before somebody listened is not heard; whether it sounds is.

import type { SpeakerChange, SpeakerChanges } from '../../engine/host/api.ts';

export class SpeakerFollower {
  readonly #read: (position: number) => Promise<SpeakerChanges>;
  readonly #take: (changes: readonly SpeakerChange[]) => void;
  /** Undefined: nothing has been read yet. */
  #position: number | undefined;
  #running = false;
  #again = false;
  #stopped = false;

  /** `read` asks the host; where it fails, the next news of the speaker begins anew. */
  constructor(read: (position: number) => Promise<SpeakerChanges>, take: (changes: readonly SpeakerChange[]) => void) {
    this.#read = read;
    this.#take = take;
  }

  /** There is, or may be, something to read: at the start, and when the host says so. One call is under way at a time. */
  pull(): void {
    this.#again = true;
    if (!this.#running) void this.#run();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      const heard = await this.#read(this.#position ?? 0).catch(() => undefined);
      if (this.#stopped) break;
      const isFirst = this.#position === undefined;
      this.#position = heard?.end;
      if (heard && heard.changes.length > 0) this.#take(isFirst ? heard.changes.slice(-1) : heard.changes);
    }
    this.#running = false;
  }
}
