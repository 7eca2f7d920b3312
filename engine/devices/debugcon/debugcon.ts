// QEMU's debug console: one port that prints what is written to it. Reading it gives E9h, by which a guest knows it is
// there. It has no state to save.
import type { PortBus } from '../../machine/device.ts';
import { bytePorts } from '../../machine/port-bus.ts';

const PRESENT = 0xe9;

export class Debugcon {
  readonly #output: (byte: number) => void;

  constructor(output: (byte: number) => void) {
    this.#output = output;
  }

  attach(ports: PortBus, port: number): void {
    // One handler for the byte register; of a wider access the bytes beyond it go to the ports beyond it.
    ports.register(
      port,
      1,
      bytePorts(
        () => PRESENT,
        (_, value) => this.#output(value),
      ),
    );
  }
}
