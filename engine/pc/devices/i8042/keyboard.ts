// A 101/102-key keyboard (IBM PS/2 Hardware Interface Technical Reference, "Keyboard (101- and 102-Key)"): commands, scan code
// sets 1 to 3, a buffer of 16 bytes, repetition by guest time, LEDs.
//
// The guest is never left with a key that it believes to be held: a press that has no room in the buffer is dropped as on the real one
// (with the overrun code), and its release with it; a release that has no room waits until there is.

import type { Clock, TimerHandle } from '../../bus/device.ts';
import type { Leds } from '../../bus/input.ts';
import { KEYS, type Key, type KeyType, keyOf, keyOfSet3 } from '../../input/key-table.ts';
import { codesOf, type KeyCodes, type Modifiers } from './key-codes.ts';
import {
  ACKNOWLEDGE,
  COMMAND,
  DEFAULT_TYPEMATIC,
  IDENTITY,
  OVERRUN,
  OVERRUN_SET1,
  RESEND,
  repeatDelay,
  repeatPeriod,
  SELF_TEST_PASSED,
} from './keyboard-protocol.ts';
import type { KeyboardState } from './persist.ts';

const BUFFER_SIZE = 16;

const LED_SCROLL = 1;
const LED_NUM = 2;
const LED_CAPS = 4;
const ALL_LEDS = 7;

/** As KeyboardState.types numbers them. */
const TYPES: readonly (KeyType | 'typematic-only' | undefined)[] = [
  undefined,
  'typematic',
  'make-break',
  'make-only',
  'typematic-only',
];
const TYPE_OF_COMMAND: Readonly<Record<number, number>> = {
  [COMMAND.allTypematic]: 4,
  [COMMAND.allMakeBreak]: 2,
  [COMMAND.allMake]: 3,
  [COMMAND.allTypematicMakeBreak]: 1,
  [COMMAND.keyTypematic]: 4,
  [COMMAND.keyMakeBreak]: 2,
  [COMMAND.keyMake]: 3,
};

export interface KeyboardPorts {
  clock: Clock;
  /** There may be a byte to send. */
  ready(): void;
  /** It has nothing to send and takes keys. */
  drained(): void;
  ledsChanged(): void;
}

export class AtKeyboard {
  readonly #ports: KeyboardPorts;
  #s = initialState();
  #timer: TimerHandle | undefined;

  constructor(ports: KeyboardPorts) {
    this.#ports = ports;
  }

  get leds(): Leds {
    const { leds } = this.#s;
    return {
      scrollLock: (leds & LED_SCROLL) !== 0,
      numLock: (leds & LED_NUM) !== 0,
      capsLock: (leds & LED_CAPS) !== 0,
    };
  }

  /** Has the guest read all, and does it want more? */
  get idle(): boolean {
    return this.#s.scanning && !this.hasByte && this.#s.owed.length === 0;
  }

