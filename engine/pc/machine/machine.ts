// The PC: every device of one VM, wired together as on a board with Intel's 440FX and PIIX chips.
//
// Lives in the VM's vCPU worker and is called only from there, between or inside the vCPU's instructions; nothing here
// blocks or is re-entered. Guest memory and the CPU are not part of it: the vCPU forwards port and MMIO accesses, takes
// interrupts with acknowledge(), and runs due timers between slices.
//
// Interrupt lines: 0 PIT, 1 and 12 keyboard controller, 2 cascade, 4 COM1, 8 RTC, 9 ACPI, 10 and 11 PCI.

import { GuestClock } from '../bus/clock.ts';
import { type Device, type DmaMemory, StateError } from '../bus/device.ts';
import { MmioBus } from '../bus/mmio-bus.ts';
import { MAXIMUM_NICS, type Nic, type NicModel, type NicPort } from '../bus/nic.ts';
import { IoPortBus } from '../bus/port-bus.ts';
import { AcpiPm, PM_BLOCK_SIZE } from '../devices/acpi-pm/acpi-pm.ts';
import { SCI_IRQ } from '../devices/acpi-pm/registers.ts';
import { DebugExit } from '../devices/debug-exit/debug-exit.ts';
import { Dma } from '../devices/dma/dma.ts';
import { KeyboardController } from '../devices/i8042/i8042.ts';
import { Ne2k } from '../devices/ne2k/ne2k.ts';
import { portWindow } from '../devices/pci/bar-window.ts';
import { createPciBus, type PciBus } from '../devices/pci/pci.ts';
import { Pic } from '../devices/pic/pic.ts';
import { Pit } from '../devices/pit/pit.ts';
import { Port92 } from '../devices/port92/port92.ts';
import { PostPort } from '../devices/post/post.ts';
import { Pvpanic } from '../devices/pvpanic/pvpanic.ts';
import { Rtc } from '../devices/rtc/rtc.ts';
import { Uart } from '../devices/uart/uart.ts';
import { VirtioNet } from '../devices/virtio-net/virtio-net.ts';
import { A20Gate } from './a20.ts';
import { buildExtras, type Extras, type ExtrasConfig, sharedLine } from './extras.ts';
import { MACHINE_STATE_VERSION, type MachineState } from './persist.ts';

export interface MachineConfig {
  memoryMiB: number;
  /** Monotonic host time in ms, with fractions. */
  hostNow(): number;
  /** Time of day in ms since 1970, UTC. */
  wallClock(): number;
  /** Guest time has stood still over a long stop (clock.ts). */
  stoodStill?(ms: number): void;
  /** What COM1 sent, in bursts; the array is the receiver's. */
  serialOutput(bytes: Uint8Array): void;
  /** A serial port that had refused input has room again. */
  serialRoom?(): void;
  /** The INTR line changed. Called during port accesses, timers and acknowledge(). */
  interruptLine(level: boolean): void;
  /** A non-maskable interrupt, of the local APIC. */
  raiseNmi(): void;
  /** Address line A20 changed. */
  a20Line(enabled: boolean): void;
  /** For a machine with ROM: where RAM takes the place of what lies below 1 MiB (cpu/abi/layout.ts, ROM_SHADOW). */
  romShadow?(shadow: number): void;
  /** The guest asked for a reset of the machine; the owner stops the vCPU and resets both. */
  resetRequested(): void;
  /** The guest powered the machine off (ACPI S5). */
  powerOff(): void;
  /** The guest's kernel says that it has panicked. It runs on. */
  panicked?(): void;
  extras?: ExtrasConfig;
  /** QEMU's isa-debug-exit; `value` is what the guest wrote. */
  debugExit?: { iobase: number; iosize: number; exit(value: number): void };
  network?: NetworkConfig;
}

export interface NetworkConfig {
  /** Guest memory, for the cards' bus mastering. */
  memory: DmaMemory;
  /** In the order of their PCI slots; at most MAXIMUM_NICS. */
  nics: { model: NicModel /** 6 bytes. */; mac: Uint8Array; port: NicPort }[];
}

