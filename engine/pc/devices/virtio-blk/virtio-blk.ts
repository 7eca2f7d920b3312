// A virtio disk (virtio 1.2, §5.2), transitional, with one queue. Its medium does not change.
//
// A chain is kept from when it is taken until its request is answered, which takes several sessions of the queue. What the drive's port
// answers comes outside of transfers: it is put aside, and a transfer writes it to the guest. The units of transfers are: a
// chain taken and submitted, an answer written.
//
// A driver that has not agreed on flushes gets an answer to a write only when the data is where it is kept (§5.2.6.2).

import { type BlockDrive, type BlockPort, type BlockRequest, type BlockResult, SECTOR } from '../../bus/block.ts';
import { type Device, StateError } from '../../bus/device.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { type Chain, canScatter, cut, scatter } from '../virtio/descriptor-chain.ts';
import { F_ANY_LAYOUT, F_RING_EVENT_IDX, F_RING_INDIRECT_DESC, F_VERSION_1, featureSet } from '../virtio/features.ts';
import type { VirtioInterfaces } from '../virtio/interfaces.ts';
import type { VirtioDevice } from '../virtio/transport.ts';
import { type Buses, VirtioPci } from '../virtio/virtio-pci.ts';
import type { MalformedChain, QueueSession } from '../virtio/virtqueue.ts';
import { CONFIG_SIZE, configuration, QUEUE_SIZE, WRITEBACK } from './configuration.ts';
import type { VirtioBlkState } from './persist.ts';
import { type Asked, IOERR, OK, readRequest } from './request.ts';

const F_SIZE_MAX = 1;
const F_SEG_MAX = 2;
const F_GEOMETRY = 4;
const F_RO = 5;
const F_BLK_SIZE = 6;
const F_FLUSH = 9;
const F_TOPOLOGY = 10;
const F_CONFIG_WCE = 11;
const F_DISCARD = 13;
const F_WRITE_ZEROES = 14;

const DISK = 2;
const CLASS_SCSI_STORAGE = 0x010000;
const QUEUE = 0;
const ID_BYTES = 20;
/** Data of requests that are under way, about: more wait in the queue. */
const MAXIMUM_BYTES = 8 * 1024 * 1024;

/** A request that has no answer yet. */
interface InFlight {
  chain: Chain;
  /** Parts that the port has not answered. */
  left: number;
  status: number;
  /** For the driver. */
  bytes: Uint8Array;
  /** Of its data. */
  size: number;
}

export class VirtioBlk implements Device<VirtioBlkState>, VirtioDevice, BlockDrive {
  readonly name: string;
  readonly type = DISK;
  readonly features;
  readonly queueSizes = [QUEUE_SIZE];
  readonly configSize = CONFIG_SIZE;
  readonly pci: VirtioPci;
  readonly #port: BlockPort;
  readonly #id = new Uint8Array(ID_BYTES);
  #writeback = true;
  /** In the order in which they were taken. */
  #inFlight: InFlight[] = [];
  /** Of these, what the driver can have. */
  #answered: InFlight[] = [];
  /** Chains that were in flight in the saved form and have not been submitted again. */
  #again: number[] = [];

