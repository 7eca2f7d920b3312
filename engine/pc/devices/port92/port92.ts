// System control port A, 92h (IBM PS/2 Technical Reference): bit 0 resets the CPU when it rises, bit 1 opens A20.
import type { Device, PortBus } from '../../bus/device.ts';
import { bytePorts } from '../../bus/port-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import type { Port92State } from './persist.ts';

const FAST_RESET = 0x01;
const A20 = 0x02;

export class Port92 implements Device<Port92State> {
  readonly name = 'port92';
  readonly #a20: { readonly enabled: boolean; set(enabled: boolean): void };
  readonly #requestReset: () => void;
  #stored = 0;
  #resetBit = false;

  constructor(a20: { readonly enabled: boolean; set(enabled: boolean): void }, requestReset: () => void) {
    this.#a20 = a20;
    this.#requestReset = requestReset;
  }

  attach(ports: PortBus): void {
    ports.register(
      0x92,
      1,
      bytePorts(
        () => this.#stored | (this.#a20.enabled ? A20 : 0) | (this.#resetBit ? FAST_RESET : 0),
        (_, value) => this.#write(value),
      ),
    );
  }

  reset(): void {
    this.#stored = 0;
    this.#resetBit = false;
  }

  save(): Port92State {
    return { version: 1, stored: this.#stored, resetBit: this.#resetBit };
  }

  restore(state: Port92State): void {
    const form = requireForm(this.name, state, this.save());
    this.#stored = form.stored;
    this.#resetBit = form.resetBit;
  }

  #write(value: number): void {
    this.#stored = value & ~(FAST_RESET | A20);
    this.#a20.set((value & A20) !== 0);
    const rises = (value & FAST_RESET) !== 0 && !this.#resetBit;
    this.#resetBit = (value & FAST_RESET) !== 0;
    if (rises) this.#requestReset();
  }
}
