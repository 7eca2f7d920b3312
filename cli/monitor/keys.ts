// Keys and pointer as monitors send them: QEMU's names for keys, buttons and axes, as events of the machine.

import { ALL_BUTTONS, BUTTON, type InputEvent } from '../../engine/pc/bus/input.ts';
import { KEYS } from '../../engine/pc/input/key-table.ts';
import { MONITOR_KEYS, monitorKeys } from '../../engine/pc/input/monitor-keys.ts';

/** For how long keys are held if nothing is said, ms. */
export const HOLD_MS = 100;
const LONGEST_HOLD_MS = 60_000;

export interface KeySender {
  sendInput(events: readonly InputEvent[]): Promise<void>;
}

/** `ctrl-alt-delete`: KeyboardEvent.code of each. Throws an Error that names what is no key. */
export function keysOf(combination: string): string[] {
  return monitorKeys(combination);
}

/** QKeyCode, or QEMU's number of a key: its code of set 1, with 80h added where that has the prefix E0h. */
export function keyCode(type: 'qcode' | 'number', data: unknown): string {
  const code = type === 'qcode' ? MONITOR_KEYS.get(String(data)) : numberedKey(Number(data));
  if (code === undefined) throw new Error(`there is no key "${String(data)}"`);
  return code;
}

function numberedKey(number: number): string | undefined {
  const make = number & 0x80 ? 0xe000 | (number & 0x7f) : number;
  return KEYS.find((key) => key.make[1] === make)?.code;
}

/** Presses all, in this order, and releases them after `holdMs`, the last first. */
export async function pressKeys(machine: KeySender, codes: readonly string[], holdMs = HOLD_MS): Promise<void> {
  if (!(holdMs >= 0 && holdMs <= LONGEST_HOLD_MS)) throw new Error(`keys are held for 0 to ${LONGEST_HOLD_MS} ms`);
  await machine.sendInput(codes.map((code) => ({ kind: 'key', code, pressed: true })));
  await new Promise((resolve) => setTimeout(resolve, holdMs));
  await machine.sendInput([...codes].reverse().map((code) => ({ kind: 'key', code, pressed: false })));
}

/** What monitors know of the pointer: buttons stay as they were set, and so does a position in its other direction. */
export class MonitorPointer {
  #buttons = 0;
  #position = { x: 0.5, y: 0.5 };

  move(dx: number, dy: number, wheel = 0): InputEvent {
    return this.#event({ dx, dy, wheel });
  }

  moveTo(axis: 'x' | 'y', share: number): InputEvent {
    this.#position = { ...this.#position, [axis]: Math.min(Math.max(share, 0), 1) };
    return { ...this.#event({}), position: this.#position };
  }

  /** Bits of BUTTON. */
  setButtons(buttons: number): InputEvent {
    this.#buttons = buttons & ALL_BUTTONS;
    return this.#event({});
  }

  button(name: string, down: boolean): InputEvent {
    // Wheels are buttons in QEMU's protocol; a notch is their press.
    if (name === 'wheel-up' || name === 'wheel-down') return this.move(0, 0, down ? (name === 'wheel-up' ? -1 : 1) : 0);
    const bit = BUTTONS[name];
    if (bit === undefined) throw new Error(`there is no button "${name}"`);
    return this.setButtons(down ? this.#buttons | bit : this.#buttons & ~bit);
  }

  #event({ dx = 0, dy = 0, wheel = 0 }) {
    return { kind: 'pointer', dx, dy, wheel, horizontalWheel: 0, buttons: this.#buttons } as const;
  }
}

const BUTTONS: Readonly<Record<string, number>> = {
  left: BUTTON.left,
  middle: BUTTON.middle,
  right: BUTTON.right,
  side: BUTTON.back,
  extra: BUTTON.forward,
};
