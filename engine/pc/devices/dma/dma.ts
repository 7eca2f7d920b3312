// The PC's two DMA controllers and their page registers.
//
//   00h..0Fh  controller 1, byte transfers          C0h..DFh  controller 2, word transfers, a register every second port
//   81h..8Fh  page registers (80h is the POST port)
import type { Device, PortBus } from '../../bus/device.ts';
import { bytePorts } from '../../bus/port-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { DmaController } from './controller.ts';
import type { DmaState } from './persist.ts';

export class Dma implements Device<DmaState> {
  readonly name = 'dma';
  readonly #controllers = [new DmaController(), new DmaController()];
  #pages = new Uint8Array(16);

  attach(ports: PortBus): void {
    const [first, second] = this.#controllers;
    ports.register(
      0x00,
      16,
      bytePorts(
        (port) => first.read(port),
        (port, value) => first.write(port, value),
      ),
    );
    ports.register(
      0xc0,
      32,
      bytePorts(
        (port) => second.read((port - 0xc0) >> 1),
        (port, value) => second.write((port - 0xc0) >> 1, value),
      ),
    );
    ports.register(
      0x81,
      15,
      bytePorts(
        (port) => this.#pages[port & 15],
        (port, value) => {
          this.#pages[port & 15] = value;
        },
      ),
    );
  }

  reset(): void {
    for (const controller of this.#controllers) controller.reset();
    this.#pages.fill(0);
  }

  save(): DmaState {
    return { version: 1, controllers: this.#controllers.map((c) => c.save()), pages: this.#pages.slice() };
  }

  restore(state: DmaState): void {
    const form = requireForm(this.name, state, this.save());
    for (const [i, controller] of this.#controllers.entries()) controller.restore(form.controllers[i]);
    this.#pages = form.pages.slice();
  }
}
