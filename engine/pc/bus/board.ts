// What a machine offers to its devices: buses, interrupt lines, time, bus mastering, where output goes, and what a guest may
// ask of its machine through a device. A device is created on a board and knows nothing else of the machine.
//
// Some devices are called by the machine (a serial port takes input, a network card takes frames): they
// register by the `connect` methods.

import type { ApicBus } from './apic-bus.ts';
import type { BlockDrive, BlockPort } from './block.ts';
import type { BootDevice, FirmwareConfiguration } from './boot.ts';
import type { Clock, Device, DmaMemory, InterruptLine } from './device.ts';
import type { Display } from './display.ts';
import type { DmaChannel, DmaChannelNumber } from './dma-channel.ts';
import type { Keyboard, Mouse, Pointer } from './input.ts';
import type { InterruptController } from './interrupt-lines.ts';
import type { MemoryMap } from './memory-map.ts';
import type { MmioBus } from './mmio-bus.ts';
import type { Nic, NicPort } from './nic.ts';
import type { PlanarMemory } from './planar-memory.ts';
import type { IoPortBus } from './port-bus.ts';
import type { TransferRequests } from './transfers.ts';

/** A function as its PCI bus knows it. */
export interface PciFunction {
  /** 1 = INTA# .. 4 = INTD#, 0 = none. */
  readonly interruptPin: number;
  connectInterrupt(line: InterruptLine): void;
  readConfig(offset: number, size: number): number;
  writeConfig(offset: number, size: number, value: number): void;
  reset(): void;
  saveConfig(): Uint8Array;
  restoreConfig(bytes: Uint8Array): void;
}

/** The input side of a serial port. */
export interface SerialPort {
  /** Returns how many bytes there was room for. */
  receive(bytes: Uint8Array): number;
  /** Forgets the input that the guest's FIFO has not had yet. */
  discardInput(): void;
}

/** An interrupt controller that stands between the 8259s and the CPU. */
export interface LocalInterruptController {
  readonly interruptPending: boolean;
  /** Do the 8259s reach the CPU? */
  readonly passesExternal: boolean;
  /** The vector to deliver; that of spurious interrupts if there is none. */
  acknowledge(): number;
  /** The CPU has taken the vector from the 8259s. */
  externalAcknowledged(): void;
  /** As IA32_APIC_BASE says; undefined: it is disabled. */
  place(base: number | undefined): void;
}

/** CMOS memory: what firmware knows of the machine, and what programs leave there for it to do after a reset. */
export interface CmosMemory {
  /** Not 0 where a program resets the CPU only to go on in real mode. */
  readonly shutdownStatus: number;
  /** Sets the bits of `mask` in a register (10h to 7Fh), and the checksum with them. */
  define(register: number, value: number, mask: number): void;
}

/** Read-only memory of a card with a program that firmware runs (PCI Local Bus Specification 2.1, §6.3). */
export interface OptionRom {
  /** In the VM's memory, for windows of the memory map. */
  firstPage: number;
  /** A power of two. */
  pages: number;
}

/** The button at the front of the machine. */
export interface PowerButton {
  press(): void;
}

/** The gate of address line A20. */
export interface A20Switch {
  readonly enabled: boolean;
  set(enabled: boolean): void;
}

/** The x87 as the chipset sees it: its pins FERR# and IGNNE#. */
export interface X87Pins {
  /** An error waits, and CR0.NE is clear. */
  readonly error: boolean;
  /** The CPU is to go on in spite of it, until the next. */
  ignoreErrors(): void;
}

/** The CPU's general registers: their low 32 bits, in the midst of the instruction that accesses a port. Unsigned. */
export interface GeneralRegisters {
  read(register: GeneralRegister): number;
  write(register: GeneralRegister, value: number): void;
}

export type GeneralRegister = 'eax' | 'ebx' | 'ecx' | 'edx' | 'esi' | 'edi';

/** What the PC speaker sounds from a moment on. */
export interface SpeakerChange {
  /** Guest time, ns since power-on. */
  at: number;
  /** A square wave of that frequency; 0: the cone stays where `level` has it. */
  hz: number;
  level: 0 | 1;
}

export interface Board {
  readonly memoryMiB: number;
  /** The machine starts from a ROM. Without one devices are as firmware would have left them. */
  readonly hasFirmware: boolean;
  readonly clock: Clock;
  readonly ports: IoPortBus;
  readonly mmio: MmioBus;
  /** Where a device shows memory of its own to the guest as if it were RAM: accesses of it cost no exit. */
  readonly memoryMap: MemoryMap;
  /** Throws if the place is taken. */
  readonly pci: { add(slot: number, fn: number, device: PciFunction): void };
  /** Guest memory, for bus masters: reachable only in a transfer. */
  readonly memory: DmaMemory;
  readonly transfers: TransferRequests;
  /** For ports that are called with values in registers; only inside an access to them. */
  readonly registers: GeneralRegisters;
  readonly a20: A20Switch;
  readonly x87: X87Pins;
  readonly apicBus: ApicBus;

