// What a guest prints, with the host's time of each piece: a measurement is the time between two texts on the serial line,
// because the guest's own clock may be wrong. Runs in Node and in the pages alike.

export interface SerialMatch {
  /** ms since the log was started when the last character of the match arrived. */
  at: number;
  /** The match and its groups, as from RegExp.exec. */
  groups: string[];
}

/** A text did not come in time, or cannot come any more. The message ends with what the guest printed last. */
export class SerialTimeout extends Error {
  override name = 'SerialTimeout';
}

interface Waiter {
  pattern: RegExp;
  resolve(match: SerialMatch): void;
  reject(error: Error): void;
}

const SHOWN_CHARACTERS = 1500;

export class SerialLog {
  readonly #now: () => number;
  #startedAt: number;
  #text = '';
  /** Where each piece ends in the text, and when it came. */
  readonly #pieces: { end: number; at: number }[] = [];
  /** The next search begins here: behind the last match. */
  #cursor = 0;
  #waiter: Waiter | undefined;
  #ended: string | undefined;

  /** `now`: monotonic ms. Time 0 is the construction. */
  constructor(now: () => number) {
    this.#now = now;
    this.#startedAt = now();
  }

  push(text: string): void {
    this.#text += text;
    this.#pieces.push({ end: this.#text.length, at: this.#now() - this.#startedAt });
    this.#settle();
  }

  /** Nothing more will come, for this reason. */
  end(reason: string): void {
    this.#ended ??= reason;
    this.#waiter?.reject(this.#failure(this.#ended));
  }

  /**
   * Resolves with the first match behind the previous one; one call at a time. `pattern` must not depend on what may still
   * come (no "$" or greedy end). Rejects with SerialTimeout.
   */
  async waitFor(pattern: string, timeoutMs: number): Promise<SerialMatch> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise<SerialMatch>((resolve, reject) => {
        this.#waiter = { pattern: new RegExp(pattern), resolve, reject };
        timer = setTimeout(() => reject(this.#failure(`no "${pattern}" within ${timeoutMs} ms`)), timeoutMs);
        this.#settle();
        if (this.#ended !== undefined) this.#waiter?.reject(this.#failure(this.#ended));
      });
    } finally {
      clearTimeout(timer);
      this.#waiter = undefined;
    }
  }

  #settle(): void {
    if (!this.#waiter) return;
    const match = this.#waiter.pattern.exec(this.#text.slice(this.#cursor));
    if (!match) return;
    this.#cursor += match.index + match[0].length;
    const piece = this.#pieces.find(({ end }) => end >= this.#cursor);
    this.#waiter.resolve({ at: piece?.at ?? 0, groups: [...match] });
    this.#waiter = undefined;
  }

  #failure(reason: string): SerialTimeout {
    return new SerialTimeout(`${reason}; the guest printed last:\n${this.#text.slice(-SHOWN_CHARACTERS)}`);
  }
}
