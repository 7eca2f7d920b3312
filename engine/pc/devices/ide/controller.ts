// The IDE controller of Intel's PIIX3 (82371SB datasheet, §2.4 and §2.7), function 1 of the chip: two channels at the ports and
// interrupts of the PC/AT, with a bus master each.
//
// The channels are always decoded: IDETIM and the function's I/O enable, which would close them, are kept for those who read them
// but close nothing, as in QEMU. Modes and timings change nothing either. 3F7h and 377h belong to floppy controllers.

import type { Board } from '../../bus/board.ts';
import { type Device, StateError } from '../../bus/device.ts';
import { bytePorts } from '../../bus/port-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { portWindow } from '../pci/bar-window.ts';
import { BAR0, COMMAND, COMMAND_BUS_MASTER, COMMAND_IO } from '../pci/config-space.ts';
import { INTEL, QEMU_SUBSYSTEM } from '../pci/identities.ts';
import { PciDevice } from '../pci/pci-device.ts';
import { BUS_MASTER_PORTS } from './bus-master.ts';
import { Channel, type Unit } from './channel.ts';
import type { AtaDrive } from './drive.ts';
import type { IdeState } from './persist.ts';

const PLACES = [
  { commandBlock: 0x1f0, control: 0x3f6, irq: 14 },
  { commandBlock: 0x170, control: 0x376, irq: 15 },
];
const BUS_MASTER_BAR = 4;
const BUS_MASTER_SIZE = 2 * BUS_MASTER_PORTS;
/** Where firmware would have put the bus masters: needed on a machine without firmware. */
const BUS_MASTER_PLACE = 0xc100;
/** IDETIM of both channels, with the bit that says that it is decoded. */
const IDE_TIMING = 0x40;
const DECODED = 0x8000;
const TIMING_END = 0x58;

class IdeFunction extends PciDevice {
  readonly #changed: () => void;

  /** `changed`: perhaps it may be a bus master now. */
  constructor(changed: () => void) {
    super({ vendorId: INTEL, deviceId: 0x7010, revision: 0, classCode: 0x010180, ...QEMU_SUBSYSTEM });
    this.#changed = changed;
  }

  protected override configChanged(): void {
    this.#changed();
  }
}

export class Piix3Ide implements Device<IdeState> {
  readonly name = 'piix3-ide';
  readonly pci: PciDevice = new IdeFunction(() => {
    for (const { busMaster } of this.#channels) busMaster.proceed();
  });
  readonly #channels: Channel[];

  constructor(board: Pick<Board, 'ports' | 'memory' | 'transfers' | 'interruptLine' | 'hasFirmware'>) {
    const { pci } = this;
    this.#channels = PLACES.map(({ commandBlock, control, irq }) => {
      const transfer = () => channel.busMaster.transfer();
      const channel = new Channel(board.interruptLine(irq), {
        memory: board.memory,
        request: () => board.transfers.request(transfer),
        enabled: () => (pci.config.command & COMMAND_BUS_MASTER) !== 0,
      });
      board.ports.register(commandBlock, 8, channel.commandBlock(commandBlock));
      board.ports.register(control, 1, channel.controlBlock);
      return channel;
    });
    pci.config.define(
      COMMAND,
      2,
      board.hasFirmware ? 0 : COMMAND_IO | COMMAND_BUS_MASTER,
      COMMAND_IO | COMMAND_BUS_MASTER,
    );
    pci.config.define(IDE_TIMING, 2, board.hasFirmware ? 0 : DECODED, 0xffff);
    pci.config.define(IDE_TIMING + 2, 2, board.hasFirmware ? 0 : DECODED, 0xffff);
    for (let at = IDE_TIMING + 4; at < TIMING_END; at++) pci.config.define(at, 1, 0, 0xff);
    const registers = bytePorts(
      (offset) => this.#busMaster(offset).read(offset % BUS_MASTER_PORTS),
      (offset, value) => this.#busMaster(offset).write(offset % BUS_MASTER_PORTS, value),
    );
    pci.defineBar(BUS_MASTER_BAR, 'io', BUS_MASTER_SIZE, portWindow(board.ports, BUS_MASTER_SIZE, registers));
    if (!board.hasFirmware) pci.config.write(BAR0 + 4 * BUS_MASTER_BAR, 4, BUS_MASTER_PLACE);
  }

  /** `bus`: 0 or 1. False: the place is taken. */
  connect(bus: number, unit: Unit, drive: AtaDrive): boolean {
    return this.#channels[bus].connect(unit, drive);
  }

  reset(): void {
    for (const channel of this.#channels) channel.reset();
  }

  save(): IdeState {
    return { version: 1, channels: this.#channels.map((channel) => channel.save()) };
  }

  restore(state: IdeState): void {
    const form = requireForm(this.name, state, this.save());
    if (form.channels.length !== this.#channels.length)
      throw new StateError(`The saved state of ${this.name} is damaged: channels is not as expected.`);
    for (const [n, channel] of this.#channels.entries()) channel.restore(form.channels[n]);
  }

  #busMaster(offset: number) {
    return this.#channels[offset < BUS_MASTER_PORTS ? 0 : 1].busMaster;
  }
}
