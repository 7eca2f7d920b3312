// What a machine is built from: what it consists of, and what its owner provides.

import type { MemoryWindow } from '../../base/memory-window.ts';
import type { BlockPort } from '../bus/block.ts';
import type { DeviceMemory, GeneralRegisters, SpeakerChange, X87Pins } from '../bus/board.ts';
import type { BootOptions } from '../bus/boot.ts';
import type { ClockWiring } from '../bus/clock.ts';
import type { DmaMemory } from '../bus/device.ts';
import type { DeviceSpec } from '../bus/device-model.ts';
import type { InputState } from '../bus/input.ts';
import type { NicPort } from '../bus/nic.ts';
import type { PlanarMemory } from '../bus/planar-memory.ts';
import type { Identity } from '../firmware/smbios.ts';

/** The ROM of the cards of one model, which firmware finds in each of them. */
export interface OptionRomConfig {
  /** Of the cards. */
  model: string;
  /** A power of two, at least 4. */
  sizeKiB: number;
}

export interface MachineConfig extends ClockWiring {
  memoryMiB: number;
  /** Of its ROM, whole 64 KiB; 0 or left out: it has none. */
  romKiB?: number;
  /** They lie behind its ROM, in this order. */
  optionRoms?: readonly OptionRomConfig[];
  /** As programs in the guest see it; of no name if left out. */
  identity?: Identity;
  boot?: BootOptions;
  /** Beside those of every machine (device-models.ts). */
  devices: readonly DeviceSpec[];
  /** Memory of the devices, in the order in which they are created; not needed if none has any. */
  deviceMemory?: DeviceMemory | undefined;
  /** Where the CPU finds what it must know of planar memory; a machine without a CPU needs none. */
  planarMemory?: PlanarMemory;
  /** Guest memory, for bus masters: touched only in Machine.transfers.runPending(). */
  memory: DmaMemory;
  /** A device has asked for a transfer, perhaps inside a port or MMIO access: runPending() is to come soon. */
  transferRequested?(): void;
  /** The cables of the network cards, by the cards' index. */
  cables?: readonly NicPort[];
  /** The ways of the drives to their media, by the drives' index. */
  drives?: readonly BlockPort[];
  /** Where a channel's output goes: called once for each device that has one. Bytes come in bursts and are the receiver's. */
  output(channel: string): (bytes: Uint8Array) => void;
  /** The guest has opened or closed the device behind that channel. Said again after a restore if it is open. */
  channelOpened?(channel: string, open: boolean): void;
  /** A serial port that had refused input has room again. */
  serialRoom?(): void;
  /** The CPU's, for devices whose ports are called with values in registers; without it they find zeros. */
  registers?: GeneralRegisters;
  /** The CPU's; a machine without one has no errors. */
  x87?: X87Pins;
  /** What keyboard and pointing devices tell has changed. */
  inputChanged?(state: InputState): void;
  /** The PC speaker sounds otherwise from now on. */
  speakerChanged?(change: SpeakerChange): void;
  /** The INTR line changed. Called during port accesses, timers and acknowledge(). */
  interruptLine(level: boolean): void;
  /** A non-maskable interrupt, of the local APIC. */
  raiseNmi(): void;
  /** Address line A20 changed. */
  a20Line(enabled: boolean): void;
  /** What the guest sees where has changed: the whole map. Called while the machine is built, and inside port and MMIO accesses. */
  mapMemory?(windows: readonly MemoryWindow[]): void;
  /** The guest asked for a reset of the machine; the owner stops the vCPU and resets both. */
  resetRequested(): void;
  /** The guest powered the machine off (ACPI S5). */
  powerOff(): void;
  /** The guest's kernel says that it has panicked. It runs on. */
  panicked?(): void;
  /** What the guest wrote to QEMU's isa-debug-exit. */
  exit?(value: number): void;
}
