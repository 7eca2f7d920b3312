// How x87 errors come to programs of DOS while CR0.NE is clear: FERR# of the CPU raises IRQ 13; whoever handles it writes port F0h, which
// takes the interrupt back and, while FERR# is still asserted, has the CPU go on by IGNNE#.
//
// Source: Intel 82371SB (PIIX3) datasheet, COPROC_ERR (F0h); Intel SDM vol. 1 §8.7.2. The AT's port F1h, which resets an 80287, does nothing.

import type { X87Pins } from '../../bus/board.ts';
import type { Device, InterruptLine, PortBus } from '../../bus/device.ts';
import { bytePorts } from '../../bus/port-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import type { FpuErrorState } from './persist.ts';

const COPROC_ERR = 0xf0;

export class FpuError implements Device<FpuErrorState> {
  readonly name = 'fpu-error';
  readonly #x87: X87Pins;
  readonly #interrupt: InterruptLine;
  #requested = false;

  constructor(x87: X87Pins, interrupt: InterruptLine) {
    this.#x87 = x87;
    this.#interrupt = interrupt;
  }

  attach(ports: PortBus): void {
    const write = (port: number) => {
      if (port === COPROC_ERR) this.#handled();
    };
    ports.register(
      COPROC_ERR,
      2,
      bytePorts(() => 0xff, write),
    );
  }

  /** FERR# is asserted, and the CPU stands. */
  asserted(): void {
    this.#request(true);
  }

  reset(): void {
    this.#request(false);
  }

  save(): FpuErrorState {
    return { version: 1, requested: this.#requested };
  }

  restore(state: FpuErrorState): void {
    this.#requested = requireForm(this.name, state, this.save()).requested;
  }

  #handled(): void {
    if (this.#x87.error) this.#x87.ignoreErrors();
    this.#request(false);
  }

  #request(requested: boolean): void {
    this.#requested = requested;
    this.#interrupt(requested);
  }
}
