// A virtio disk on its buses with a driver that puts requests into its queue one descriptor after another. Tests only.

import type { BlockDrive } from '../../../bus/block.ts';
import { MmioBus } from '../../../bus/mmio-bus.ts';
import { IoPortBus } from '../../../bus/port-bus.ts';
import { Transfers } from '../../../bus/transfers.ts';
import { recordedLine } from '../../testing/test-bench.ts';
import type { TestDrive } from '../../testing/test-drive.ts';
import { F_VERSION_1, type FeatureSet, featureSet } from '../../virtio/features.ts';
import { DriverQueue, NEXT, WRITE } from '../../virtio/testing/driver-queue.ts';
import { GuestRam } from '../../virtio/testing/guest-ram.ts';
import { type Interface, registersOf, type VirtioRegisters } from '../../virtio/testing/pci-driver.ts';
import { VirtioBlk } from '../virtio-blk.ts';

const IO = 0xc000;
const MMIO = 0xfe000000;
const RING = 0x10000;
/** Where requests lie, each on pages of its own. */
const REQUESTS = 0x40000;
const REQUEST_BYTES = 0x8000;
const DATA = 0x1000;
const STATUS = 0x7000;
const NO_STATUS = 0xee;

export interface Asked {
  head: number;
  place: number;
  wanted: number;
}

export class DiskDriver {
  readonly ram: GuestRam;
  readonly drive: TestDrive;
  readonly disk: VirtioBlk;
  readonly irq = recordedLine();
  readonly queue: DriverQueue;
  readonly transfers: Transfers;
  readonly registers: VirtioRegisters;
  readonly #kind: Interface;
  #requests = 0;

  constructor(drive: TestDrive, kind: Interface = 'modern', ram = new GuestRam(0x400000)) {
    this.ram = ram;
    this.drive = drive;
    this.#kind = kind;
    const [ports, mmio] = [new IoPortBus(), new MmioBus()];
    this.transfers = new Transfers(ram);
    const buses = { ports, mmio, memory: this.transfers.memory, transfers: this.transfers };
    const connect = (_: BlockDrive) => drive;
    this.disk = new VirtioBlk('virtio-blk-0', 'tabvisor-0', connect, buses);
    const { pci } = this.disk;
    pci.connectInterrupt(this.irq);
    pci.writeConfig(0x10, 4, IO);
    pci.writeConfig(0x20, 4, MMIO);
    pci.writeConfig(0x04, 2, 7);
    this.registers = registersOf(kind, { ports, mmio, io: IO, memory: MMIO });
    this.queue = new DriverQueue(ram, RING, 256);
  }

  /** `bits`: features beside that of version 1.0. */
  start(...bits: number[]): this {
    const modern = this.#kind === 'modern' ? [F_VERSION_1] : [];
    const features: FeatureSet = featureSet(...bits, ...modern);
    if (!this.registers.negotiate(features)) throw new Error('features refused');
    this.registers.place(0, this.queue);
    this.registers.go();
    return this;
  }

  /** Puts a request into the queue; the device is notified, and comes to its next safe point. */
  ask(type: number, sector: number, data: Uint8Array = new Uint8Array(0), wanted = 0): Asked {
    const asked = this.describe(type, sector, data, wanted);
    this.queue.offer(asked.head);
    this.registers.notify(0);
    this.safePoint();
    return asked;
  }

  /** Three descriptors in two pieces of data: header, data, status. */
  describe(type: number, sector: number, data: Uint8Array, wanted: number): Asked {
    const n = this.#requests++ % 64;
    const place = REQUESTS + n * REQUEST_BYTES;
    const { view, bytes } = this.ram;
    view.setUint32(place, type, true);
    view.setUint32(place + 4, 0, true);
    view.setUint32(place + 8, sector >>> 0, true);
    view.setUint32(place + 12, Math.floor(sector / 2 ** 32), true);
    bytes.set(data, place + DATA);
    bytes.fill(0xdd, place + DATA + data.length, place + STATUS);
    bytes[place + STATUS] = NO_STATUS;
    const flags = wanted > 0 ? WRITE : 0;
    const length = wanted || data.length;
    const half = length >> 1;
    const pieces = [
      { address: place, length: 16, flags: 0 },
      { address: place + DATA, length: half, flags },
      { address: place + DATA + half, length: length - half, flags },
      { address: place + STATUS, length: 1, flags: WRITE },
    ].filter((piece) => piece.length > 0);
    const head = n * 4;
    for (const [i, piece] of pieces.entries()) {
      const last = i === pieces.length - 1;
      this.queue.describe(head + i, { ...piece, flags: piece.flags | (last ? 0 : NEXT), next: head + i + 1 });
    }
    return { head, place, wanted };
  }

  /** What the vCPU does between two slices. */
  safePoint(): void {
    for (let n = 0; n < 100 && (this.transfers.due || this.transfers.awaited.length > 0); n++)
      this.transfers.runPending();
  }

  /** The drive answers everything. */
  serve(): void {
    while (this.drive.answerAll() > 0 || this.transfers.due) this.safePoint();
  }

  /** Undefined: there is none. */
  status({ place }: Asked): number | undefined {
    const status = this.ram.bytes[place + STATUS];
    return status === NO_STATUS ? undefined : status;
  }

  data({ place, wanted }: Asked): Uint8Array {
    return this.ram.bytes.slice(place + DATA, place + DATA + wanted);
  }

  /** Asks, and has it done. */
  do(
    type: number,
    sector: number,
    data?: Uint8Array,
    wanted?: number,
  ): { status: number | undefined; data: Uint8Array } {
    const asked = this.ask(type, sector, data, wanted);
    this.serve();
    return { status: this.status(asked), data: this.data(asked) };
  }

  /** The same guest memory, on another host, whose drive has the same medium. */
  moved(drive: TestDrive): DiskDriver {
    const target = new DiskDriver(drive, this.#kind, this.ram);
    target.disk.pci.restoreConfig(structuredClone(this.disk.pci.saveConfig()));
    target.disk.restore(structuredClone(this.disk.save()));
    target.safePoint();
    return target;
  }
}
