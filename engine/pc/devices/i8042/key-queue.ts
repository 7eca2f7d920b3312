// What is to be done with the keys of the keyboard waits here: changes of single keys, and text that is typed. A change goes to the
// keyboard at once while nothing waits and the buffer of the keyboard has room. Everything else keeps its order and goes key by key, each
// press and release when the guest has read the one before, and not faster than STEP apart, so that a program that polls the BIOS
// keeps up. It waits for as long as the guest reads nothing.
//
// A key whose press was taken is held until its release is taken, for which there is always room: presses leave it free. A press
// for which there is no room is dropped, and its release with it.

import type { Clock, TimerHandle } from '../../bus/device.ts';
import { KEY_CHANGE_LIMIT, TYPING_LIMIT, type TypedKey } from '../../bus/input.ts';
import { KEYS, keyOf } from '../../input/key-table.ts';
import type { KeyQueueState } from './persist.ts';

/** ns between two changes of a key. */
const STEP = 5e6;

/** Of a step and of a change: it is a press. */
const PRESS = 256;
/** Of a key of a character. */
const SHIFT = 256;
const ALT_GR = 512;
/** It is a change of a key, not a key of a character. */
const CHANGE = 1024;
const INDEX = 255;

export interface KeyQueuePorts {
  clock: Clock;
  keyboard: {
    readonly idle: boolean;
    hasRoom(code: string): boolean;
    key(code: string, pressed: boolean): void;
  };
  /** All has been typed, or a good part of it. */
  progressed(): void;
}

/** Characters typed between two reports. */
const REPORT_EACH = 256;

export class KeyQueue {
  readonly #ports: KeyQueuePorts;
  #s = initialState();
  /** Of what waits. */
  #changes = 0;
  #timer: TimerHandle | undefined;

  constructor(ports: KeyQueuePorts) {
    this.#ports = ports;
  }

  /** Characters that are not typed to the end. */
  get typing(): number {
    return this.#s.waiting.length - this.#changes + (this.#s.steps.length > 0 ? 1 : 0);
  }

  get #empty(): boolean {
    return this.#s.waiting.length === 0 && this.#s.steps.length === 0;
  }

  /** `code`: KeyboardEvent.code; one that there is no key for is ignored. */
  key(code: string, pressed: boolean): void {
    const key = keyOf(code);
    if (!key) return;
    if (pressed) this.#press(code, key.index);
    else this.#release(code, key.index);
  }

  /** Of the keys that were pressed one by one. The last one pressed is first, so that modifiers outlast what they modify. */
  releaseAll(): void {
    for (const index of this.#s.held.toReversed()) this.#release(KEYS[index].code, index);
  }

  /** False: there is no room for all of them now, and none is taken. */
  type(characters: readonly (readonly TypedKey[])[]): boolean {
    if (this.typing + characters.length > TYPING_LIMIT) return false;
    this.#s.waiting.push(...characters.map((keys) => keys.flatMap(encoded)));
    this.continue();
    return true;
  }

  /** What is half typed is finished: no key stays pressed. */
  stopTyping(): void {
    this.#s.waiting = this.#s.waiting.filter(isChange);
  }

  /** The keyboard may take the next key. */
  continue(): void {
    if (this.#timer || this.#empty) return;
    const { clock, keyboard } = this.#ports;
    // Never from within what the keyboard is doing now.
    if (keyboard.idle) this.#timer = clock.schedule(Math.max(this.#s.nextStep, clock.now()), () => this.#step());
  }

  reset(): void {
    this.#s = initialState();
    this.#changes = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  save(): KeyQueueState {
    return structuredClone(this.#s);
  }

  /** Of the shape of `keyQueueForm`. */
  restore(state: KeyQueueState): void {
    this.reset();
    const known = (values: number[]) => values.filter((value) => KEYS[value & INDEX] !== undefined);
    this.#s = {
      waiting: state.waiting.slice(0, TYPING_LIMIT + KEY_CHANGE_LIMIT).map(known),
      steps: known(state.steps),
      nextStep: state.nextStep,
      held: [...new Set(known(state.held))],
    };
    this.#changes = this.#s.waiting.filter(isChange).length;
    this.continue();
  }

  #press(code: string, index: number): void {
    const { held } = this.#s;
    const { keyboard } = this.#ports;
    const isHeld = held.includes(index);
    if (this.#empty && keyboard.hasRoom(code)) {
      if (!isHeld) held.push(index);
      keyboard.key(code, true);
    } else if (!isHeld && this.#changes + held.length + 2 <= KEY_CHANGE_LIMIT) {
      held.push(index);
      this.#wait(index | PRESS);
    }
  }

  #release(code: string, index: number): void {
    const { held } = this.#s;
    const place = held.indexOf(index);
    if (place < 0) return;
    held.splice(place, 1);
    if (this.#empty) this.#ports.keyboard.key(code, false);
    else this.#wait(index);
  }

  #wait(change: number): void {
    this.#s.waiting.push([change | CHANGE]);
    this.#changes++;
    this.continue();
  }

  #step(): void {
    this.#timer = undefined;
    const s = this.#s;
    const { clock, keyboard } = this.#ports;
    if (!keyboard.idle) return;
    while (s.steps.length === 0 && s.waiting.length > 0) s.steps = this.#next().flatMap(stepsOf);
    const step = s.steps.shift();
    // Before the key is: the keyboard may call `continue` at once.
    s.nextStep = clock.now() + STEP;
    if (step !== undefined) keyboard.key(KEYS[step & INDEX].code, (step & PRESS) !== 0);
    if (s.steps.length === 0 && this.typing % REPORT_EACH === 0) this.#ports.progressed();
    this.continue();
  }

  #next(): number[] {
    const next = this.#s.waiting.shift() ?? [];
    if (isChange(next)) this.#changes--;
    return next;
  }
}

function isChange([first = 0]: readonly number[]): boolean {
  return (first & CHANGE) !== 0;
}

function encoded({ code, shift, altGr }: TypedKey): number[] {
  const key = keyOf(code);
  return key ? [key.index | (shift ? SHIFT : 0) | (altGr ? ALT_GR : 0)] : [];
}

/** Of a character, modifiers outlast the key. */
function stepsOf(key: number): number[] {
  if (key & CHANGE) return [key & ~CHANGE];
  const held = [
    ...(key & SHIFT ? ['ShiftLeft'] : []),
    ...(key & ALT_GR ? ['AltRight'] : []),
    KEYS[key & INDEX].code,
  ].flatMap((code) => keyOf(code)?.index ?? []);
  return [...held.map((index) => index | PRESS), ...held.toReversed()];
}

function initialState(): KeyQueueState {
  return { waiting: [], steps: [], nextStep: 0, held: [] };
}

/** An example of its saved form, for the check of others. */
export function keyQueueForm(): KeyQueueState {
  return { waiting: [[0]], steps: [0], nextStep: 0, held: [0] };
}
