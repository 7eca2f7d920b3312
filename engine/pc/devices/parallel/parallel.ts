// A parallel printer port (IBM PC AT Technical Reference, parallel printer adapter): data, status, control. The printer is
// always ready; a byte is printed when STROBE rises. There is no interrupt.
import type { Device, PortBus } from '../../bus/device.ts';
import { bytePorts } from '../../bus/port-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import type { ParallelState } from './persist.ts';

/** Not busy, acknowledge high, selected, no error; as QEMU's printer answers. */
const READY = 0xdf;
const STROBE = 0x01;
const CONTROL_UNUSED = 0xc0;

export class ParallelPort implements Device<ParallelState> {
  readonly name: string;
  readonly #output: (byte: number) => void;
  #data = 0;
  #control = 0;

  constructor(output: (byte: number) => void, name: string) {
    this.#output = output;
    this.name = name;
  }

  attach(ports: PortBus, base: number): void {
    ports.register(
      base,
      3,
      bytePorts(
        (port) => [this.#data, READY, this.#control | CONTROL_UNUSED][port - base],
        (port, value) => {
          if (port === base) this.#data = value;
          else if (port === base + 2) this.#writeControl(value);
        },
      ),
    );
  }

  reset(): void {
    this.#data = 0;
    this.#control = 0;
  }

  save(): ParallelState {
    return { version: 1, data: this.#data, control: this.#control };
  }

  restore(state: ParallelState): void {
    const form = requireForm(this.name, state, this.save());
    this.#data = form.data;
    this.#control = form.control;
  }

  #writeControl(value: number): void {
    const rises = (value & STROBE) !== 0 && (this.#control & STROBE) === 0;
    this.#control = value & ~CONTROL_UNUSED;
    if (rises) this.#output(this.#data);
  }
}
