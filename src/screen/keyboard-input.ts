// The keyboard while the screen has the focus: every key goes to the guest by its position, and none to the browser as far as that
// lets it. Ctrl and Alt pressed and released together, with nothing else, lead out.

import type { InputEvent } from '../../engine/host/api.ts';

/** Of a DOM's KeyboardEvent, what is looked at. */
export interface KeyPress {
  code: string;
  repeat: boolean;
  preventDefault(): void;
}

const CONTROL = new Set(['ControlLeft', 'ControlRight']);
/** Not AltRight: AltGr comes as Ctrl and Alt on some systems. */
const ALT = 'AltLeft';

export class KeyboardInput {
  readonly #push: (event: InputEvent) => void;
  readonly #leave: () => void;
  readonly #held = new Set<string>();
  /** Ctrl and Alt are or were held together, and nothing else since. */
  #leaving = false;

  constructor(push: (event: InputEvent) => void, leave: () => void) {
    this.#push = push;
    this.#leave = leave;
  }

  down(press: KeyPress): void {
    press.preventDefault();
    const { code, repeat } = press;
    // The guest's keyboard repeats by itself.
    if (repeat || code === '' || this.#held.has(code)) return;
    this.#held.add(code);
    this.#leaving = this.#held.size === 2 && this.#held.has(ALT) && [...this.#held].some((key) => CONTROL.has(key));
    this.#push({ kind: 'key', code, pressed: true });
  }

  up(press: KeyPress): void {
    press.preventDefault();
    if (!this.#held.delete(press.code)) return;
    this.#push({ kind: 'key', code: press.code, pressed: false });
    if (!this.#leaving || this.#held.size > 0) return;
    this.#leaving = false;
    this.#leave();
  }

  /** The focus is elsewhere, where releases are not heard. */
  release(): void {
    this.#leaving = false;
    if (this.#held.size === 0) return;
    this.#held.clear();
    this.#push({ kind: 'release-all' });
  }
}
