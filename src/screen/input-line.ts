// What the user does at a screen, on its way to the guest: in order, one call under way at a time. Motion that has not gone out yet is
// added up, so that a slow host is sent where the pointer is rather than everywhere it was.

import type { InputEvent } from '../../engine/host/api.ts';

/** The host takes as many in one call. */
const MOST_EVENTS = 256;

type PointerEventInput = Extract<InputEvent, { kind: 'pointer' }>;

export class InputLine {
  readonly #send: (events: InputEvent[]) => Promise<void>;
  readonly #onFailure: () => void;
  #waiting: InputEvent[] = [];
  #busy = false;

  /** `onFailure`: what waited has been dropped; keys that are held there are released with what is sent next. */
  constructor(send: (events: InputEvent[]) => Promise<void>, onFailure: () => void) {
    this.#send = send;
    this.#onFailure = onFailure;
  }

  push(event: InputEvent): void {
    const last = this.#waiting.at(-1);
    if (event.kind === 'pointer' && last?.kind === 'pointer' && last.buttons === event.buttons)
      this.#waiting[this.#waiting.length - 1] = added(last, event);
    else if (this.#waiting.length < MOST_EVENTS) this.#waiting.push(event);
    else {
      // Nothing gets through: what is pressed now would be released when nobody remembers it.
      this.#waiting = [{ kind: 'release-all' }];
    }
    if (!this.#busy) void this.#run();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const events = this.#waiting;
      this.#waiting = [];
      try {
        await this.#send(events);
      } catch {
        this.#waiting = [];
        this.#onFailure();
        break;
      }
    }
    this.#busy = false;
  }
}

function added(before: PointerEventInput, after: PointerEventInput): PointerEventInput {
  return {
    ...after,
    dx: before.dx + after.dx,
    dy: before.dy + after.dy,
    wheel: before.wheel + after.wheel,
    horizontalWheel: before.horizontalWheel + after.horizontalWheel,
    ...((after.position ?? before.position) && { position: after.position ?? before.position }),
  };
}
