// QEMU's pvpanic (docs/specs/pvpanic.rst): a byte-wide port by which a guest's kernel says that it has panicked. A read returns
// which events are known; a write reports those whose bits are set. It has no state to save.
import type { PortBus } from '../../bus/device.ts';
import { bytePorts } from '../../bus/port-bus.ts';

/** Where QEMU has it; the DSDT reports it to guests. */
export const PVPANIC_PORT = 0x505;
/** The guest has panicked. (Bit 1, a panic that the guest's own crash kernel handles, is not offered.) */
const PANICKED = 1 << 0;

export class Pvpanic {
  readonly #panicked: () => void;

  constructor(panicked: () => void) {
    this.#panicked = panicked;
  }

  attach(ports: PortBus): void {
    ports.register(
      PVPANIC_PORT,
      1,
      bytePorts(
        () => PANICKED,
        (_port, value) => {
          if ((value & PANICKED) !== 0) this.#panicked();
        },
      ),
    );
  }
}
