// The interrupt lines of the board. Each reaches every interrupt controller that has an input for it, the 8259s as well as an I/O APIC: which
// of them interrupts is decided by the masks that the guest has set.

import type { InterruptLine } from './device.ts';

/** Of the ISA bus. Those of PCI are led to them by the chipset's router. */
const LINES = 16;
/** Between the 8259s. */
const CASCADE = 2;

export interface InterruptController {
  /** Its input for the interrupt line `irq`. */
  line(irq: number): InterruptLine;
}

export class InterruptLines {
  readonly #inputs: InterruptLine[][] = Array.from({ length: LINES }, () => []);

  /** It sees all changes from now on. */
  connect(controller: InterruptController): void {
    for (const [irq, inputs] of this.#inputs.entries()) if (irq !== CASCADE) inputs.push(controller.line(irq));
  }

  /** 0..15, but for the cascade of the 8259s; throws RangeError for others. */
  line(irq: number): InterruptLine {
    const inputs = this.#inputs[irq];
    if (!inputs || irq === CASCADE) throw new RangeError(`no such interrupt line: ${irq}`);
    return (level) => {
      for (const input of inputs) input(level);
    };
  }
}
