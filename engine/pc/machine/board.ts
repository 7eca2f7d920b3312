// The board of one machine: the buses and the clock, the chips that are wired rather than plugged in (the 8259s, the gate of
// A20, the PCI bus with its bridges), and what devices connect to the machine by.
//
// Interrupt lines: 0 PIT, 1 and 12 keyboard controller, 2 cascade, 3 and 4 serial ports, 8 RTC, 9 ACPI, 10 and 11 PCI.

import { KIB, MIB, PAGE_SIZE } from '../../base/sizes.ts';
import type { BlockDrive, BlockPort } from '../bus/block.ts';
import type {
  Board,
  DeviceMemory,
  LocalInterruptController,
  PciFunction,
  SerialPort,
  ShutdownMemory,
} from '../bus/board.ts';
import { GuestClock } from '../bus/clock.ts';
import { type Device, type DmaMemory, type InterruptLine, PlaceTakenError } from '../bus/device.ts';
import type { Display } from '../bus/display.ts';
import { MemoryMap } from '../bus/memory-map.ts';
import { MmioBus } from '../bus/mmio-bus.ts';
import type { Nic, NicPort } from '../bus/nic.ts';
import { IoPortBus } from '../bus/port-bus.ts';
import { Transfers } from '../bus/transfers.ts';
import { createPciBus, type PciBus } from '../devices/pci/pci.ts';
import { Pic } from '../devices/pic/pic.ts';
import { A20Gate } from './a20.ts';
import type { MachineConfig } from './machine-config.ts';
import { MemoryLayout } from './memory-layout.ts';

/** The first network card is where QEMU has it. */
const FIRST_NIC_SLOT = 3;

export class MachineBoard implements Board {
  readonly clock: GuestClock;
  readonly ports = new IoPortBus();
  readonly mmio = new MmioBus();
  readonly transfers: Transfers;
  readonly a20: A20Gate;
  readonly pic: Pic;
  readonly memoryMap: MemoryMap;
  readonly pci: PciBus;
  /** By index: COM1 is 0. */
  readonly serialPorts: (SerialPort | undefined)[] = [];
  /** By index. */
  readonly nics: Nic[] = [];
  /** By index. */
  readonly drives: BlockDrive[] = [];
  display: Display | undefined;
  /** What has state, in the order of reset and restore. The bus comes before its cards: they find their lines and places restored. */
  readonly devices: Device[];
  readonly #config: MachineConfig;
  readonly #layout: MemoryLayout;
  readonly #sharedLines = new Map<number, () => InterruptLine>();
  #local: LocalInterruptController | undefined;
  #shutdownMemory: ShutdownMemory | undefined;
  #complete = false;
  /** Bytes of the devices' memory that have been given out. */
  #memoryTaken = 0;

