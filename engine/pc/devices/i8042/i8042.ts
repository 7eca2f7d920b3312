// The keyboard controller (Intel 8042 as in the IBM PS/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device
// Controller"): ports 60h (data) and 64h (command, status), with the keyboard and the mouse at its two lines.
//
// The output buffer holds one byte. When the guest has read it, the controller's own answer comes first, then the keyboard's byte, then
// the mouse's. A byte takes BYTE_TIME on the line: until then port 60h reads the last one again, as programs rely on that read it
// in an interrupt handler and then call the one before.

import type { Clock, Device, InterruptLine, PortBus, TimerHandle } from '../../bus/device.ts';
import { bytePorts } from '../../bus/port-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { KeyQueue, keyQueueForm } from './key-queue.ts';
import { AtKeyboard, keyboardForm } from './keyboard.ts';
import { mouseForm, Ps2Mouse } from './mouse.ts';
import { type KeyboardControllerState, keyboardControllerUpgrades } from './persist.ts';
import { BREAK_PREFIX, translated } from './scan-translation.ts';

const STATUS_OUTPUT_FULL = 0x01;
const STATUS_SYSTEM = 0x04;
const STATUS_COMMAND = 0x08;
const STATUS_NOT_LOCKED = 0x10;
const STATUS_AUX = 0x20;

const MODE_KEYBOARD_INTERRUPT = 0x01;
const MODE_AUX_INTERRUPT = 0x02;
const MODE_SYSTEM = 0x04;
const MODE_KEYBOARD_DISABLED = 0x10;
const MODE_AUX_DISABLED = 0x20;
const MODE_TRANSLATED = 0x40;

const READ_RAM = 0x20; // ..3F
const WRITE_RAM = 0x60; // ..7F
const DISABLE_AUX = 0xa7;
const ENABLE_AUX = 0xa8;
const TEST_AUX = 0xa9;
const SELF_TEST = 0xaa;
const TEST_KEYBOARD = 0xab;
const DISABLE_KEYBOARD = 0xad;
const ENABLE_KEYBOARD = 0xae;
const READ_INPUT_PORT = 0xc0;
const READ_OUTPUT_PORT = 0xd0;
const WRITE_OUTPUT_PORT = 0xd1;
const WRITE_KEYBOARD_OUTPUT = 0xd2;
const WRITE_AUX_OUTPUT = 0xd3;
const WRITE_AUX = 0xd4;
/** HP's, which chipsets have kept: A20 without a data byte. */
const DISABLE_A20 = 0xdd;
const ENABLE_A20 = 0xdf;
const PULSE_OUTPUT = 0xf0; // ..FF, the low bits that are 0 are pulsed

const SELF_TEST_PASSED = 0x55;
const LINE_TEST_PASSED = 0x00;
const INPUT_PORT_NOT_LOCKED = 0x80;
const OUTPUT_NOT_RESET = 0x01;
const OUTPUT_A20 = 0x02;
const OUTPUT_KEYBOARD_FULL = 0x10;
const OUTPUT_AUX_FULL = 0x20;
/** Clock and data of both lines, which are high between two bytes. */
const OUTPUT_LINES = 0xcc;

/** ns; 11 bits at 10 to 16.7 kHz are a little more. */
const BYTE_TIME = 500e3;

export interface KeyboardControllerWiring {
  clock: Clock;
  /** IRQ 1. */
  irq: InterruptLine;
  /** IRQ 12. */
  auxIrq: InterruptLine;
  a20: { readonly enabled: boolean; set(enabled: boolean): void };
  /** The guest pulsed the CPU's reset line. */
  reset: () => void;
  /** No firmware will set it up. */
  setUp: boolean;
  /** What it tells of keyboard and mouse has changed. */
  inputChanged(): void;
}

export class KeyboardController implements Device<KeyboardControllerState> {
  readonly name = 'i8042';
  readonly keyboard: AtKeyboard;
  readonly mouse: Ps2Mouse;
  readonly keyQueue: KeyQueue;
  readonly #wiring: KeyboardControllerWiring;
  #s: ControllerState;
  #timer: TimerHandle | undefined;

  constructor(wiring: KeyboardControllerWiring) {
    this.#wiring = wiring;
    this.#s = initialState(wiring.setUp);
    const { clock } = wiring;
    const ready = () => this.#fill();
    const changed = () => wiring.inputChanged();
    this.keyboard = new AtKeyboard({ clock, ready, drained: () => this.keyQueue.continue(), ledsChanged: changed });
    this.mouse = new Ps2Mouse({ clock, ready, activityChanged: changed });
    this.keyQueue = new KeyQueue({ clock, keyboard: this.keyboard, progressed: changed });
  }

