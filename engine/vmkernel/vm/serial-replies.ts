// What terminals answer by themselves when the guest asks for the cursor's position, colours or modes. Several terminals may
// show one VM, some of them late, frozen, or reading what was printed long ago: each question is answered once, by one of
// them, soon, or not at all, because a late answer is typed into whatever runs by then.
//
// A question is known by the position of its first byte in the VM's output. The terminal in which the user typed last answers;
// another one's answer waits for GRACE_MS and is used if none came from there.

import type { Timebase } from '../../base/timebase.ts';

/** So old a question is not answered any more. */
const STALE_MS = 2000;
const GRACE_MS = 300;
/** Times of output are kept this exactly. */
const MARK_MS = 50;
const MAXIMUM_HELD = 32;

export interface TerminalReply {
  /** Which terminal answers. */
  terminal: string;
  /** Of the question's first byte in the VM's output. */
  position: number;
  bytes: Uint8Array<ArrayBuffer>;
}

export class SerialReplies {
  readonly #timebase: Timebase;
  readonly #type: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Until when the output up to `end` was printed, for the last STALE_MS. */
  #marks: { end: number; at: number }[] = [];
  /** Questions before this one are answered, or too old. */
  #next = 0;
  #typist: string | undefined;
  readonly #held = new Set<TerminalReply>();

  /** @param type gives an answer to the guest */
  constructor(timebase: Timebase, type: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#timebase = timebase;
    this.#type = type;
  }

  /** The VM has printed, up to `end`. */
  printed(end: number): void {
    const now = this.#timebase.now();
    const last = this.#marks.at(-1);
    if (last && now - last.at < MARK_MS) last.end = end;
    else this.#marks.push({ end, at: now });
    for (let [first] = this.#marks; now - first.at > STALE_MS; [first] = this.#marks) {
      this.#next = Math.max(this.#next, first.end);
      this.#marks.shift();
    }
  }

  /** The user has typed in this terminal. */
  typed(terminal: string): void {
    this.#typist = terminal;
  }

  /** Another machine, or the same after a reset: what was asked up to `end` waits for no answer. */
  forget(end: number): void {
    this.#next = end;
    this.#marks = [];
    this.#held.clear();
  }

  reply(answer: TerminalReply): void {
    if (answer.position < this.#next || this.#isStale(answer.position)) return;
    if (this.#typist === undefined || this.#typist === answer.terminal) this.#give(answer);
    else if (this.#held.size < MAXIMUM_HELD) this.#hold(answer);
  }

  #hold(answer: TerminalReply): void {
    this.#held.add(answer);
    this.#timebase.after(GRACE_MS, () => {
      if (this.#held.delete(answer) && answer.position >= this.#next) this.#give(answer);
    });
  }

  #give({ position, bytes }: TerminalReply): void {
    this.#next = position + 1;
    this.#type(bytes);
  }

  #isStale(position: number): boolean {
    const printed = this.#marks.find(({ end }) => end > position);
    return printed === undefined || this.#timebase.now() - printed.at > STALE_MS;
  }
}
