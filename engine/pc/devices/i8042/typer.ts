// Types text on the keyboard, key by key: each press and release when the guest has read the one before, and not faster than
// STEP apart, so that a program that polls the BIOS keeps up. It waits for as long as the guest reads nothing.

import type { Clock, TimerHandle } from '../../bus/device.ts';
import { TYPING_LIMIT, type TypedKey } from '../../bus/input.ts';
import { KEYS, keyOf } from '../../input/key-table.ts';
import type { TyperState } from './persist.ts';

/** ns between two changes of a key. */
const STEP = 5e6;

const SHIFT = 256;
const ALT_GR = 512;
const PRESS = 256;
const INDEX = 255;

export interface TyperPorts {
  clock: Clock;
  keyboard: { readonly idle: boolean; key(code: string, pressed: boolean): void };
  /** All has been typed, or a good part of it. */
  progressed(): void;
}

/** Characters typed between two reports. */
const REPORT_EACH = 256;

export class Typer {
  readonly #ports: TyperPorts;
  #s = initialState();
  #timer: TimerHandle | undefined;

  constructor(ports: TyperPorts) {
    this.#ports = ports;
  }

  /** Characters that are not typed to the end. */
  get waiting(): number {
    return this.#s.characters.length + (this.#s.steps.length > 0 ? 1 : 0);
  }

  /** False: there is no room for all of them now, and none is taken. */
  type(characters: readonly (readonly TypedKey[])[]): boolean {
    if (this.waiting + characters.length > TYPING_LIMIT) return false;
    this.#s.characters.push(...characters.map((keys) => keys.flatMap(encoded)));
    this.continue();
    return true;
  }

  /** What is half typed is finished: no key stays pressed. */
  stop(): void {
    this.#s.characters = [];
  }

  /** The keyboard may take the next key. */
  continue(): void {
    if (this.#timer || this.waiting === 0) return;
    const { clock, keyboard } = this.#ports;
    // Never from within what the keyboard is doing now.
    if (keyboard.idle) this.#timer = clock.schedule(Math.max(this.#s.nextStep, clock.now()), () => this.#step());
  }

  reset(): void {
    this.#s = initialState();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  save(): TyperState {
    return structuredClone(this.#s);
  }

  /** Of the shape of `typerForm`. */
  restore(state: TyperState): void {
    this.reset();
    const known = (values: number[]) => values.filter((value) => KEYS[value & INDEX] !== undefined);
    this.#s = {
      characters: state.characters.slice(0, TYPING_LIMIT).map(known),
      steps: known(state.steps),
      nextStep: state.nextStep,
    };
    this.continue();
  }

  #step(): void {
    this.#timer = undefined;
    const s = this.#s;
    const { clock, keyboard } = this.#ports;
    if (!keyboard.idle) return;
    while (s.steps.length === 0 && s.characters.length > 0) s.steps = (s.characters.shift() ?? []).flatMap(stepsOf);
    const step = s.steps.shift();
    // Before the key is: the keyboard may call `continue` at once.
    s.nextStep = clock.now() + STEP;
    if (step !== undefined) keyboard.key(KEYS[step & INDEX].code, (step & PRESS) !== 0);
    if (s.steps.length === 0 && s.characters.length % REPORT_EACH === 0) this.#ports.progressed();
    this.continue();
  }
}

function encoded({ code, shift, altGr }: TypedKey): number[] {
  const key = keyOf(code);
  return key ? [key.index | (shift ? SHIFT : 0) | (altGr ? ALT_GR : 0)] : [];
}

/** Modifiers outlast the key. */
function stepsOf(key: number): number[] {
  const held = [
    ...(key & SHIFT ? ['ShiftLeft'] : []),
    ...(key & ALT_GR ? ['AltRight'] : []),
    KEYS[key & INDEX].code,
  ].flatMap((code) => keyOf(code)?.index ?? []);
  return [...held.map((index) => index | PRESS), ...held.toReversed()];
}

function initialState(): TyperState {
  return { characters: [], steps: [], nextStep: 0 };
}

/** An example of its saved form, for the check of others. */
export function typerForm(): TyperState {
  return { characters: [[0]], steps: [0], nextStep: 0 };
}
