// The PC: every device of one VM on one board, Intel's 440FX and PIIX chips. Which devices there are is said by the table
// device-models.ts and the machine's configuration.
//
// Lives in the VM's vCPU worker and is called only from there, between or inside the vCPU's instructions; nothing here
// blocks or is re-entered. Guest memory and the CPU are not part of it: the vCPU forwards port and MMIO accesses, takes
// interrupts with acknowledge(), and runs due timers and pending transfers between slices.

import { upgraded, versionProblem } from '../../base/upgrades.ts';
import type { BlockDrive } from '../bus/block.ts';
import type { GuestClock } from '../bus/clock.ts';
import { type Device, StateError } from '../bus/device.ts';
import type { Display } from '../bus/display.ts';
import type { Nic } from '../bus/nic.ts';
import type { Transfers } from '../bus/transfers.ts';
import { MachineBoard } from './board.ts';
import { planDevices } from './device-models.ts';
import type { MachineConfig } from './machine-config.ts';
import type { MachineInput } from './machine-input.ts';
import { MACHINE_STATE_VERSION, MACHINE_UPGRADES, type MachineState } from './persist.ts';

export class Machine {
  readonly #config: MachineConfig;
  readonly #board: MachineBoard;
  /** Those that every machine of this version has. */
  readonly #builtIn: Set<Device>;

  /** Builds the machine in its state after power-on, with the clock paused. Throws DeviceSpecError. */
  constructor(config: MachineConfig) {
    this.#config = config;
    const board = new MachineBoard(config);
    this.#board = board;
    this.#builtIn = new Set(board.devices);
    for (const { model, values, ordinal } of planDevices(config.devices)) {
      const device = model.create(board, values, ordinal);
      if (!device) continue;
      board.devices.push(device);
      if (ordinal < (model.builtIn?.length ?? 0)) this.#builtIn.add(device);
    }
    board.completed();
    this.reset();
  }

  get clock(): GuestClock {
    return this.#board.clock;
  }

  /** What devices have asked to read and write in guest memory. */
  get transfers(): Transfers {
    return this.#board.transfers;
  }

  /** By index. */
  get nics(): readonly Nic[] {
    return this.#board.nics;
  }

  /** By index. */
  get drives(): readonly BlockDrive[] {
    return this.#board.drives;
  }

  /** Its keyboard and pointing devices, as the user moves them. */
  get input(): MachineInput {
    return this.#board.input;
  }

  /** Its screen, if it has one. */
  get display(): Display | undefined {
    return this.#board.display;
  }

  /** Guest time goes on. */
  resume(): void {
    this.clock.resume();
    for (const device of this.#board.devices) device.resumed?.();
  }

  /** Hardware reset of every device. Guest time goes on; COM1's unsent output and unread input are kept. */
  reset(): void {
    this.transfers.clear();
    for (const device of this.#board.devices) device.reset();
  }

  portRead(port: number, size: number): number {
    return this.#board.ports.read(port & 0xffff, size);
  }

  portWrite(port: number, size: number, value: number): void {
    this.#board.ports.write(port & 0xffff, size, value);
  }

  mmioRead(guestPhysical: number, size: number): number {
    return this.#board.mmio.read(guestPhysical >>> 0, size);
  }

  mmioWrite(guestPhysical: number, size: number, value: number): void {
    this.#board.mmio.write(guestPhysical >>> 0, size, value);
  }

  /** Is the INTR line high? */
  get interruptPending(): boolean {
    return this.#board.interruptPending;
  }

  /** The CPU's interrupt-acknowledge cycle: the vector to deliver (the controller's spurious one if the cause is gone). */
  acknowledge(): number {
    return this.#board.acknowledge();
  }

  /** CMOS: not 0 where a program resets the CPU only to go on in real mode. */
  get shutdownStatus(): number {
    return this.#board.shutdownStatus;
  }

  /** The guest decides what it means: with ACPI, that it is to shut down. */
  pressPowerButton(): void {
    this.#board.pressPowerButton();
  }

  /** The CPU stands for an x87 error and waits for an interrupt. */
  x87Error(): void {
    this.#board.x87Error();
  }

  /** Where IA32_APIC_BASE puts the local APIC; undefined: nowhere. */
  placeLocalApic(base: number | undefined): void {
    this.#board.placeLocalApic(base);
  }

  /** Bytes for a serial port's input (0 is COM1). Returns how many it had room for; what is sent to no port is dropped. */
  serialInput(bytes: Uint8Array, port = 0): number {
    return this.#board.serialPorts[port]?.receive(bytes) ?? bytes.length;
  }

  discardSerialInput(port = 0): void {
    this.#board.serialPorts[port]?.discardInput();
  }

  /** Hands over the output that still waits for its burst to end. */
  flush(): void {
    this.#board.flush();
  }

  /** The saved form of the clock and all devices. Pause the clock first, or the parts are of different moments. */
  save(): MachineState {
    const { devices } = this.#board;
    this.flush();
    return {
      version: MACHINE_STATE_VERSION,
      memoryMiB: this.#config.memoryMiB,
      clock: this.clock.save(),
      devices: Object.fromEntries(devices.map((device) => [device.name, device.save()])),
    };
  }

  /**
   * Takes over a saved form, on a machine just built; the clock stays paused and the lines to the CPU are driven again.
   * A form of an earlier version may lack what is built in since: that stays as it is. Throws StateError if the form is of a version
   * that is not known, of another memory size, or lacks a device; the machine is then of no further use.
   */
  restore(saved: MachineState): void {
    const { devices } = this.#board;
    const state = upgraded(saved, MACHINE_STATE_VERSION, MACHINE_UPGRADES) as MachineState | undefined;
    if (state === undefined) {
      const problem = versionProblem(saved, MACHINE_STATE_VERSION, MACHINE_UPGRADES);
      throw new StateError(`The saved machine has ${problem}.`);
    }
    const earlier = saved.version !== MACHINE_STATE_VERSION;
    if (state.memoryMiB !== this.#config.memoryMiB) {
      throw new StateError(`The saved machine has ${state.memoryMiB} MiB, this one ${this.#config.memoryMiB} MiB.`);
    }
    const known = new Set(devices.map((device) => device.name));
    const foreign = Object.keys(state.devices).filter((name) => !known.has(name));
    if (foreign.length > 0) throw new StateError(`The saved machine has devices unknown here: ${foreign.join(', ')}.`);
    this.clock.restore(state.clock);
    for (const device of devices) {
      if (!(device.name in state.devices)) {
        if (earlier && this.#builtIn.has(device)) continue;
        throw new StateError(`The saved machine lacks the device ${device.name}.`);
      }
      device.restore(state.devices[device.name]);
    }
  }
}