  /** The next piece of the memory that the device's model has said it has. */
  takeMemory(kib: number): DeviceMemory;
  /** The machine's planar memory, if it has any; for the display. */
  readonly planarMemory: PlanarMemory;
  /** Time of day in ms since 1970, UTC. */
  wallClock(): number;
  /** An interrupt line, 0..15, for the only device on it. */
  interruptLine(irq: number): InterruptLine;
  /** One more input of a line that is high while any of its inputs is. */
  sharedInterruptLine(irq: number): InterruptLine;
  /** A channel of the DMA controllers, for devices that are created behind them. */
  dmaChannel(n: DmaChannelNumber): DmaChannel;
  /** Where bytes for that channel go. They are the receiver's. */
  output(channel: string): (bytes: Uint8Array) => void;
  /** The guest has opened or closed the device behind that channel. */
  channelOpened(channel: string, open: boolean): void;
  /** A serial port that had refused input has room again. */
  inputRoom(): void;

  connectSerialPort(index: number, port: SerialPort): void;
  /** Puts a network card in its PCI slot and at its cable. `create` is given the cable. */
  connectNic<Card extends Nic & { readonly pci: PciFunction }>(index: number, create: (cable: NicPort) => Card): Card;
  /** The way from the drive of that index to its medium. `drive` is notified when the medium changes. */
  connectDrive(index: number, drive: BlockDrive): BlockPort;
  connectKeyboard(keyboard: Keyboard): void;
  connectMouse(mouse: Mouse): void;
  /** A pointing device that takes positions; it has the mouse's place while it is active. */
  connectAbsolutePointer(pointer: Pointer): void;
  /** Has the mouse report although it was not moved. */
  notifyMouse(): void;
  /** What one of them tells has changed. */
  inputChanged(): void;
  speakerChanged(change: SpeakerChange): void;
  /** The machine's screen. Throws if it has one already. */
  connectDisplay(display: Display): void;
  readonly hasDisplay: boolean;
  /** A device of that class that was created on this board before. */
  deviceOf<D extends Device>(type: abstract new (...args: never[]) => D): D | undefined;
  /** One more that the interrupt lines reach, beside the 8259s. */
  connectInterruptController(controller: InterruptController): void;
  connectLocalInterruptController(controller: LocalInterruptController): void;
  connectPowerButton(button: PowerButton): void;
  /** `asserted`: an x87 error is what the CPU stands for. */
  connectX87Error(asserted: () => void): void;
  connectCmos(memory: CmosMemory): void;

  // For firmware
  /** The ROM that was given to the cards of a model, for PciDevice.defineRom. */
  optionRom(model: string): OptionRom | undefined;
  /**
   * Firmware may boot from it. `path`: where it finds the device, in the form of Open Firmware as QEMU has it, such as
   * /pci@i0cf8/ide@1,1/drive@0/disk@0 or /pci@i0cf8/isa@1/fdc@03f0/floppy@0. Of several of one kind the first is tried first.
   */
  addBootPath(kind: BootDevice, path: string): void;
  /** What CMOS memory says of a device: the bits of `mask` (all if left out) of a register, 10h to 7Fh. For `create`, not later. */
  defineCmos(register: number, value: number, mask?: number): void;
  /** As it is since the last reset. */
  firmwareConfiguration(): FirmwareConfiguration;
  connectDma(controllers: { channel(n: DmaChannelNumber): DmaChannel }): void;

  // What a guest asks for or says through a device
  requestReset(): void;
  powerOff(): void;
  panicked(): void;
  /** The guest ends the machine with a value. */
  exit(value: number): void;
  /** A non-maskable interrupt. */
  raiseNmi(): void;
  /** The state of the local interrupt controller's output may have changed. */
  interruptChanged(): void;
}

/**
 * Memory of a device: part of the VM's memory, so it moves and is saved with that and its writes are in the dirty log. It lies in one
 * piece and is always there.
 */
export interface DeviceMemory {
  /** Its first page in the VM's memory, for windows of the memory map. */
  readonly firstPage: number;
  /** The guest writes them through the memory map; a device that does so itself says it by `written`. */
  readonly bytes: Uint8Array;
  write(offset: number, bytes: Uint8Array): void;
  /** The device has changed some of `size` bytes from `offset` on. */
  written(offset: number, size: number): void;
}

/** The channel of COM1, whose text is kept and shown as the VM's console. */
export const CONSOLE_CHANNEL = 'console';

/** For devices that send single bytes. */
export function byteOutput(board: Board, channel: string): (byte: number) => void {
  const output = board.output(channel);
  return (byte) => output(Uint8Array.of(byte));
}