  constructor(config: MachineConfig) {
    this.#config = config;
    this.clock = new GuestClock(config);
    this.transfers = new Transfers(config.memory, () => config.transferRequested?.());
    this.a20 = new A20Gate(config.a20Line);
    this.pic = new Pic(() => this.interruptChanged());
    this.memoryMap = new MemoryMap((windows) => config.mapMemory?.(windows));
    this.#layout = new MemoryLayout(
      this.memoryMap,
      (config.memoryMiB * MIB) / PAGE_SIZE,
      ((config.romKiB ?? 0) * KIB) / PAGE_SIZE,
    );
    this.pci = createPciBus({
      pic: this.pic,
      reset: () => this.requestReset(),
      romShadow: this.hasFirmware ? (shadow) => this.#layout.shadow(shadow) : undefined,
    });
    this.pic.attach(this.ports);
    this.pci.attach(this.ports);
    this.devices = [this.a20, this.pic, this.pci];
  }

  /** All devices are there: from now on interrupts are signalled to the CPU. */
  completed(): void {
    this.#complete = true;
  }

  // ---- For devices (bus/board.ts)

  get memoryMiB(): number {
    return this.#config.memoryMiB;
  }

  get hasFirmware(): boolean {
    return (this.#config.romKiB ?? 0) > 0;
  }

  get memory(): DmaMemory {
    return this.transfers.memory;
  }

  takeMemory(kib: number): DeviceMemory {
    const all = this.#config.deviceMemory;
    const start = this.#memoryTaken;
    const size = kib * KIB;
    if (!all || start + size > all.bytes.length)
      throw new RangeError(`a device takes ${kib} KiB of memory that its model has not named`);
    this.#memoryTaken += size;
    return {
      firstPage: all.firstPage + start / PAGE_SIZE,
      bytes: all.bytes.subarray(start, start + size),
      write(offset, bytes) {
        if (offset < 0 || offset + bytes.length > size)
          throw new RangeError('a device writes behind the end of its memory');
        all.write(start + offset, bytes);
      },
      written: (offset, length) => all.written(start + offset, length),
    };
  }

  wallClock(): number {
    return this.#config.wallClock();
  }

  interruptLine(irq: number): InterruptLine {
    return this.pic.line(irq);
  }

  sharedInterruptLine(irq: number): InterruptLine {
    const input = this.#sharedLines.get(irq) ?? sharedLine(this.pic.line(irq));
    this.#sharedLines.set(irq, input);
    return input();
  }

  output(channel: string): (bytes: Uint8Array) => void {
    return this.#config.output(channel);
  }

  inputRoom(): void {
    this.#config.serialRoom?.();
  }

  connectSerialPort(index: number, port: SerialPort): void {
    this.serialPorts[index] = port;
  }

  connectNic<Card extends Nic & { readonly pci: PciFunction }>(index: number, create: (cable: NicPort) => Card): Card {
    const cable = this.#config.cables?.[index];
    if (!cable) throw new RangeError(`the network card ${index} has no cable`);
    const nic = create(cable);
    this.pci.add(FIRST_NIC_SLOT + index, 0, nic.pci);
    this.nics[index] = nic;
    return nic;
  }

  connectDrive(index: number, drive: BlockDrive): BlockPort {
    const port = this.#config.drives?.[index];
    if (!port) throw new RangeError(`the drive ${index} has no way to a medium`);
    this.drives[index] = drive;
    return port;
  }

  connectDisplay(display: Display): void {
    if (this.display) throw new PlaceTakenError('a machine has one screen');
    this.display = display;
  }

  get hasDisplay(): boolean {
    return this.display !== undefined;
  }

  deviceOf<D extends Device>(type: abstract new (...args: never[]) => D): D | undefined {
    return this.devices.find((device): device is D => device instanceof type);
  }

  connectLocalInterruptController(controller: LocalInterruptController): void {
    this.#local = controller;
  }

  connectShutdownMemory(memory: ShutdownMemory): void {
    this.#shutdownMemory = memory;
  }

  requestReset(): void {
    this.flush();
    this.#config.resetRequested();
  }

  powerOff(): void {
    this.flush();
    this.#config.powerOff();
  }

  panicked(): void {
    this.#config.panicked?.();
  }

  exit(value: number): void {
    this.#config.exit?.(value);
  }

  raiseNmi(): void {
    this.#config.raiseNmi();
  }

  interruptChanged(): void {
    // The controllers drive their outputs already while they are being built and wired.
    if (this.#complete) this.#config.interruptLine(this.interruptPending);
  }

  // ---- For the machine

  /** Is the INTR line high? */
  get interruptPending(): boolean {
    const local = this.#local;
    return (this.pic.interruptPending && (local?.passesExternal ?? true)) || (local?.interruptPending ?? false);
  }

  /** The vector to deliver. */
  acknowledge(): number {
    return this.#local?.interruptPending ? this.#local.acknowledge() : this.pic.acknowledge();
  }

  placeLocalApic(base: number | undefined): void {
    if (this.#local) this.#layout.placeLocalApic(base);
    this.#local?.place(base);
  }

  get shutdownStatus(): number {
    return this.#shutdownMemory?.shutdownStatus ?? 0;
  }

  flush(): void {
    for (const device of this.devices) device.flush?.();
  }
}

/** Each call gives one more input of a line that is high while any of its inputs is. */
export function sharedLine(line: InterruptLine): () => InterruptLine {
  const high = new Set<number>();
  let inputs = 0;
  return () => {
    const input = inputs++;
    return (level) => {
      if (level) high.add(input);
      else high.delete(input);
      line(high.size > 0);
    };
  };
}
