// PCI bus 0 behind configuration mechanism #1 (PCI Local Bus Specification 2.1, §3.2.2.3.2) with the interrupt router of the
// PIIX3. A function that is not there reads as all ones.
//
//   CF8h address (dword only)   CF9h reset control (byte, PIIX3)   CFCh..CFFh data
import type { PciFunction } from '../../bus/board.ts';
import { type Device, type InterruptLine, PlaceTakenError, type PortBus } from '../../bus/device.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { HostBridge, type ShadowMask } from './host-bridge.ts';
import { isaBridge, pirqRoute } from './isa-bridge.ts';
import type { PciDevice } from './pci-device.ts';
import { PCI_UPGRADES, type PciState } from './persist.ts';

const ADDRESS_PORT = 0xcf8;
const RESET_PORT = 0xcf9;
const DATA_PORT = 0xcfc;
const ENABLE = 0x80000000;
const RESET_CPU = 0x04;
const RESET_BITS = 0x06;
const IRQS = 16;

export interface PciWiring {
  /** The machine's interrupt lines. */
  lines: { line(irq: number): InterruptLine };
  /** The guest asked for a reset through port CF9h. */
  reset: () => void;
  /** There is ROM at the end of the first MiB, and this says where RAM takes its place. */
  romShadow?: (shadow: ShadowMask) => void;
  /** What was set of it outlives the present reset. */
  keepsShadow?: () => boolean;
}

export class PciBus implements Device<PciState> {
  readonly name = 'pci';
  readonly #wiring: PciWiring;
  readonly #functions = new Map<string, PciFunction>();
  readonly #isa: PciDevice;
  #address = 0;
  #resetControl = 0;
  /** For each PIRQ the functions that assert it. */
  readonly #asserting = [0, 1, 2, 3].map(() => new Set<PciFunction>());
  /** Levels driven to the interrupt lines. */
  readonly #levels = new Array<boolean>(IRQS).fill(false);

  /** `isa` is the function whose registers route the interrupts. */
  constructor(wiring: PciWiring, isa: PciDevice) {
    this.#wiring = wiring;
    this.#isa = isa;
  }

  /** Puts a function on the bus. Throws if the place is taken. */
  add(slot: number, fn: number, device: PciFunction): void {
    const place = `${slot}.${fn}`;
    if (this.#functions.has(place)) throw new PlaceTakenError(`PCI function 00:${place} is already taken`);
    this.#functions.set(place, device);
    if (device.interruptPin === 0) return;
    // Each slot's pins are turned by one against its neighbour's, slot 1's INTA# being PIRQA#.
    const asserting = this.#asserting[(device.interruptPin - 1 + slot - 1) & 3];
    device.connectInterrupt((level) => {
      if (level) asserting.add(device);
      else asserting.delete(device);
      this.#route();
    });
  }

  attach(ports: PortBus): void {
    ports.register(ADDRESS_PORT, 4, {
      read: (port, size) => this.#readAddress(port, size),
      write: (port, size, value) => this.#writeAddress(port, size, value),
    });
    ports.register(DATA_PORT, 4, {
      read: (port, size) => {
        const target = this.#target();
        return target ? target.readConfig(this.#offset(port), size) : 2 ** (8 * size) - 1;
      },
      write: (port, size, value) => {
        const target = this.#target();
        target?.writeConfig(this.#offset(port), size, value);
        if (target === this.#isa) this.#route();
      },
    });
  }

  reset(): void {
    this.#address = 0;
    this.#resetControl = 0;
    for (const device of this.#functions.values()) device.reset();
    this.#route();
  }

  save(): PciState {
    return {
      version: 2,
      address: this.#address,
      resetControl: this.#resetControl,
      functions: Object.fromEntries([...this.#functions].map(([place, device]) => [place, device.saveConfig()])),
    };
  }

  restore(state: PciState): void {
    const form = requireForm(this.name, state, this.#expected(state), PCI_UPGRADES);
    this.#address = form.address;
    this.#resetControl = form.resetControl;
    for (const [place, device] of this.#functions) {
      const config = form.functions[place];
      if (config) device.restoreConfig(config);
    }
    this.#route();
  }

  /** The form that `state` is to be like. One of an earlier version may lack functions, which stay as they are after power-on. */
  #expected(state: { version: number; functions: object } | undefined): PciState {
    const own = this.save();
    if (state?.version === own.version) return own;
    const functions = Object.entries(own.functions).filter(([place]) => Object.hasOwn(state?.functions ?? {}, place));
    return { ...own, functions: Object.fromEntries(functions) };
  }

  #readAddress(port: number, size: number): number {
    if (size === 4) return this.#address;
    return port === RESET_PORT && size === 1 ? this.#resetControl : 2 ** (8 * size) - 1;
  }

  #writeAddress(port: number, size: number, value: number): void {
    if (size === 4) {
      this.#address = (value & 0x80fffffc) >>> 0;
    } else if (port === RESET_PORT && size === 1) {
      this.#resetControl = value & RESET_BITS & ~RESET_CPU;
      if (value & RESET_CPU) this.#wiring.reset();
    }
  }

  #target(): PciFunction | undefined {
    const bus = (this.#address >>> 16) & 0xff;
    if (!(this.#address & ENABLE) || bus !== 0) return undefined;
    return this.#functions.get(`${(this.#address >>> 11) & 31}.${(this.#address >>> 8) & 7}`);
  }

  #offset(port: number): number {
    return (this.#address & 0xfc) | (port & 3);
  }

  /** Drives the IRQs that PCI interrupts lead to; a line is up while any device asserts a PIRQ routed to it. */
  #route(): void {
    const levels = new Array<boolean>(IRQS).fill(false);
    for (const [n, asserting] of this.#asserting.entries()) {
      const irq = pirqRoute(this.#isa, n);
      if (irq !== undefined && asserting.size > 0) levels[irq] = true;
    }
    for (const [irq, level] of levels.entries()) {
      if (level === this.#levels[irq]) continue;
      this.#levels[irq] = level;
      this.#wiring.lines.line(irq)(level);
    }
  }
}

/** The board's bus: host bridge at 00:00.0, ISA bridge at 00:01.0. */
export function createPciBus(wiring: PciWiring): PciBus {
  const isa = isaBridge();
  const bus = new PciBus(wiring, isa);
  bus.add(0, 0, new HostBridge(wiring.romShadow, wiring.keepsShadow));
  bus.add(1, 0, isa);
  return bus;
}