  /** Is there room for what its press sends? */
  hasRoom(code: string): boolean {
    const { buffer, owed, scanning, set } = this.#s;
    const key = keyOf(code);
    const make = (key && codesOf(key, set, this.#modifiers())?.make) ?? [];
    return !scanning || (owed.length === 0 && buffer.length + make.length <= BUFFER_SIZE);
  }

  get hasByte(): boolean {
    return this.#s.replies.length > 0 || this.#s.buffer.length > 0;
  }

  /** The next byte for the controller; only if there is one. */
  take(): number {
    const s = this.#s;
    const reply = s.replies.shift();
    const byte = reply ?? s.buffer.shift() ?? OVERRUN;
    if (byte !== RESEND) s.last = byte;
    if (s.buffer.length < BUFFER_SIZE) s.overrun = false;
    this.#sendOwed();
    if (this.idle) this.#ports.drained();
    return byte;
  }

  /** What the controller sends: a command, or the data of one. A new command takes the place of one whose data is awaited. */
  write(value: number): void {
    const s = this.#s;
    const { expecting } = s;
    s.expecting = 0;
    s.replies = [];
    if (expecting !== 0 && value < COMMAND.setLeds) this.#data(expecting, value);
    else this.#command(value);
    this.#ports.ready();
    if (this.idle) this.#ports.drained();
  }

  key(code: string, pressed: boolean): void {
    const key = keyOf(code);
    if (!key) return;
    if (pressed) this.#press(key);
    else this.#release(key);
    this.#ports.ready();
  }

  reset(): void {
    this.#s = initialState();
    this.#arm();
  }

  save(): KeyboardState {
    return structuredClone(this.#s);
  }

  /** Of the shape of `keyboardForm`. */
  restore(state: KeyboardState): void {
    const known = (indices: number[]) => indices.filter((index) => KEYS[index] !== undefined);
    this.#s = {
      ...structuredClone(state),
      buffer: state.buffer.slice(0, BUFFER_SIZE + 1),
      held: known(state.held),
      owed: known(state.owed),
      repeating: KEYS[state.repeating] ? state.repeating : -1,
    };
    this.#arm();
  }

  #command(command: number): void {
    const s = this.#s;
    const reply = (...bytes: number[]) => s.replies.push(...bytes);
    switch (command) {
      case COMMAND.setLeds:
      case COMMAND.typematic:
        s.expecting = command;
        return void reply(ACKNOWLEDGE);
      case COMMAND.scanCodeSet:
      case COMMAND.keyTypematic:
      case COMMAND.keyMakeBreak:
      case COMMAND.keyMake:
        this.#clear();
        s.expecting = command;
        return void reply(ACKNOWLEDGE);
      case COMMAND.allTypematic:
      case COMMAND.allMakeBreak:
      case COMMAND.allMake:
      case COMMAND.allTypematicMakeBreak:
        this.#clear();
        s.types.fill(TYPE_OF_COMMAND[command]);
        return void reply(ACKNOWLEDGE);
      case COMMAND.echo:
        return void reply(COMMAND.echo);
      case COMMAND.identify:
        return void reply(ACKNOWLEDGE, ...IDENTITY);
      case COMMAND.enable:
        this.#clear();
        s.scanning = true;
        this.#sendOwed();
        return void reply(ACKNOWLEDGE);
      case COMMAND.disable:
      case COMMAND.defaults:
        this.#setDefaults(command === COMMAND.defaults && s.scanning);
        return void reply(ACKNOWLEDGE);
      case COMMAND.resend:
        return void reply(s.last);
      case COMMAND.reset:
        this.#setDefaults(true);
        s.held = [];
        s.owed = [];
        return void reply(ACKNOWLEDGE, SELF_TEST_PASSED);
      default:
        reply(RESEND);
    }
  }

  #data(command: number, value: number): void {
    const s = this.#s;
    const acknowledge = () => s.replies.push(ACKNOWLEDGE);
    if (command === COMMAND.setLeds) {
      acknowledge();
      this.#setLeds(value & ALL_LEDS);
    } else if (command === COMMAND.typematic) {
      acknowledge();
      s.typematic = value & 0x7f;
    } else if (command !== COMMAND.scanCodeSet) {
      // Keys until the next command.
      s.expecting = command;
      const key = keyOfSet3(value);
      if (!key) return void s.replies.push(RESEND);
      acknowledge();
      s.types[key.index] = TYPE_OF_COMMAND[command];
    } else if (value === 0) {
      acknowledge();
      s.replies.push(s.set);
    } else if (value <= 3) {
      acknowledge();
      s.set = value;
    } else {
      s.replies.push(RESEND);
    }
  }

  #setDefaults(scanning: boolean): void {
    const { last, replies, held, owed } = this.#s;
    this.#setLeds(0);
    // What the guest believes to be held is: it gets the releases when it wants keys again.
    Object.assign(this.#s, initialState(), { last, replies, held, owed, scanning });
    this.#arm();
    this.#sendOwed();
  }

  #setLeds(leds: number): void {
    if (leds === this.#s.leds) return;
    this.#s.leds = leds;
    this.#ports.ledsChanged();
  }

