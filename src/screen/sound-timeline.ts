// When a guest's sound is heard: at the guest's own distances, a little late, so that what the host reports in batches is there in time.

/** Between a change at the guest and its sound, s. */
const DELAY = 0.06;
/** A guest that is further ahead has not run at the clock's pace meanwhile, s. */
const MOST_AHEAD = 0.5;

export class SoundTimeline {
  /** Of the sound's clock before the guest's, s. */
  #offset: number | undefined;

  /**
   * @param at guest time, ns
   * @param now the sound's clock, s
   * @returns when it is to be heard, by the sound's clock
   */
  place(at: number, now: number): number {
    const seconds = at / 1e9;
    const due = this.#offset === undefined ? -1 : seconds + this.#offset;
    if (due >= now && due <= now + MOST_AHEAD) return due;
    this.#offset = now + DELAY - seconds;
    return now + DELAY;
  }
}
