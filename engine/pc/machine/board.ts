// The board of one machine: the buses and the clock, the chips that are wired rather than plugged in (the 8259s, the gate of
// A20, the PCI bus with its bridges), and what devices connect to the machine by.
//
// Interrupt lines, each of which reaches the 8259s and an I/O APIC if there is one: 0 PIT, 1 and 12 keyboard controller, 2 cascade, 3 and 4 serial ports, 6 floppy disks, 8 RTC, 9 ACPI, 10 and 11 PCI, 13 x87 errors.

import { KIB, MIB, PAGE_SIZE } from '../../base/sizes.ts';
import { ApicBus } from '../bus/apic-bus.ts';
import type { BlockDrive, BlockPort } from '../bus/block.ts';
import type {
  Board,
  CmosMemory,
  DeviceMemory,
  GeneralRegisters,
  LocalInterruptController,
  OptionRom,
  PciFunction,
  PowerButton,
  SerialPort,
  SpeakerChange,
  X87Pins,
} from '../bus/board.ts';
import type { BootDevice, FirmwareConfiguration } from '../bus/boot.ts';
import { GuestClock } from '../bus/clock.ts';
import { type Device, type DmaMemory, type InterruptLine, PlaceTakenError } from '../bus/device.ts';
import type { Display } from '../bus/display.ts';
import type { DmaChannel, DmaChannelNumber } from '../bus/dma-channel.ts';
import type { Keyboard, Mouse, Pointer } from '../bus/input.ts';
import { type InterruptController, InterruptLines } from '../bus/interrupt-lines.ts';
import { MemoryMap } from '../bus/memory-map.ts';
import { MmioBus } from '../bus/mmio-bus.ts';
import type { Nic, NicPort } from '../bus/nic.ts';
import { type PlanarMemory, unusedPlanarMemory } from '../bus/planar-memory.ts';
import { IoPortBus } from '../bus/port-bus.ts';
import { Transfers } from '../bus/transfers.ts';
import { createPciBus, type PciBus } from '../devices/pci/pci.ts';
import { Pic } from '../devices/pic/pic.ts';
import type { Identity } from '../firmware/smbios.ts';
import { A20Gate } from './a20.ts';
import { BootOrder, cmosBootOrder } from './boot-order.ts';
import { firmwareFiles } from './firmware-files.ts';
import type { MachineConfig } from './machine-config.ts';
import { acpiMachine } from './machine-description.ts';
import { MachineInput } from './machine-input.ts';
import { MemoryLayout } from './memory-layout.ts';

/** The first network card is where QEMU has it. */
const FIRST_NIC_SLOT = 3;

const NOBODY: Identity = { name: '', uuid: new Uint8Array(16) };
const NO_X87: X87Pins = { error: false, ignoreErrors: () => {} };
const NO_REGISTERS: GeneralRegisters = { read: () => 0, write: () => {} };

export class MachineBoard implements Board {
  readonly clock: GuestClock;
  readonly ports = new IoPortBus();
  readonly mmio = new MmioBus();
  readonly transfers: Transfers;
  readonly a20: A20Gate;
  readonly pic: Pic;
  readonly apicBus = new ApicBus();
  readonly memoryMap: MemoryMap;
  readonly pci: PciBus;
  readonly registers: GeneralRegisters;
  readonly x87: X87Pins;
  readonly planarMemory: PlanarMemory;
  readonly input: MachineInput;
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
  readonly #bootOrder: BootOrder;
  readonly #lines = new InterruptLines();
  readonly #sharedLines = new Map<number, () => InterruptLine>();
  #local: LocalInterruptController | undefined;
  #cmos: CmosMemory | undefined;
  #powerButton: PowerButton | undefined;
  #x87Error = () => {};
  #dma: { channel(n: DmaChannelNumber): DmaChannel } | undefined;
  #complete = false;
  /** Bytes of the devices' memory that have been given out. */
  #memoryTaken = 0;

