// The PC's two DMA controllers, their page registers, and the channels that devices have.
//
//   00h..0Fh  controller 1, byte transfers          C0h..DFh  controller 2, word transfers, a register every second port
//   81h..8Fh  page registers (80h is the POST port)
//
// Channels 0..3 are the first controller's, 4..7 the second's. Channel 4 is what the first reaches the bus by: nothing of channels
// 0..3 moves unless it is in cascade mode and not masked, as firmware sets it up.
import type { Device, DmaMemory, PortBus } from '../../bus/device.ts';
import type { DmaChannel, DmaChannelNumber } from '../../bus/dma-channel.ts';
import { bytePorts } from '../../bus/port-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import type { TransferRequests } from '../../bus/transfers.ts';
import { Channel } from './channel.ts';
import { DmaController } from './controller.ts';
import { DMA_UPGRADES, type DmaState } from './persist.ts';

/** Which page register belongs to channels 0..7 (82371AB data sheet, 4.2; channel 4's is the refresh address). */
const PAGE_REGISTERS = [0x7, 0x3, 0x1, 0x2, 0xf, 0xb, 0x9, 0xa];
const CASCADE = 4;

export interface DmaWiring {
  memory: DmaMemory;
  transfers: TransferRequests;
  /** No firmware will set channel 4 up. */
  cascadeSetUp: boolean;
}

export class Dma implements Device<DmaState> {
  readonly name = 'dma';
  readonly #controllers = [0, CASCADE].map((first) => new DmaController(() => this.#requested(first)));
  readonly #channels: readonly Channel[];
  readonly #cascadeSetUp: boolean;
  #pages = new Uint8Array(16);

  constructor({ memory, transfers, cascadeSetUp }: DmaWiring) {
    this.#cascadeSetUp = cascadeSetUp;
    const [first, second] = this.#controllers;
    this.#channels = PAGE_REGISTERS.map(
      (register, n) =>
        new Channel({
          controller: n < CASCADE ? first : second,
          index: n & 3,
          width: n < CASCADE ? 1 : 2,
          page: () => this.#pages[register],
          reachesBus: () => n >= CASCADE || (second.enabled && second.cascades(0) && !second.masked(0)),
          memory,
          transfers,
        }),
    );
  }

  channel(n: DmaChannelNumber): DmaChannel {
    return this.#channels[n];
  }

  attach(ports: PortBus): void {
    for (const [i, controller] of this.#controllers.entries()) {
      const base = i === 0 ? 0x00 : 0xc0;
      ports.register(
        base,
        16 << i,
        bytePorts(
          (port) => controller.read((port - base) >> i),
          (port, value) => {
            controller.write((port - base) >> i, value);
            this.#requestAll();
          },
        ),
      );
    }
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
    if (!this.#cascadeSetUp) return;
    const [, second] = this.#controllers;
    second.write(0xb, 0xc0);
    second.write(0xa, 0x00);
  }

  save(): DmaState {
    return { version: 2, controllers: this.#controllers.map((c) => c.save()), pages: this.#pages.slice() };
  }

  restore(state: DmaState): void {
    const form = requireForm(this.name, state, this.save(), DMA_UPGRADES);
    for (const [i, controller] of this.#controllers.entries()) controller.restore(form.controllers[i]);
    this.#pages = form.pages.slice();
    this.#requestAll();
  }

  /** Of four channels, those whose devices ask. */
  #requested(first: number): number {
    const four = this.#channels.slice(first, first + 4);
    return four.reduce((bits, { requested }, i) => bits | (requested ? 1 << i : 0), 0);
  }

  #requestAll(): void {
    for (const channel of this.#channels) channel.request();
  }
}
