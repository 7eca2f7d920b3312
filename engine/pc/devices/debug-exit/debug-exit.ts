// QEMU's isa-debug-exit: a write ends the machine with a value that the runner turns into its exit status
// ((value << 1) | 1). Reads are zero. It has no state to save.
import type { PortBus } from '../../bus/device.ts';

export class DebugExit {
  readonly #exit: (value: number) => void;

  constructor(exit: (value: number) => void) {
    this.#exit = exit;
  }

  attach(ports: PortBus, iobase: number, iosize: number): void {
    ports.register(iobase, iosize, {
      read: () => 0,
      write: (_port, _size, value) => this.#exit(value),
    });
  }
}