  constructor(config: MachineConfig) {
    this.#config = config;
    this.clock = new GuestClock(config);
    this.transfers = new Transfers(config.memory, () => config.transferRequested?.());
    this.registers = config.registers ?? NO_REGISTERS;
    this.x87 = config.x87 ?? NO_X87;
    this.planarMemory = config.planarMemory ?? unusedPlanarMemory();
    this.input = new MachineInput((state) => config.inputChanged?.(state));
    this.a20 = new A20Gate(config.a20Line);
    this.pic = new Pic(() => this.interruptChanged());
    this.#lines.connect(this.pic);
    this.memoryMap = new MemoryMap((windows) => config.mapMemory?.(windows));
    this.#layout = new MemoryLayout(
      this.memoryMap,
      (config.memoryMiB * MIB) / PAGE_SIZE,
      ((config.romKiB ?? 0) * KIB) / PAGE_SIZE,
    );
    this.pci = createPciBus({
      lines: this.#lines,
      reset: () => this.requestReset(),
      romShadow: this.hasFirmware ? (shadow) => this.#layout.shadow(shadow) : undefined,
      keepsShadow: () => this.shutdownStatus !== 0,
    });
    this.#bootOrder = new BootOrder(
      config.boot ?? {},
      () => this.clock.settled > 0,
      (order) => {
        for (const [register, value] of cmosBootOrder(order)) this.defineCmos(register, value);
      },
    );
    this.pic.attach(this.ports);
    this.pci.attach(this.ports);
    this.devices = [this.a20, this.pic, this.pci, this.#bootOrder];
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
    return this.#lines.line(irq);
  }

  sharedInterruptLine(irq: number): InterruptLine {
    const input = this.#sharedLines.get(irq) ?? sharedLine(this.#lines.line(irq));
    this.#sharedLines.set(irq, input);
    return input();
  }

  output(channel: string): (bytes: Uint8Array) => void {
    return this.#config.output(channel);
  }

  channelOpened(channel: string, open: boolean): void {
    this.#config.channelOpened?.(channel, open);
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

  connectKeyboard(keyboard: Keyboard): void {
    this.input.keyboard = keyboard;
  }

  connectMouse(mouse: Mouse): void {
    this.input.mouse = mouse;
  }

  connectAbsolutePointer(pointer: Pointer): void {
    this.input.absolutes.push(pointer);
  }

  notifyMouse(): void {
    this.input.mouse?.notify();
  }

  inputChanged(): void {
    this.input.changed();
  }

  speakerChanged(change: SpeakerChange): void {
    this.#config.speakerChanged?.(change);
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

  connectInterruptController(controller: InterruptController): void {
    this.#lines.connect(controller);
  }

  connectLocalInterruptController(controller: LocalInterruptController): void {
    this.#local = controller;
  }

  connectPowerButton(button: PowerButton): void {
    this.#powerButton = button;
  }

  connectX87Error(asserted: () => void): void {
    this.#x87Error = asserted;
  }

  connectCmos(memory: CmosMemory): void {
    this.#cmos = memory;
  }

  optionRom(model: string): OptionRom | undefined {
    const { memoryMiB, romKiB = 0, optionRoms = [] } = this.#config;
    const n = optionRoms.findIndex((rom) => rom.model === model);
    if (n < 0) return undefined;
    const before = optionRoms.slice(0, n).reduce((sum, { sizeKiB }) => sum + sizeKiB, 0);
    const firstPage = (memoryMiB * MIB + (romKiB + before) * KIB) / PAGE_SIZE;
    return { firstPage, pages: (optionRoms[n].sizeKiB * KIB) / PAGE_SIZE };
  }

  addBootPath(kind: BootDevice, path: string): void {
    this.#bootOrder.add(kind, path);
  }

  defineCmos(register: number, value: number, mask = 0xff): void {
    this.#cmos?.define(register, value, mask);
  }

  firmwareConfiguration(): FirmwareConfiguration {
    const { devices, memoryMiB, boot = {}, identity = NOBODY } = this.#config;
    const acpi = acpiMachine(devices, memoryMiB);
    return {
      uuid: identity.uuid,
      hasDisplay: acpi.hasDisplay,
      bootMenu: boot.menu ?? false,
      files: firmwareFiles({ acpi, identity, boot, bootOrder: this.#bootOrder.file() }),
    };
  }

  connectDma(controllers: { channel(n: DmaChannelNumber): DmaChannel }): void {
    this.#dma = controllers;
  }

  dmaChannel(n: DmaChannelNumber): DmaChannel {
    if (!this.#dma) throw new PlaceTakenError('there are no DMA controllers');
    return this.#dma.channel(n);
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
    const local = this.#local;
    if (local && (local.interruptPending || !local.passesExternal)) return local.acknowledge();
    local?.externalAcknowledged();
    return this.pic.acknowledge();
  }

  placeLocalApic(base: number | undefined): void {
    if (this.#local) this.#layout.placeLocalApic(base);
    this.#local?.place(base);
  }

  get shutdownStatus(): number {
    return this.#cmos?.shutdownStatus ?? 0;
  }

  pressPowerButton(): void {
    this.#powerButton?.press();
  }

  x87Error(): void {
    this.#x87Error();
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
