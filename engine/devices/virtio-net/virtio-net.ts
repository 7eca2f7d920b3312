// A virtio network card (virtio 1.2, §5.1): one receive queue, one transmit queue. Checksum and segmentation are left to the
// guest, there is no control queue, and the card takes every frame that the switch sends it.
//
// A transmitted frame leaves its chain at once or stays in the queue, so what is in flight is in the guest's own rings and
// in the queue's indices.
import { ETHERNET_HEADER, MAXIMUM_FRAME, type Nic, type NicPort, zeroCounters } from '../../machine/nic.ts';
import { requireForm } from '../../machine/saved-form.ts';
import { type Chain, gather, scatter } from '../virtio/descriptor-chain.ts';
import { F_ANY_LAYOUT, F_RING_EVENT_IDX, F_RING_INDIRECT_DESC, F_VERSION_1, featureSet } from '../virtio/features.ts';
import type { VirtioDevice } from '../virtio/transport.ts';
import { type Buses, VirtioPci } from '../virtio/virtio-pci.ts';
import type { VirtioNetState } from './persist.ts';

const F_MAC = 5;
const F_MRG_RXBUF = 15;
const F_STATUS = 16;

const NETWORK_CARD = 1;
const CLASS_ETHERNET = 0x020000;
const RECEIVE = 0;
const TRANSMIT = 1;
const QUEUE_SIZE = 256;
/** struct virtio_net_config: mac, then status u16. */
const MAC_BYTES = 6;
const CONFIG_SIZE = 8;
const LINK_UP = 1;
/** struct virtio_net_hdr; its last field, num_buffers u16 at 10, is missing from the old one. */
const HEADER_SIZE = 12;
const OLD_HEADER_SIZE = 10;
const NUM_BUFFERS = 10;

export class VirtioNet implements Nic, VirtioDevice {
  readonly name: string;
  readonly type = NETWORK_CARD;
  readonly features = featureSet(
    F_MAC,
    F_MRG_RXBUF,
    F_STATUS,
    F_ANY_LAYOUT,
    F_RING_INDIRECT_DESC,
    F_RING_EVENT_IDX,
    F_VERSION_1,
  );
  readonly queueSizes = [QUEUE_SIZE, QUEUE_SIZE];
  readonly configSize = CONFIG_SIZE;
  readonly counters = zeroCounters();
  readonly pci: VirtioPci;
  readonly #port: NicPort;
  readonly #config = new Uint8Array(CONFIG_SIZE);
  readonly #transmitBuffer = new Uint8Array(HEADER_SIZE + MAXIMUM_FRAME);
  readonly #receiveBuffer = new Uint8Array(HEADER_SIZE + MAXIMUM_FRAME);
  readonly #permanentMac: Uint8Array;
  #transmitBlocked = false;
  #receiveBlocked = false;

  /** `name`: its own among the machine's devices. `mac`: 6 bytes. */
  constructor(name: string, mac: Uint8Array, port: NicPort, buses: Buses) {
    this.name = name;
    this.#port = port;
    this.#permanentMac = mac.slice();
    this.#config.set(mac);
    this.#config[MAC_BYTES] = LINK_UP;
    this.pci = new VirtioPci(this, CLASS_ETHERNET, buses);
  }

  // ---- The cable

  receive(frame: Uint8Array): boolean {
    const { transport } = this.pci;
    if (frame.length < ETHERNET_HEADER) this.counters.runts++;
    else if (frame.length > MAXIMUM_FRAME) this.counters.oversize++;
    else if (!transport.running) this.counters.unwanted++;
    else if (!this.#deliver(frame)) {
      this.#receiveBlocked = true;
      return false;
    }
    return true;
  }