const COM1 = 0x3f8;
/** The first network card is where QEMU has it. */
const FIRST_NIC_SLOT = 3;

export class Machine {
  readonly config: MachineConfig;
  readonly clock: GuestClock;
  readonly ports = new IoPortBus();
  readonly mmio = new MmioBus();
  readonly pic: Pic;
  readonly pci: PciBus;
  readonly uart: Uart;
  readonly nics: readonly Nic[];
  readonly #extras: Extras;
  readonly #a20: A20Gate;
  readonly #rtc: Rtc;
  readonly #devices: Device[];

  /** Builds the machine in its state after power-on, with the clock paused. */
  constructor(config: MachineConfig) {
    this.config = config;
    const clock = new GuestClock(config);
    this.clock = clock;
    const reset = () => {
      this.flush();
      config.resetRequested();
    };
    const powerOff = () => {
      this.flush();
      config.powerOff();
    };
    this.#a20 = new A20Gate(config.a20Line);
    this.pic = new Pic(() => this.#interruptChanged());
    const { pic, ports, mmio } = this;
    const com1and3 = sharedLine(pic.line(4));
    this.uart = new Uart({ clock, irq: com1and3(), output: config.serialOutput, room: config.serialRoom });
    const pit = new Pit({ clock, irq: pic.line(0) });
    const rtc = new Rtc({ clock, irq: pic.line(8), wallClock: config.wallClock, memoryMiB: config.memoryMiB });
    const i8042 = new KeyboardController({ irq: pic.line(1), auxIrq: pic.line(12), a20: this.#a20, reset });
    const port92 = new Port92(this.#a20, reset);
    const acpiPm = new AcpiPm({ clock, irq: pic.line(SCI_IRQ), powerOff });
    const dma = new Dma();
    const post = new PostPort();
    const placePowerManagement = portWindow(this.ports, PM_BLOCK_SIZE, acpiPm);
    this.pci = createPciBus({ pic, reset, placePowerManagement, romShadow: config.romShadow });

    this.#rtc = rtc;
    pic.attach(ports);
    pit.attach(ports);
    rtc.attach(ports);
    this.uart.attach(ports, COM1);
    i8042.attach(ports);
    port92.attach(ports);
    dma.attach(ports);
    post.attach(ports);
    new Pvpanic(() => config.panicked?.()).attach(ports);
    this.pci.attach(ports);
    const board = { clock, ports, mmio, pic, pci: this.pci, memoryMiB: config.memoryMiB };
    const localApicChanged = () => this.#interruptChanged();
    const raiseNmi = () => config.raiseNmi();
    this.#extras = buildExtras(config.extras ?? {}, { ...board, localApicChanged, raiseNmi }, com1and3);
    if (config.debugExit) {
      const { iobase, iosize, exit } = config.debugExit;
      new DebugExit(exit).attach(ports, iobase, iosize);
    }
    this.nics = config.network ? this.#buildNics(config.network) : [];
    // The bus before its cards: they find their interrupt lines and places as restored.
    this.#devices = [this.#a20, pic, pit, rtc, this.uart, i8042, port92, acpiPm, dma, post, this.pci, ...this.nics];
    this.#devices.push(...this.#extras.devices);
    this.reset();
  }

  /** Guest time goes on. */
  resume(): void {
    this.clock.resume();
    this.#rtc.lookAtWall();
  }

  /** Hardware reset of every device. Guest time goes on; COM1's unsent output and unread input are kept. */
  reset(): void {
    for (const device of this.#devices) device.reset();
  }

  #interruptChanged(): void {
    // The controllers speak up already while they are being built and wired.
    if (this.#devices) this.config.interruptLine(this.interruptPending);
  }

  #buildNics({ memory, nics }: NetworkConfig): Nic[] {
    if (nics.length > MAXIMUM_NICS) throw new RangeError(`A machine has at most ${MAXIMUM_NICS} network cards.`);
    const { ports, mmio } = this;
    return nics.map(({ model, mac, port }, n) => {
      const name = `${model}-${n}`;
      const nic =
        model === 'virtio-net'
          ? new VirtioNet(name, mac, port, { ports, mmio, memory })
          : new Ne2k(name, mac, port, ports);
      this.pci.add(FIRST_NIC_SLOT + n, 0, nic.pci);
      return nic;
    });
  }

  portRead(port: number, size: number): number {
    return this.ports.read(port & 0xffff, size);
  }

  portWrite(port: number, size: number, value: number): void {
    this.ports.write(port & 0xffff, size, value);
  }

  mmioRead(guestPhysical: number, size: number): number {
    return this.mmio.read(guestPhysical >>> 0, size);
  }

  mmioWrite(guestPhysical: number, size: number, value: number): void {
    this.mmio.write(guestPhysical >>> 0, size, value);
  }

  /** Is the INTR line high? */
  get interruptPending(): boolean {
    const { localApic } = this.#extras;
    return (this.pic.interruptPending && (localApic?.passesExternal ?? true)) || (localApic?.interruptPending ?? false);
  }

  /** The CPU's interrupt-acknowledge cycle: the vector to deliver (the controller's spurious one if the cause is gone). */
  acknowledge(): number {
    const { localApic } = this.#extras;
    return localApic?.interruptPending ? localApic.acknowledge() : this.pic.acknowledge();
  }

  /** CMOS: not 0 where a program resets the CPU only to go on in real mode. */
  get shutdownStatus(): number {
    return this.#rtc.shutdownStatus;
  }

  /** Where IA32_APIC_BASE puts the local APIC; undefined: nowhere. */
  placeLocalApic(base: number | undefined): void {
    this.#extras.localApic?.place(base);
  }

  /** Bytes for a serial port's input (0 is COM1). Returns how many it had room for. */
  serialInput(bytes: Uint8Array, port = 0): number {
    const uart = this.#serialPort(port);
    return uart ? uart.receive(bytes) : bytes.length;
  }

  discardSerialInput(port = 0): void {
    this.#serialPort(port)?.discardInput();
  }

  #serialPort(port: number): Uart | undefined {
    return port === 0 ? this.uart : this.#extras.uarts[port - 1];
  }

  /** Hands over the serial output that still waits for its burst to end. */
  flush(): void {
    this.uart.flush();
    for (const uart of this.#extras.uarts) uart?.flush();
  }

  /** The saved form of the clock and all devices. Pause the clock first, or the parts are of different moments. */
  save(): MachineState {
    this.flush();
    return {
      version: MACHINE_STATE_VERSION,
      memoryMiB: this.config.memoryMiB,
      clock: this.clock.save(),
      devices: Object.fromEntries(this.#devices.map((device) => [device.name, device.save()])),
    };
  }

  /**
   * Takes over a saved form, on a machine just built; the clock stays paused and the lines to the CPU are driven anew.
   * Throws StateError if the form is of another version, another memory size, or lacks a device; the machine is then of no
   * further use.
   */
  restore(state: MachineState): void {
    if (state.version !== MACHINE_STATE_VERSION) {
      throw new StateError(
        `The saved machine has version ${String(state.version)}; this build reads version ${MACHINE_STATE_VERSION}.`,
      );
    }
    if (state.memoryMiB !== this.config.memoryMiB) {
      throw new StateError(`The saved machine has ${state.memoryMiB} MiB, this one ${this.config.memoryMiB} MiB.`);
    }
    const known = new Set(this.#devices.map((device) => device.name));
    const foreign = Object.keys(state.devices).filter((name) => !known.has(name));
    if (foreign.length > 0) throw new StateError(`The saved machine has devices unknown here: ${foreign.join(', ')}.`);
    this.clock.restore(state.clock);
    for (const device of this.#devices) {
      if (!(device.name in state.devices)) throw new StateError(`The saved machine lacks the device ${device.name}.`);
      device.restore(state.devices[device.name]);
    }
  }
}
