// One of the two bus masters of the controller: it moves a drive's data to and from the guest's memory by a table of physical
// region descriptors (82371SB datasheet, §2.7; "Programming Interface for Bus Master IDE Controller", revision 1.0).
//
//   +0 command: 0 start, 3 to memory      +2 status: 0 active, 1 error, 2 interrupt, 5 and 6 drive capable of DMA
//   +4 address of the table               a descriptor: address, byte count (0 is 64 KiB), bit 31 of the second word: last one
//
// The direction is the drive's, whatever the command register says. The unit of a transfer is a descriptor read, or the
// part of a buffer that lies in one page.

import { PAGE_SIZE } from '../../../base/sizes.ts';
import type { DmaMemory } from '../../bus/device.ts';
import type { AtaDrive } from './drive.ts';
import type { BusMasterState } from './persist.ts';

const COMMAND = 0;
const STATUS = 2;
const TABLE = 4;
/** Ports of one bus master. */
export const BUS_MASTER_PORTS = 8;

const START = 0x01;
const TO_MEMORY = 0x08;
const ACTIVE = 0x01;
const FAILED = 0x02;
const INTERRUPT = 0x04;
const DRIVE_BITS = 0x60;

const DESCRIPTOR_SIZE = 8;
const LAST = 0x80000000;
/** Units of one transfer: descriptors of two bytes each must not keep the vCPU from its guest. */
const UNITS = 1024;

export interface BusMasterWiring {
  memory: DmaMemory;
  /** Asks for `transfer`. */
  request(): void;
  /** The drive that waits for the bus master. */
  drive(): AtaDrive | undefined;
  /** The function's right to be a bus master. */
  enabled(): boolean;
}

export class BusMaster {
  readonly #wiring: BusMasterWiring;
  #s = idle();

  constructor(wiring: BusMasterWiring) {
    this.#wiring = wiring;
  }

  /** Offsets 0 to 7; one byte. */
  read(offset: number): number {
    const s = this.#s;
    if (offset === COMMAND) return s.command;
    if (offset === STATUS) return s.status;
    return offset < TABLE ? 0xff : (s.table >>> (8 * (offset - TABLE))) & 0xff;
  }

  write(offset: number, value: number): void {
    const s = this.#s;
    if (offset === COMMAND) this.#command(value);
    else if (offset === STATUS)
      s.status = (s.status & ACTIVE) | (value & DRIVE_BITS) | (s.status & ~value & (FAILED | INTERRUPT));
    else if (offset >= TABLE) {
      const shift = 8 * (offset - TABLE);
      s.table = ((s.table & ~(0xff << shift)) | ((value & (offset === TABLE ? 0xfc : 0xff)) << shift)) >>> 0;
    }
  }

  #command(value: number): void {
    const s = this.#s;
    const started = value & START && !(s.command & START);
    s.command = value & (START | TO_MEMORY);
    if (started) {
      Object.assign(s, { next: s.table, remaining: 0, last: false });
      s.status |= ACTIVE;
      this.proceed();
    } else if (!(value & START)) s.status &= ~ACTIVE;
  }

  /** There may be something to do: it was started, or a drive waits for it. */
  proceed(): void {
    if (this.#s.status & ACTIVE && this.#wiring.drive()) this.#wiring.request();
  }

  /** The drive has asserted its interrupt. */
  interrupted(): void {
    this.#s.status |= INTERRUPT;
  }

  reset(): void {
    this.#s = idle();
  }

  save(): BusMasterState {
    return { ...this.#s };
  }

  /** Drives that wait for the bus master ask for it when they are restored themselves. */
  restore(form: BusMasterState): void {
    this.#s = { ...form };
  }

  /** In a transfer: moves what can be moved. */
  transfer(): void {
    for (let unit = 0; unit < UNITS; unit++) {
      const drive = this.#s.status & ACTIVE && this.#wiring.enabled() ? this.#wiring.drive() : undefined;
      if (!drive) return;
      if (this.#s.remaining === 0) this.#fetch(drive);
      else this.#move(drive);
    }
    this.#wiring.request();
  }

  #fetch(drive: AtaDrive): void {
    const s = this.#s;
    if (s.last) {
      s.status &= ~ACTIVE;
      drive.dmaShort();
      return;
    }
    const descriptor = new DataView(new ArrayBuffer(DESCRIPTOR_SIZE));
    if (!this.#wiring.memory.read(s.next, new Uint8Array(descriptor.buffer))) {
      this.#fail(drive);
      return;
    }
    // Bit 0 of address and count is not there.
    s.address = (descriptor.getUint32(0, true) & ~1) >>> 0;
    const control = descriptor.getUint32(4, true);
    s.remaining = control & 0xfffe || 0x10000;
    s.last = (control & LAST) !== 0;
    s.next = (s.next + DESCRIPTOR_SIZE) >>> 0;
  }

  #move(drive: AtaDrive): void {
    const s = this.#s;
    const bytes = Math.min(s.remaining, drive.dmaBytes, PAGE_SIZE - (s.address % PAGE_SIZE));
    const part = drive.dmaPart(bytes);
    const { memory } = this.#wiring;
    const moved = drive.phase === 'dma-in' ? memory.write(s.address, part) : memory.read(s.address, part);
    if (!moved) {
      this.#fail(drive);
      return;
    }
    s.address = (s.address + bytes) >>> 0;
    s.remaining -= bytes;
    // The descriptors end with the data: the bus master is no longer active when the drive interrupts.
    if (s.remaining === 0 && s.last && bytes === drive.dmaBytes && drive.dmaEnds) s.status &= ~ACTIVE;
    drive.dmaMoved(bytes);
  }

  /** A master abort: no RAM is there. */
  #fail(drive: AtaDrive): void {
    this.#s.status = (this.#s.status & ~ACTIVE) | FAILED;
    drive.dmaFailed();
  }
}

function idle(): BusMasterState {
  return { command: 0, status: 0, table: 0, next: 0, address: 0, remaining: 0, last: false };
}