  transmitReady(): void {
    if (this.#transmitBlocked) this.pci.transport.notified(TRANSMIT);
  }

  // ---- VirtioDevice

  readConfig(offset: number, size: number): number {
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + this.#config[offset + i];
    return value;
  }

  /** Drivers of before version 1.0 set the address by writing it; later ones find it read-only (§5.1.4). */
  writeConfig(offset: number, size: number, value: number): void {
    if (this.pci.transport.negotiated(F_VERSION_1)) return;
    for (let i = 0; i < size && offset + i < MAC_BYTES; i++) this.#config[offset + i] = (value >>> (8 * i)) & 0xff;
  }

  queueReady(queue: number): void {
    if (queue === TRANSMIT) this.#transmitAll();
    else if (this.#receiveBlocked) {
      this.#receiveBlocked = false;
      this.#port.receiveReady();
    }
  }

  resetDevice(): void {
    this.#config.set(this.#permanentMac);
    this.#transmitBlocked = false;
    // Whoever waits for buffers waits for nothing now: the frames go to a card without a driver.
    if (this.#receiveBlocked) {
      this.#receiveBlocked = false;
      this.#port.receiveReady();
    }
  }

  // ---- Device

  reset(): void {
    this.pci.transport.reset();
  }

  save(): VirtioNetState {
    return {
      version: 1,
      mac: this.#config.slice(0, MAC_BYTES),
      transport: this.pci.transport.save(),
      transmitBlocked: this.#transmitBlocked,
      receiveBlocked: this.#receiveBlocked,
    };
  }

  restore(state: VirtioNetState): void {
    const form = requireForm(this.name, state, { ...this.save(), transport: state?.transport });
    this.pci.transport.restore(this.name, form.transport);
    this.#config.set(form.mac);
    this.#transmitBlocked = form.transmitBlocked;
    this.#receiveBlocked = form.receiveBlocked;
  }

  // ---- Queues

  get #headerSize(): number {
    const { transport } = this.pci;
    return transport.negotiated(F_MRG_RXBUF) || transport.negotiated(F_VERSION_1) ? HEADER_SIZE : OLD_HEADER_SIZE;
  }

  #transmitAll(): void {
    const queue = this.pci.transport.queues[TRANSMIT];
    this.#transmitBlocked = false;
    for (let chain = queue.take(); chain; chain = queue.take()) {
      if ('malformed' in chain) this.counters.malformed++;
      else if (!this.#transmit(chain)) {
        queue.putBack(1);
        this.#transmitBlocked = true;
        break;
      }
      queue.complete(chain.head, 0);
    }
    queue.setNotification(!this.#transmitBlocked);
  }

  /** False: the cable is full. What is no frame is dropped and counted. */
  #transmit(chain: Chain): boolean {
    const header = this.#headerSize;
    const length = chain.readableBytes - header;
    if (length < ETHERNET_HEADER) this.counters.runts++;
    else if (length > MAXIMUM_FRAME) this.counters.oversize++;
    else {
      const buffer = this.#transmitBuffer.subarray(0, chain.readableBytes);
      if (!gather(this.pci.transport.memory, chain.readable, buffer)) this.counters.malformed++;
      else if (!this.#port.transmit(buffer.subarray(header))) return false;
      else this.counters.transmitted++;
    }
    return true;
  }

  /** False: the driver has not made enough buffers available. */
  #deliver(frame: Uint8Array): boolean {
    const { transport } = this.pci;
    const queue = transport.queues[RECEIVE];
    const header = this.#headerSize;
    const packet = this.#receiveBuffer.subarray(0, header + frame.length);
    const chains = this.#buffersFor(packet.length);
    queue.setNotification(chains === undefined);
    if (chains === undefined) {
      transport.settle(RECEIVE);
      return false;
    }
    packet.fill(0, 0, header);
    if (header === HEADER_SIZE) {
      packet[NUM_BUFFERS] = chains.length & 0xff;
      packet[NUM_BUFFERS + 1] = chains.length >> 8;
    }
    packet.set(frame, header);
    this.#fill(chains, packet);
    transport.settle(RECEIVE);
    return true;
  }

  /** Takes chains that hold `length` bytes together; undefined, and none taken, when there are not as many. */
  #buffersFor(length: number): Chain[] | undefined {
    const queue = this.pci.transport.queues[RECEIVE];
    const mergeable = this.pci.transport.negotiated(F_MRG_RXBUF);
    const chains: Chain[] = [];
    let room = 0;
    while (room < length) {
      const chain = queue.take();
      if (!chain) {
        queue.putBack(chains.length);
        return undefined;
      }
      if ('malformed' in chain || chain.writableBytes === 0 || (!mergeable && chain.writableBytes < length)) {
        // Of no use, alone or with those before it: the driver gets them back empty.
        this.counters.malformed++;
        for (const { head } of [...chains.splice(0), chain]) queue.complete(head, 0);
        room = 0;
        continue;
      }
      chains.push(chain);
      room += chain.writableBytes;
    }
    return chains;
  }

  #fill(chains: readonly Chain[], packet: Uint8Array): void {
    const { memory, queues } = this.pci.transport;
    let done = 0;
    for (const { head, writable } of chains) {
      const written = scatter(memory, writable, packet.subarray(done));
      if (written === undefined) this.counters.malformed++;
      queues[RECEIVE].complete(head, written ?? 0);
      done += written ?? 0;
    }
    if (done === packet.length) this.counters.received++;
  }
}
