// A PCI function: identity, configuration space, base address registers, one interrupt pin. Devices derive from it or own
// one; what a BAR means is theirs.
import type { PciFunction } from '../../bus/board.ts';
import {
  BAR0,
  CLASS_CODE,
  COMMAND,
  COMMAND_BUS_MASTER,
  COMMAND_INTERRUPT_DISABLE,
  COMMAND_IO,
  COMMAND_MEMORY,
  ConfigSpace,
  DEVICE_ID,
  HEADER_TYPE,
  INTERRUPT_LINE,
  INTERRUPT_PIN,
  MULTIFUNCTION,
  REVISION_ID,
  ROM_ADDRESS,
  STATUS,
  SUBSYSTEM_ID,
  SUBSYSTEM_VENDOR_ID,
  VENDOR_ID,
} from './config-space.ts';

export interface PciIdentity {
  vendorId: number;
  deviceId: number;
  revision: number;
  /** Base class, subclass, programming interface: 0x060000 is a host bridge. */
  classCode: number;
  subsystemVendorId?: number;
  subsystemId?: number;
  multifunction?: boolean;
  /** 1 = INTA# .. 4 = INTD#, 0 = none. */
  interruptPin?: number;
}

interface Bar {
  offset: number;
  kind: 'io' | 'memory' | 'rom';
  size: number;
  map: (address: number | undefined) => void;
  mapped: number | undefined;
}

const BAR_IO = 1;
const ROM_ENABLE = 1;
/** Of a base address, those that are none of the address. */
const BAR_FLAGS = { io: 3, memory: 15, rom: 0x7ff };
const STATUS_MEDIUM_TIMING = 0x0200;

export class PciDevice implements PciFunction {
  readonly config = new ConfigSpace();
  readonly interruptPin: number;
  readonly #bars: Bar[] = [];
  /** Configuration space as the board set it up, kept from the first change on. */
  #initial: Uint8Array | undefined;
  #interrupt: (level: boolean) => void = () => {};
  #asserted = false;

  constructor(identity: PciIdentity) {
    const { config } = this;
    this.interruptPin = identity.interruptPin ?? 0;
    config.define(VENDOR_ID, 2, identity.vendorId);
    config.define(DEVICE_ID, 2, identity.deviceId);
    config.define(COMMAND, 2, 0, COMMAND_IO | COMMAND_MEMORY | COMMAND_BUS_MASTER | COMMAND_INTERRUPT_DISABLE);
    config.define(STATUS, 2, STATUS_MEDIUM_TIMING);
    config.define(REVISION_ID, 1, identity.revision);
    config.define(CLASS_CODE, 2, identity.classCode & 0xffff);
    config.define(CLASS_CODE + 2, 1, identity.classCode >> 16);
    config.define(HEADER_TYPE, 1, identity.multifunction ? MULTIFUNCTION : 0);
    config.define(SUBSYSTEM_VENDOR_ID, 2, identity.subsystemVendorId ?? 0);
    config.define(SUBSYSTEM_ID, 2, identity.subsystemId ?? 0);
    config.define(INTERRUPT_LINE, 1, 0, 0xff);
    config.define(INTERRUPT_PIN, 1, this.interruptPin);
  }

  /**
   * Base address register `index` (0..5) of `size` bytes, a power of two (at least 4 for I/O, 16 for memory). `map` is called
   * with the address that the guest set, undefined while it is not decoded; sizing writes of all ones never reach it.
   */
  defineBar(index: number, kind: 'io' | 'memory', size: number, map: (address: number | undefined) => void): void {
    const offset = BAR0 + 4 * index;
    this.config.define(offset, 4, kind === 'io' ? BAR_IO : 0, ~(size - 1) >>> 0);
    this.#bars.push({ offset, kind, size, map, mapped: undefined });
  }

  /**
   * Expansion ROM of `size` bytes, a power of two from 2 KiB on (PCI Local Bus Specification 2.1, §6.2.5.2). `map` is called as that of
   * defineBar: romWindow makes one for a ROM that lies in the VM's memory.
   */
  defineRom(size: number, map: (address: number | undefined) => void): void {
    this.config.define(ROM_ADDRESS, 4, 0, (~(size - 1) | ROM_ENABLE) >>> 0);
    this.#bars.push({ offset: ROM_ADDRESS, kind: 'rom', size, map, mapped: undefined });
  }

  /** Where the interrupt pin leads; set when the device is put on a bus. */
  connectInterrupt(line: (level: boolean) => void): void {
    this.#interrupt = line;
  }

  /** Drives the interrupt pin. */
  setInterrupt(asserted: boolean): void {
    this.#asserted = asserted;
    this.#driveInterrupt();
  }

  readConfig(offset: number, size: number): number {
    return this.config.read(offset, size);
  }

  writeConfig(offset: number, size: number, value: number): void {
    this.#initial ??= this.config.save();
    this.config.write(offset, size, value);
    this.#remap();
    this.#driveInterrupt();
    this.configChanged();
  }

  /** Configuration space returns to what it was before the guest's first write. */
  reset(): void {
    if (this.#initial) this.config.restore(this.#initial);
    this.#remap();
    this.setInterrupt(false);
    this.configChanged();
  }

  saveConfig(): Uint8Array {
    return this.config.save();
  }

  /** The device's own restore drives the interrupt pin again. */
  restoreConfig(bytes: Uint8Array): void {
    this.#initial ??= this.config.save();
    this.config.restore(bytes);
    this.#remap();
    this.configChanged();
  }

  /** For functions whose registers steer something: after each write, reset and restore. */
  protected configChanged(): void {}

  #driveInterrupt(): void {
    this.#interrupt(this.#asserted && !(this.config.command & COMMAND_INTERRUPT_DISABLE));
  }

  #remap(): void {
    for (const bar of this.#bars) {
      const value = this.config.read(bar.offset, 4);
      const decodes = this.config.command & (bar.kind === 'io' ? COMMAND_IO : COMMAND_MEMORY);
      const enabled = decodes && (bar.kind !== 'rom' || value & ROM_ENABLE);
      const address = (value & ~BAR_FLAGS[bar.kind]) >>> 0;
      // All address bits one is what a sizing write leaves behind, and no place to be.
      const sizing = address === ~(bar.size - 1) >>> 0;
      const mapped = enabled && address !== 0 && !sizing ? address : undefined;
      if (mapped === bar.mapped) continue;
      bar.mapped = mapped;
      bar.map(mapped);
    }
  }
}
