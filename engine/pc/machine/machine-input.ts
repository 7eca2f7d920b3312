// What the user does with keyboard and mouse, on its way to the devices that the machine has for it.
//
// Motion goes to the device for positions while the guest's driver has that on, else to the mouse. Counts are whole numbers: fractions
// are kept until they make one.

import {
  INITIAL_INPUT,
  type InputEvent,
  type InputState,
  type Keyboard,
  type Mouse,
  type Pointer,
  type PointerInput,
  type TypedKey,
} from '../bus/input.ts';

const MOTIONS = ['dx', 'dy', 'wheel', 'horizontalWheel'] as const;

export class MachineInput {
  keyboard: Keyboard | undefined;
  mouse: Mouse | undefined;
  /** Of those whose driver is on, the first is used. */
  readonly absolutes: Pointer[] = [];
  readonly #changed: (state: InputState) => void;
  #told = JSON.stringify(INITIAL_INPUT);
  readonly #fractions = { dx: 0, dy: 0, wheel: 0, horizontalWheel: 0 };

  constructor(changed: (state: InputState) => void) {
    this.#changed = changed;
  }

  get #absolute(): Pointer | undefined {
    return this.absolutes.find(({ active }) => active);
  }

  get state(): InputState {
    const { keyboard, mouse } = this;
    const absolute = this.#absolute;
    return {
      leds: keyboard?.leds ?? INITIAL_INPUT.leds,
      typing: keyboard?.typing ?? 0,
      mouseActive: (mouse?.active ?? false) || absolute !== undefined,
      absolutePointer: absolute !== undefined,
    };
  }

  send(event: InputEvent): void {
    switch (event.kind) {
      case 'key':
        this.key(event.code, event.pressed);
        break;
      case 'pointer':
        this.pointer(event);
        break;
      case 'release-all':
        this.releaseAll();
    }
  }

  /** `code`: KeyboardEvent.code, the key's position. Nothing happens for one that a PC keyboard has not. */
  key(code: string, pressed: boolean): void {
    this.keyboard?.key(code, pressed);
  }

  pointer(input: PointerInput): void {
    const whole = { ...input };
    for (const motion of MOTIONS) {
      const sum = input[motion] + this.#fractions[motion];
      whole[motion] = Math.trunc(sum);
      this.#fractions[motion] = sum - whole[motion];
    }
    const absolute = this.#absolute;
    if (absolute) absolute.move(whole);
    else this.mouse?.move(whole);
  }

  /** No key and no button stays held. */
  releaseAll(): void {
    this.keyboard?.releaseAll();
    const nothing = { dx: 0, dy: 0, wheel: 0, horizontalWheel: 0, buttons: 0 };
    for (const pointer of this.absolutes) pointer.move(nothing);
    this.mouse?.move(nothing);
  }

  /** Has characters typed. False: there is no room for all of them now, and none is taken. */
  type(characters: readonly (readonly TypedKey[])[]): boolean {
    const accepted = this.keyboard?.type(characters) ?? false;
    this.changed();
    return accepted;
  }

  stopTyping(): void {
    this.keyboard?.stopTyping();
    this.changed();
  }

  /** Tells it, if it is news. */
  changed(): void {
    const state = this.state;
    const shown = JSON.stringify(state);
    if (shown === this.#told) return;
    this.#told = shown;
    this.#changed(state);
  }
}