  /** `name`: its own among the machine's devices. `id`: what the guest sees as its serial number, 20 characters at most. */
  constructor(
    name: string,
    id: string,
    connect: (drive: BlockDrive) => BlockPort,
    buses: Buses,
    interfaces?: VirtioInterfaces,
  ) {
    this.name = name;
    this.#port = connect(this);
    new TextEncoder().encodeInto(id, this.#id);
    const changes = this.#port.medium?.readOnly ? [F_RO] : [F_DISCARD, F_WRITE_ZEROES];
    this.features = featureSet(
      ...[F_SIZE_MAX, F_SEG_MAX, F_GEOMETRY, F_BLK_SIZE, F_FLUSH, F_TOPOLOGY, F_CONFIG_WCE, ...changes],
      ...[F_ANY_LAYOUT, F_RING_INDIRECT_DESC, F_RING_EVENT_IDX, F_VERSION_1],
    );
    this.pci = new VirtioPci(this, CLASS_SCSI_STORAGE, buses, interfaces);
  }

  // ---- BlockDrive

  /** The capacity is read from the port; requests for a medium that is gone fail there. */
  mediumChanged(): void {}

  // ---- VirtioDevice

  readConfig(offset: number, size: number): number {
    const view = configuration((this.#port.medium?.size ?? 0) / SECTOR, this.#writeback);
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + view.getUint8(offset + i);
    return value;
  }

  writeConfig(offset: number, _size: number, value: number): void {
    if (offset === WRITEBACK && this.pci.transport.negotiated(F_CONFIG_WCE)) this.#writeback = (value & 1) === 1;
  }

  queueReady(): void {
    this.pci.transport.withQueue(QUEUE, (queue) => {
      do this.#answer(queue);
      while (this.#takeNext(queue));
    });
  }

  resetDevice(): void {
    this.#port.abandon();
    this.#writeback = true;
    this.#inFlight = [];
    this.#answered = [];
    this.#again = [];
  }

  // ---- Device

  reset(): void {
    this.pci.transport.reset();
  }

  save(): VirtioBlkState {
    return {
      version: 1,
      transport: this.pci.transport.save(),
      writeback: this.#writeback,
      inFlight: [...this.#inFlight.map(({ chain }) => chain.head), ...this.#again],
    };
  }

  restore(state: VirtioBlkState): void {
    const form = requireForm(this.name, state, { ...this.save(), inFlight: [0], transport: state?.transport });
    if (form.inFlight.length > QUEUE_SIZE || !form.inFlight.every((head) => head >= 0 && head < QUEUE_SIZE))
      throw new StateError(`The saved state of ${this.name} is damaged: inFlight is not as expected.`);
    this.resetDevice();
    this.#writeback = form.writeback;
    this.#again = [...form.inFlight];
    this.pci.transport.restore(this.name, form.transport);
  }

  // ---- Requests

  /** False: there is no more to take, or enough is under way. Its first steps change nothing. */
  #takeNext(queue: QueueSession): boolean {
    const again = this.#again.at(0);
    if (again !== undefined) {
      const chain = queue.retake(again);
      const asked = this.#asked(chain);
      this.#again.shift();
      if ('malformed' in chain || !asked) queue.completeKept(chain.head, 0);
      else this.#submit(chain, asked);
      return true;
    }
    const bytes = this.#inFlight.reduce((sum, { size }) => sum + size, 0);
    if (this.#inFlight.length >= QUEUE_SIZE || bytes >= MAXIMUM_BYTES) return false;
    const chain = queue.take();
    if (!chain) return false;
    const asked = this.#asked(chain);
    if ('malformed' in chain || !asked) queue.complete(chain.head, 0);
    else {
      queue.keep();
      this.#submit(chain, asked);
    }
    return true;
  }

  /** Undefined: there is no room for a status even. */
  #asked(chain: Chain | MalformedChain): Asked | undefined {
    if ('malformed' in chain || chain.writableBytes === 0) return undefined;
    return readRequest(this.pci.transport.memory, chain, this.#port.medium, this.#id);
  }

  #submit(chain: Chain, asked: Asked): void {
    const size = chain.readableBytes + chain.writableBytes;
    const entry: InFlight = { chain, left: 0, status: OK, bytes: new Uint8Array(0), size };
    this.#inFlight.push(entry);
    if ('status' in asked) {
      entry.status = asked.status;
      entry.bytes = asked.bytes ?? entry.bytes;
      this.#answered.push(entry);
      return;
    }
    const { requests } = asked;
    entry.left = requests.length;
    if (requests.length === 0) this.#answered.push(entry);
    for (const request of requests) this.#port.submit(request, (result) => this.#done(entry, request, result));
  }

  #done(entry: InFlight, request: BlockRequest, result: BlockResult): void {
    if (!result.ok) entry.status = IOERR;
    else if (request.kind === 'read') entry.bytes = result.bytes.slice();
    else if (request.kind !== 'flush' && entry.left === 1 && !this.#cached) {
      this.#port.submit({ kind: 'flush' }, (flushed) => this.#done(entry, { kind: 'flush' }, flushed));
      return;
    }
    if (--entry.left > 0) return;
    this.#answered.push(entry);
    this.pci.transport.serve(QUEUE);
  }

  /** May a write be answered before it is flushed? */
  get #cached(): boolean {
    const { transport } = this.pci;
    return transport.negotiated(F_CONFIG_WCE) ? this.#writeback : transport.negotiated(F_FLUSH);
  }

  #answer(queue: QueueSession): void {
    const { memory } = this.pci.transport;
    for (let entry = this.#answered.at(0); entry; entry = this.#answered.at(0)) {
      const { chain, status } = entry;
      const bytes = status === OK ? entry.bytes : new Uint8Array(0);
      const statusByte = cut(chain.writable, chain.writableBytes - 1, 1);
      // Absent pages show before anything is written.
      const there = canScatter(memory, chain.writable, bytes.length) && canScatter(memory, statusByte, 1);
      this.#answered.shift();
      this.#inFlight.splice(this.#inFlight.indexOf(entry), 1);
      if (there) {
        scatter(memory, chain.writable, bytes);
        scatter(memory, statusByte, Uint8Array.of(status));
      }
      const filled = bytes.length + 1 === chain.writableBytes;
      queue.completeKept(chain.head, there ? (filled ? chain.writableBytes : bytes.length) : 0);
    }
  }
}
