// VMware's backdoor port and the pointing device behind it, which takes positions: 32-bit IN (or OUT) at port 5658h with 564D5868h in
// EAX and a command in CX calls the hypervisor, with arguments and results in the other registers. Written for what Linux's
// vmmouse driver does (drivers/input/mouse/vmmouse.c) and from VMware's open-vm-tools (lib/include/backdoor_def.h); its numbers are those
// of QEMU's `vmport` and `vmmouse`.
//
// It has no interrupt: for each event the PS/2 mouse reports too, and the driver, which sits on that, fetches what is here.

import type { GeneralRegister, GeneralRegisters } from '../../bus/board.ts';
import type { Device, PortBus } from '../../bus/device.ts';
import { ALL_BUTTONS, BUTTON, type PointerInput } from '../../bus/input.ts';
import { requireForm } from '../../bus/saved-form.ts';
import type { VmmouseState } from './persist.ts';

const PORT = 0x5658;
const MAGIC = 0x564d5868;
const FAILED = 0xffffffff;

const GET_VERSION = 10;
const GET_MEMORY_SIZE = 20;
const POINTER_DATA = 39;
const POINTER_STATUS = 40;
const POINTER_COMMAND = 41;
/** As VMware's virtual hardware has it; the product is ESX. */
const VERSION = 6;
const PRODUCT = 2;
const MEMORY_MAGIC = 0x1177;

const READ_ID = 0x45414552;
const DISABLE = 0x000000f5;
const REQUEST_RELATIVE = 0x4c455252;
const REQUEST_ABSOLUTE = 0x53424152;
const POINTER_ID = 0x3442554a;
/** In the status, of a device that is off. */
const STATUS_ERROR = 0xffff0000;

const PACKET_WORDS = 4;
const RELATIVE_PACKET = 0x00010000;
const PACKET_LEFT = 0x20;
const PACKET_RIGHT = 0x10;
const PACKET_MIDDLE = 0x08;

/** Words; what does not fit is dropped, but for the last position and the buttons. */
const QUEUE_LIMIT = 256 * PACKET_WORDS;
const DATA_REGISTERS: readonly GeneralRegister[] = ['eax', 'ebx', 'ecx', 'edx', 'esi', 'edi'];

export interface VmmouseWiring {
  registers: GeneralRegisters;
  memoryMiB: number;
  notify(): void;
  changed(): void;
}

export class Vmmouse implements Device<VmmouseState> {
  readonly name = 'vmmouse';
  readonly #wiring: VmmouseWiring;
  #s = initialState();

  constructor(wiring: VmmouseWiring) {
    this.#wiring = wiring;
  }

  attach(ports: PortBus): void {
    ports.register(PORT, 4, {
      read: (port, size) => (port === PORT && size === 4 ? this.#call() : 2 ** (8 * size) - 1),
      write: (port, size) => {
        if (port === PORT && size === 4) this.#wiring.registers.write('eax', this.#call());
      },
    });
  }

  get active(): boolean {
    return this.#s.enabled && this.#s.absolute;
  }

  move({ dx, dy, position, wheel, buttons }: PointerInput): void {
    const s = this.#s;
    if (!s.enabled || !s.absolute) return;
    const held = buttons & ALL_BUTTONS;
    const x = position ? scaled(position.x) : s.x;
    const y = position ? scaled(position.y) : s.y;
    const moved = x !== s.x || y !== s.y || held !== s.buttons || wheel !== 0;
    // Motion without a position is of a pointer that the console has captured.
    const relative = !position && (dx !== 0 || dy !== 0);
    if (!moved && !relative) return;
    const onlyMotion = held === s.buttons && wheel === 0;
    Object.assign(s, { x, y, buttons: held });
    if (s.queue.length >= QUEUE_LIMIT) s.queue.splice(onlyMotion ? -PACKET_WORDS : 0, PACKET_WORDS);
    const flags = packetButtons(held) | (relative ? RELATIVE_PACKET : 0);
    // The driver counts relative motion upwards, as the PS/2 mouse does.
    s.queue.push(flags, ...(relative ? [dx >>> 0, -dy >>> 0] : [x, y]), wheel & 0xff);
    this.#wiring.notify();
  }

  reset(): void {
    this.#s = initialState();
    this.#wiring.changed();
  }

  save(): VmmouseState {
    return { version: 1, ...structuredClone(this.#s) };
  }

  restore(state: VmmouseState): void {
    const { version, ...own } = requireForm(this.name, state, { version: 1, ...initialState(), queue: [0] });
    this.#s = { ...structuredClone(own), queue: own.queue.slice(0, QUEUE_LIMIT) };
    this.#wiring.changed();
  }

  /** Returns what EAX is afterwards. */
  #call(): number {
    const { registers } = this.#wiring;
    const eax = registers.read('eax');
    if (eax !== MAGIC) return eax;
    const argument = registers.read('ebx');
    switch (registers.read('ecx') & 0xffff) {
      case GET_VERSION:
        registers.write('ebx', MAGIC);
        registers.write('ecx', PRODUCT);
        return VERSION;
      case GET_MEMORY_SIZE:
        registers.write('ebx', MEMORY_MAGIC);
        return this.#wiring.memoryMiB * 2 ** 20;
      case POINTER_DATA:
        return this.#data(argument);
      case POINTER_STATUS:
        return this.#s.enabled ? this.#s.queue.length : STATUS_ERROR;
      case POINTER_COMMAND:
        this.#command(argument);
        return eax;
      default:
        return FAILED;
    }
  }

  /** Fetches 1 to 6 words, one in each register. */
  #data(words: number): number {
    const s = this.#s;
    if (words < 1 || words > DATA_REGISTERS.length || words > s.queue.length) {
      this.#disable();
      return FAILED;
    }
    const [first, ...others] = s.queue.splice(0, words);
    for (const [n, word] of others.entries()) this.#wiring.registers.write(DATA_REGISTERS[n + 1], word);
    return first;
  }

  #command(command: number): void {
    const s = this.#s;
    switch (command) {
      case READ_ID:
        s.enabled = true;
        s.queue = [POINTER_ID];
        break;
      case DISABLE:
        this.#disable();
        return;
      case REQUEST_RELATIVE:
      case REQUEST_ABSOLUTE:
        s.absolute = command === REQUEST_ABSOLUTE;
    }
    this.#wiring.changed();
  }

  #disable(): void {
    this.#s = initialState();
    this.#wiring.changed();
  }
}

function packetButtons(buttons: number): number {
  return (
    (buttons & BUTTON.left ? PACKET_LEFT : 0) |
    (buttons & BUTTON.right ? PACKET_RIGHT : 0) |
    (buttons & BUTTON.middle ? PACKET_MIDDLE : 0)
  );
}

function scaled(share: number): number {
  return Math.round(Math.max(0, Math.min(1, share)) * 0xffff);
}

function initialState(): Omit<VmmouseState, 'version'> {
  return { enabled: false, absolute: false, queue: [], x: 0, y: 0, buttons: 0 };
}