  #clear(): void {
    this.#s.buffer = [];
    this.#s.overrun = false;
    this.#stopRepeating();
  }

  #press(key: Key): void {
    const s = this.#s;
    if (!s.scanning || s.held.includes(key.index)) return;
    // Only PrtSc, which does not ask a second time until it is released, has codes that depend on it.
    if (key.code === 'PrintScreen') s.printScreen = bitsOf(this.#modifiers());
    const codes = this.#codes(key);
    if (!codes) return;
    if (s.owed.length > 0 || s.buffer.length + codes.make.length > BUFFER_SIZE) {
      this.#overrun();
      return;
    }
    s.buffer.push(...codes.make);
    s.held.push(key.index);
    if (codes.repeat.length === 0) return;
    s.repeating = key.index;
    s.repeatAt = this.#ports.clock.now() + repeatDelay(s.typematic);
    this.#arm();
  }

  #release(key: Key): void {
    const s = this.#s;
    const place = s.held.indexOf(key.index);
    if (place < 0) return;
    s.held.splice(place, 1);
    if (s.repeating === key.index) this.#stopRepeating();
    s.owed.push(key.index);
    this.#sendOwed();
  }

  #sendOwed(): void {
    const s = this.#s;
    while (s.scanning && s.owed.length > 0) {
      const release = this.#codes(KEYS[s.owed[0]])?.release ?? [];
      if (s.buffer.length + release.length > BUFFER_SIZE) return;
      s.buffer.push(...release);
      s.owed.shift();
    }
  }

  /** Its place is that of the 17th byte; what comes behind it is lost. */
  #overrun(): void {
    const s = this.#s;
    if (s.overrun) return;
    s.overrun = true;
    s.buffer.push(s.set === 1 ? OVERRUN_SET1 : OVERRUN);
  }

  /** As its type in set 3 has it, in that set. */
  #codes(key: Key): KeyCodes | undefined {
    const s = this.#s;
    const codes = codesOf(key, s.set, key.code === 'PrintScreen' ? modifiersOf(s.printScreen) : this.#modifiers());
    if (!codes || s.set !== 3) return codes;
    const type = TYPES[s.types[key.index]] ?? key.type;
    return {
      make: codes.make,
      repeat: type.startsWith('typematic') ? codes.repeat : [],
      release: type === 'make-only' || type === 'typematic-only' ? [] : codes.release,
    };
  }

  #modifiers(): Modifiers {
    const held = (...codes: string[]) => codes.some((code) => this.#s.held.some((index) => KEYS[index].code === code));
    return {
      shift: held('ShiftLeft', 'ShiftRight'),
      control: held('ControlLeft', 'ControlRight'),
      alt: held('AltLeft', 'AltRight'),
    };
  }

  #stopRepeating(): void {
    this.#s.repeating = -1;
    this.#arm();
  }

  #arm(): void {
    this.#timer?.cancel();
    const { repeating, repeatAt } = this.#s;
    this.#timer = repeating < 0 ? undefined : this.#ports.clock.schedule(repeatAt, () => this.#repeat());
  }

  /** Not while the guest has not read what was there before: it would go on when the key is long released. */
  #repeat(): void {
    const s = this.#s;
    const codes = this.#codes(KEYS[s.repeating]);
    if (codes && s.scanning && s.buffer.length === 0) s.buffer.push(...codes.repeat);
    s.repeatAt = this.#ports.clock.now() + repeatPeriod(s.typematic);
    this.#arm();
    this.#ports.ready();
  }
}

function bitsOf({ shift, control, alt }: Modifiers): number {
  return (shift ? 1 : 0) | (control ? 2 : 0) | (alt ? 4 : 0);
}

function modifiersOf(bits: number): Modifiers {
  return { shift: (bits & 1) !== 0, control: (bits & 2) !== 0, alt: (bits & 4) !== 0 };
}

function initialState(): KeyboardState {
  return {
    buffer: [],
    replies: [],
    last: 0,
    expecting: 0,
    scanning: true,
    leds: 0,
    set: 2,
    typematic: DEFAULT_TYPEMATIC,
    types: KEYS.map(() => 0),
    held: [],
    owed: [],
    printScreen: 0,
    overrun: false,
    repeating: -1,
    repeatAt: 0,
  };
}

/** An example of its saved form, for the check of others. */
export function keyboardForm(): KeyboardState {
  return { ...initialState(), buffer: [0], replies: [0], held: [0], owed: [0] };
}
