// The keyboard controller (Intel 8042 as in the IBM PS/2 Technical Reference, "Keyboard and Auxiliary Device Controller"):
// ports 60h (data) and 64h (command, status). Neither keyboard nor mouse is attached: what is sent to them comes back at
// once as a timeout, so that a driver's probing ends quickly. Guests need the controller for A20 and for reset.
import type { Device, InterruptLine, PortBus } from '../../bus/device.ts';
import { bytePorts } from '../../bus/port-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import type { KeyboardControllerState } from './persist.ts';

const STATUS_OUTPUT_FULL = 0x01;
const STATUS_SYSTEM = 0x04;
const STATUS_COMMAND = 0x08;
const STATUS_NOT_LOCKED = 0x10;
const STATUS_AUX = 0x20;
const STATUS_TIMEOUT = 0x40;

const MODE_KEYBOARD_INTERRUPT = 0x01;
const MODE_AUX_INTERRUPT = 0x02;
const MODE_SYSTEM = 0x04;
const MODE_KEYBOARD_DISABLED = 0x10;
const MODE_AUX_DISABLED = 0x20;

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
const PULSE_OUTPUT = 0xf0; // ..FF, the low bits that are 0 are pulsed

const SELF_TEST_PASSED = 0x55;
const LINE_TEST_PASSED = 0x00;
const RESEND = 0xfe;
const INPUT_PORT_NOT_LOCKED = 0x80;
const OUTPUT_NOT_RESET = 0x01;
const OUTPUT_A20 = 0x02;
const OUTPUT_KEYBOARD_FULL = 0x10;
const OUTPUT_AUX_FULL = 0x20;

export interface KeyboardControllerWiring {
  /** IRQ 1. */
  irq: InterruptLine;
  /** IRQ 12. */
  auxIrq: InterruptLine;
  a20: { readonly enabled: boolean; set(enabled: boolean): void };
  /** The guest pulsed the CPU's reset line. */
  reset: () => void;
}

export class KeyboardController implements Device<KeyboardControllerState> {
  readonly name = 'i8042';
  readonly #wiring: KeyboardControllerWiring;
  #s = initialState();

  constructor(wiring: KeyboardControllerWiring) {
    this.#wiring = wiring;
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
    this.#s = initialState();
    this.#update();
  }

  save(): KeyboardControllerState {
    return { ...this.#s, ram: this.#s.ram.slice() };
  }

  restore(state: KeyboardControllerState): void {
    const form = requireForm(this.name, state, this.save());
    this.#s = { ...form, ram: form.ram.slice() };
    this.#update();
  }

  #readData(): number {
    this.#s.status &= ~(STATUS_OUTPUT_FULL | STATUS_AUX | STATUS_TIMEOUT);
    this.#update();
    return this.#s.data;
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
      this.#answer(RESEND, STATUS_AUX | STATUS_TIMEOUT);
    } else {
      s.ram[0] &= ~MODE_KEYBOARD_DISABLED; // sending to the keyboard enables it
      this.#answer(RESEND, STATUS_TIMEOUT);
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
  }

  #answer(value: number, flags = 0): void {
    const s = this.#s;
    s.data = value;
    s.status = (s.status & ~(STATUS_AUX | STATUS_TIMEOUT)) | STATUS_OUTPUT_FULL | flags;
    this.#update();
  }

  #outputPort(): number {
    const { status } = this.#s;
    const full = status & STATUS_OUTPUT_FULL ? (status & STATUS_AUX ? OUTPUT_AUX_FULL : OUTPUT_KEYBOARD_FULL) : 0;
    return OUTPUT_NOT_RESET | (this.#wiring.a20.enabled ? OUTPUT_A20 : 0) | full;
  }

  #update(): void {
    const { status, ram } = this.#s;
    const full = (status & STATUS_OUTPUT_FULL) !== 0;
    const aux = (status & STATUS_AUX) !== 0;
    this.#wiring.irq(full && !aux && (ram[0] & MODE_KEYBOARD_INTERRUPT) !== 0);
    this.#wiring.auxIrq(full && aux && (ram[0] & MODE_AUX_INTERRUPT) !== 0);
  }
}

/** As a BIOS leaves it: tested, both interfaces disabled. */
function initialState(): KeyboardControllerState {
  const ram = new Uint8Array(32);
  ram[0] = MODE_SYSTEM | MODE_KEYBOARD_DISABLED | MODE_AUX_DISABLED;
  return { version: 1, status: STATUS_SYSTEM | STATUS_NOT_LOCKED, ram, data: 0, expecting: 0 };
}
