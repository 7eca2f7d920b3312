// From what a machine boots: the order that its owner asked for, where firmware finds the devices of each kind, and which of the
// two orders is in force. One for the first boot after power-on ends with the first reset of a machine that has run.
import { BOOT_DEVICES, type BootDevice, type BootOptions } from '../bus/boot.ts';
import type { Device } from '../bus/device.ts';
import { requireForm } from '../bus/saved-form.ts';

interface BootOrderState {
  version: 1;
  /** The order for the first boot is still in force. */
  first: boolean;
}

/** What a PC tries without further instructions; QEMU's too. */
const DEFAULT_ORDER: readonly BootDevice[] = ['disk', 'floppy', 'cdrom'];
/** Behind the last entry of `bootorder`: nothing else is tried. */
const HALT = 'HALT';

export class BootOrder implements Device<BootOrderState> {
  readonly name = 'boot-order';
  readonly #options: BootOptions;
  readonly #paths: { kind: BootDevice; path: string }[] = [];
  readonly #hasRun: () => boolean;
  readonly #changed: (order: readonly BootDevice[]) => void;
  #first = true;

  /** `changed` is called with the order in force at the first reset, and when it becomes another one. */
  constructor(options: BootOptions, hasRun: () => boolean, changed: (order: readonly BootDevice[]) => void) {
    this.#options = options;
    this.#hasRun = hasRun;
    this.#changed = changed;
  }

  /** Where firmware finds a device, in the form of Open Firmware. The order of the calls is that among devices of one kind. */
  add(kind: BootDevice, path: string): void {
    this.#paths.push({ kind, path });
  }

  /** The file `bootorder`: a path a line, each ended by zero or a newline. Empty where no order was asked for. */
  file(): Uint8Array {
    const order = this.#asked;
    if (!order) return new Uint8Array();
    const lines = order.flatMap((kind) => this.#paths.filter((one) => one.kind === kind).map(({ path }) => path));
    if (this.#options.strict) lines.push(HALT);
    return new TextEncoder().encode(lines.length > 0 ? `${lines.join('\n')}\0` : '');
  }

  reset(): void {
    const before = this.#asked;
    const powersOn = !this.#hasRun();
    this.#first = powersOn;
    if (powersOn || before !== this.#asked) this.#changed(this.#asked ?? DEFAULT_ORDER);
  }

  save(): BootOrderState {
    return { version: 1, first: this.#first };
  }

  /** CMOS memory, which has the order too, is restored by itself. */
  restore(state: BootOrderState): void {
    this.#first = requireForm(this.name, state, this.save()).first;
  }

  get #asked(): readonly BootDevice[] | undefined {
    return (this.#first ? this.#options.once : undefined) ?? this.#options.order;
  }
}

// CMOS memory, as QEMU's board has it for its firmware: three kinds of devices to be tried, four bits each.
const CMOS_ORDER = 0x3d;
const CMOS_ORDER_LAST = 0x38;

/** CMOS bytes for an order, as [register, value]. */
export function cmosBootOrder(order: readonly BootDevice[]): [number, number][] {
  const [first = 0, second = 0, third = 0] = order.map((kind) => BOOT_DEVICES.indexOf(kind) + 1);
  return [
    [CMOS_ORDER, first | (second << 4)],
    [CMOS_ORDER_LAST, third << 4],
  ];
}