  attach(ports: PortBus): void {
    ports.register(
      0x60,
      1,
      bytePorts(
        () => this.#readData(),
        (_, value) => this.#writeData(value),
      ),
    );
    ports.register(
      0x64,
      1,
      bytePorts(
        () => this.#s.status,
        (_, value) => this.#command(value),
      ),
    );
  }

  reset(): void {
    this.#s = initialState(this.#wiring.setUp);
    this.keyboard.reset();
    this.mouse.reset();
    this.keyQueue.reset();
    this.#update();
    this.#fill();
    this.#wiring.inputChanged();
  }

  save(): KeyboardControllerState {
    return {
      version: 3,
      ...this.#s,
      ram: this.#s.ram.slice(),
      keyboard: this.keyboard.save(),
      mouse: this.mouse.save(),
      keyQueue: this.keyQueue.save(),
    };
  }

  restore(state: KeyboardControllerState): void {
    const { version, keyboard, mouse, keyQueue, ...own } = requireForm(
      this.name,
      state,
      { ...this.save(), keyboard: keyboardForm(), mouse: mouseForm(), keyQueue: keyQueueForm() },
      keyboardControllerUpgrades(this.save()),
    );
    this.#s = { ...own, ram: own.ram.slice() };
    this.keyboard.restore(keyboard);
    this.mouse.restore(mouse);
    this.keyQueue.restore(keyQueue);
    this.#update();
    this.#fill();
    this.#wiring.inputChanged();
  }

