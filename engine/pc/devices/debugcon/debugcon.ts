// QEMU's debug console: one port that prints what is written to it. Reading it gives E9h, or what it was
// set up with, by which a guest knows it is there. It has no state to save.
import { bytePorts, type IoPortBus } from '../../bus/port-bus.ts';

const PRESENT = 0xe9;

export class Debugcon {
  readonly #output: (byte: number) => void;
  readonly #readback: number;

  constructor(output: (byte: number) => void, readback = PRESENT) {
    this.#output = output;
    this.#readback = readback;
  }

  /** Whatever else is at the port, such as the POST code display at 80h, gives way. */
  attach(ports: Pick<IoPortBus, 'take'>, port: number): void {
    // One handler for the byte register; of a wider access the bytes beyond it go to the ports beyond it.
    ports.take(
      port,
      1,
      bytePorts(
        () => this.#readback,
        (_, value) => this.#output(value),
      ),
    );
  }
}