  #readData(): number {
    const s = this.#s;
    const { data } = s;
    if (s.status & STATUS_OUTPUT_FULL) {
      s.status &= ~(STATUS_OUTPUT_FULL | STATUS_AUX);
      this.#update();
      this.#occupyLine();
      this.#fill();
    }
    return data;
  }

  #writeData(value: number): void {
    const s = this.#s;
    const command = s.expecting;
    s.expecting = 0;
    s.status &= ~STATUS_COMMAND;
    if (command >= WRITE_RAM && command < WRITE_RAM + 0x20) {
      this.#writeRam(command - WRITE_RAM, value);
    } else if (command === WRITE_OUTPUT_PORT) {
      this.#wiring.a20.set((value & OUTPUT_A20) !== 0);
      if (!(value & OUTPUT_NOT_RESET)) this.#wiring.reset();
    } else if (command === WRITE_KEYBOARD_OUTPUT) {
      this.#answer(value);
    } else if (command === WRITE_AUX_OUTPUT) {
      this.#answer(value, STATUS_AUX);
    } else if (command === WRITE_AUX) {
      s.ram[0] &= ~MODE_AUX_DISABLED;
      this.#occupyLine();
      this.mouse.write(value);
    } else {
      s.ram[0] &= ~MODE_KEYBOARD_DISABLED; // sending to the keyboard enables it
      s.released = false;
      this.#occupyLine();
      this.keyboard.write(value);
    }
  }

  #command(command: number): void {
    const s = this.#s;
    s.status |= STATUS_COMMAND;
    s.expecting = 0;
    if (command >= PULSE_OUTPUT) {
      if (!(command & OUTPUT_NOT_RESET)) this.#wiring.reset();
      return;
    }
    if (command >= READ_RAM && command < READ_RAM + 0x20) {
      this.#answer(s.ram[command - READ_RAM]);
      return;
    }
    switch (command) {
      case DISABLE_AUX:
        this.#writeRam(0, s.ram[0] | MODE_AUX_DISABLED);
        break;
      case ENABLE_AUX:
        this.#writeRam(0, s.ram[0] & ~MODE_AUX_DISABLED);
        break;
      case DISABLE_KEYBOARD:
        this.#writeRam(0, s.ram[0] | MODE_KEYBOARD_DISABLED);
        break;
      case ENABLE_KEYBOARD:
        this.#writeRam(0, s.ram[0] & ~MODE_KEYBOARD_DISABLED);
        break;
      case SELF_TEST:
        s.status |= STATUS_SYSTEM;
        this.#answer(SELF_TEST_PASSED);
        break;
      case TEST_AUX:
      case TEST_KEYBOARD:
        this.#answer(LINE_TEST_PASSED);
        break;
      case READ_INPUT_PORT:
        this.#answer(INPUT_PORT_NOT_LOCKED);
        break;
      case READ_OUTPUT_PORT:
        this.#answer(this.#outputPort());
        break;
      case DISABLE_A20:
      case ENABLE_A20:
        this.#wiring.a20.set(command === ENABLE_A20);
        break;
      default:
        // Those that take a data byte wait for it; unknown ones are ignored.
        s.expecting = command;
    }
  }

  #writeRam(address: number, value: number): void {
    const s = this.#s;
    s.ram[address] = value;
    if (address !== 0) return;
    s.status = value & MODE_SYSTEM ? s.status | STATUS_SYSTEM : s.status & ~STATUS_SYSTEM;
    this.#update();
    this.#fill();
  }

  /** Of the controller itself: it waits for the byte before to be read, and takes the place of an answer that waits. */
  #answer(value: number, flags = 0): void {
    this.#s.answer = value;
    this.#s.answerFlags = flags;
    this.#fill();
  }

  /** A byte goes over a line: the next one of keyboard or mouse comes no earlier. */
  #occupyLine(): void {
    this.#s.lineFree = this.#wiring.clock.now() + BYTE_TIME;
  }

  /** Fills the output buffer, if it is empty and there is something for it. */
  #fill(): void {
    const s = this.#s;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (s.status & STATUS_OUTPUT_FULL) return;
    if (s.answer >= 0) {
      const { answer } = s;
      s.answer = -1;
      this.#show(answer, s.answerFlags);
      return;
    }
    const keyboard = !(s.ram[0] & MODE_KEYBOARD_DISABLED) && this.keyboard.hasByte;
    const mouse = !(s.ram[0] & MODE_AUX_DISABLED) && this.mouse.hasByte;
    if (!keyboard && !mouse) return;
    const { clock } = this.#wiring;
    if (clock.now() < s.lineFree) {
      this.#timer = clock.schedule(s.lineFree, () => this.#fill());
    } else if (keyboard) {
      this.#takeKeyboardByte();
    } else {
      this.#show(this.mouse.take(), STATUS_AUX);
    }
  }

  #takeKeyboardByte(): void {
    const s = this.#s;
    const byte = this.keyboard.take();
    if (!(s.ram[0] & MODE_TRANSLATED)) {
      this.#show(byte, 0);
    } else if (byte === BREAK_PREFIX) {
      s.released = true;
      this.#fill();
    } else {
      const { released } = s;
      s.released = false;
      this.#show(translated(byte, released), 0);
    }
  }

  #show(value: number, flags: number): void {
    const s = this.#s;
    s.data = value;
    s.status = (s.status & ~STATUS_AUX) | STATUS_OUTPUT_FULL | flags;
    this.#update();
  }

  #outputPort(): number {
    const { status } = this.#s;
    const full = status & STATUS_OUTPUT_FULL ? (status & STATUS_AUX ? OUTPUT_AUX_FULL : OUTPUT_KEYBOARD_FULL) : 0;
    return OUTPUT_LINES | OUTPUT_NOT_RESET | (this.#wiring.a20.enabled ? OUTPUT_A20 : 0) | full;
  }

  #update(): void {
    const { status, ram } = this.#s;
    const full = (status & STATUS_OUTPUT_FULL) !== 0;
    const aux = (status & STATUS_AUX) !== 0;
    this.#wiring.irq(full && !aux && (ram[0] & MODE_KEYBOARD_INTERRUPT) !== 0);
    this.#wiring.auxIrq(full && aux && (ram[0] & MODE_AUX_INTERRUPT) !== 0);
  }
}

type ControllerState = Omit<KeyboardControllerState, 'version' | 'keyboard' | 'mouse' | 'keyQueue'>;

/** @param setUp as a BIOS leaves it, tested, both interfaces disabled; otherwise as after power-on */
function initialState(setUp: boolean): ControllerState {
  const ram = new Uint8Array(32);
  ram[0] = setUp
    ? MODE_SYSTEM | MODE_KEYBOARD_DISABLED | MODE_AUX_DISABLED | MODE_TRANSLATED
    : MODE_KEYBOARD_INTERRUPT | MODE_AUX_INTERRUPT;
  return {
    status: STATUS_NOT_LOCKED | (setUp ? STATUS_SYSTEM : STATUS_COMMAND),
    ram,
    data: 0,
    expecting: 0,
    answer: -1,
    answerFlags: 0,
    released: false,
    lineFree: 0,
  };
}
