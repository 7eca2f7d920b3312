// A virtio network card (virtio 1.2, §5.1): one receive queue, one transmit queue, and a control queue by which the
// driver sets the card's address (control-queue.ts). It completes checksums and cuts TCP packets into segments when it sends
// (segmentation.ts), checks checksums and joins segments when it receives (coalescing.ts); on the cable there are only
// ordinary frames. It takes every frame that the switch sends it. It reports the MTU to the driver, so that a guest
// cannot set an MTU whose frames would be dropped.
//
// A chain leaves the transmit queue when its last frame has gone out, so what is in flight is in the guest's own rings, in the
// queue's indices, and in `framesSent`.
//
// Guest memory is touched in transfers alone (`queueReady`), whose units are: a packet sent, a command carried out, a packet put
// into the guest's buffers, a useless buffer given back. What the cable hands over is joined, or refused, and a transfer asked for.
import { StateError } from '../../bus/device.ts';
import { ETHERNET_HEADER, MAXIMUM_FRAME, MTU, type Nic, type NicPort, zeroCounters } from '../../bus/nic.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { type Chain, canScatter, gather, scatter } from '../virtio/descriptor-chain.ts';
import { F_ANY_LAYOUT, F_RING_EVENT_IDX, F_RING_INDIRECT_DESC, F_VERSION_1, featureSet } from '../virtio/features.ts';
import type { VirtioInterfaces } from '../virtio/interfaces.ts';
import type { VirtioDevice } from '../virtio/transport.ts';
import { type Buses, VirtioPci } from '../virtio/virtio-pci.ts';
import type { QueueSession } from '../virtio/virtqueue.ts';
import { Coalescer } from './coalescing.ts';
import { carryOut } from './control-queue.ts';
import { HEADER_SIZE, OLD_HEADER_SIZE, PLAIN, readHeader } from './header.ts';
import type { VirtioNetState } from './persist.ts';
import { framesOf, MAXIMUM_PACKET } from './segmentation.ts';

const F_CSUM = 0;
const F_GUEST_CSUM = 1;
const F_MTU = 3;
const F_MAC = 5;
const F_GUEST_TSO4 = 7;
const F_GUEST_TSO6 = 8;
const F_HOST_TSO4 = 11;
const F_HOST_TSO6 = 12;
const F_MRG_RXBUF = 15;
const F_STATUS = 16;
const F_CTRL_VQ = 17;
const F_CTRL_MAC_ADDR = 23;

const NETWORK_CARD = 1;
const CLASS_ETHERNET = 0x020000;
const RECEIVE = 0;
const TRANSMIT = 1;
const CONTROL = 2;
const QUEUE_SIZE = 256;
const CONTROL_QUEUE_SIZE = 64;
/** struct virtio_net_config: mac, status u16, max_virtqueue_pairs u16 (not offered), mtu u16. */
const MAC_BYTES = 6;
const CONFIG_MTU = 10;
const CONFIG_SIZE = 12;
const LINK_UP = 1;
const NUM_BUFFERS = 10;

export class VirtioNet implements Nic, VirtioDevice {
  readonly name: string;
  readonly type = NETWORK_CARD;
  readonly features = featureSet(
    F_CSUM,
    F_GUEST_CSUM,
    F_MTU,
    F_MAC,
    F_GUEST_TSO4,
    F_GUEST_TSO6,
    F_HOST_TSO4,
    F_HOST_TSO6,
    F_MRG_RXBUF,
    F_STATUS,
    F_CTRL_VQ,
    F_CTRL_MAC_ADDR,
    F_ANY_LAYOUT,
    F_RING_INDIRECT_DESC,
    F_RING_EVENT_IDX,
    F_VERSION_1,
  );
  readonly queueSizes = [QUEUE_SIZE, QUEUE_SIZE, CONTROL_QUEUE_SIZE];
  readonly configSize = CONFIG_SIZE;
  readonly counters = zeroCounters();
  readonly pci: VirtioPci;
  readonly #port: NicPort;
  readonly #config = new Uint8Array(CONFIG_SIZE);
  readonly #transmitBuffer = new Uint8Array(HEADER_SIZE + MAXIMUM_PACKET);
  readonly #coalescer = new Coalescer((version) => this.#joins(version));
  readonly #permanentMac: Uint8Array;
  #framesSent = 0;
  #transmitBlocked = false;
  /** A received packet, with its header, for which buffers were missing or absent. Nothing is joined while there is one. */
  #held: Uint8Array | undefined;
  /** The cable was refused a frame, or would be. */
  #receiveBlocked = false;
  /** In a transfer of the receive queue. */
  #placing = false;

  /** `name`: its own among the machine's devices. `mac`: 6 bytes. */
  constructor(name: string, mac: Uint8Array, port: NicPort, buses: Buses, interfaces?: VirtioInterfaces) {
    this.name = name;
    this.#port = port;
    this.#permanentMac = mac.slice();
    this.#config.set(mac);
    this.#config[MAC_BYTES] = LINK_UP;
    this.#config[CONFIG_MTU] = MTU & 0xff;
    this.#config[CONFIG_MTU + 1] = MTU >> 8;
    this.pci = new VirtioPci(this, CLASS_ETHERNET, buses, interfaces);
  }

  // ---- The cable

  receive(frame: Uint8Array): boolean {
    const { transport } = this.pci;
    if (frame.length < ETHERNET_HEADER) this.counters.runts++;
    else if (frame.length > MAXIMUM_FRAME) this.counters.oversize++;
    else if (!transport.running) this.counters.unwanted++;
    else if (this.#held || !this.#coalescer.add(frame)) {
      this.#receiveBlocked = true;
      return false;
    } else {
      this.counters.received++;
      // While packets are being put into buffers, this one is the next.
      if (!this.#placing) transport.serve(RECEIVE);
    }
    return true;
  }

  transmitReady(): void {
    if (this.#transmitBlocked) this.pci.transport.serve(TRANSMIT);
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
    // Byte by byte, or in larger parts; whole when its last byte is there.
    if (offset < MAC_BYTES && offset + size >= MAC_BYTES) this.#addressChanged();
  }

  queueReady(queue: number): void {
    if (queue === TRANSMIT) this.#transmitAll();
    else if (queue === CONTROL) this.#obey();
    else this.#placeReceived();
  }

  resetDevice(): void {
    this.#config.set(this.#permanentMac);
    this.#addressChanged();
    this.#framesSent = 0;
    this.#transmitBlocked = false;
    this.#coalescer.clear();
    this.#held = undefined;
    // The cable need not wait for buffers any more: frames to a card without a driver are taken and dropped.
    this.#offerRoom();
  }

  // ---- Device

  reset(): void {
    this.pci.transport.reset();
  }

  save(): VirtioNetState {
    this.#hold();
    return {
      version: 1,
      mac: this.#config.slice(0, MAC_BYTES),
      transport: this.pci.transport.save(),
      framesSent: this.#framesSent,
      transmitBlocked: this.#transmitBlocked,
      held: this.#held ? [this.#held] : [],
      receiveBlocked: this.#receiveBlocked,
    };
  }

  restore(state: VirtioNetState): void {
    const form = requireForm(this.name, state, { ...this.save(), transport: state?.transport });
    if (form.held.length > 1 || !form.held.every((packet) => packet instanceof Uint8Array)) {
      throw new StateError(`The saved state of ${this.name} is damaged: held is not as expected.`);
    }
    this.pci.transport.restore(this.name, form.transport);
    this.#config.set(form.mac);
    this.#addressChanged();
    this.#framesSent = form.framesSent;
    this.#transmitBlocked = form.transmitBlocked;
    this.#coalescer.clear();
    this.#held = form.held[0];
    this.#receiveBlocked = form.receiveBlocked;
  }

  // ---- Control

  #obey(): void {
    const { transport } = this.pci;
    const setAddress = (mac: Uint8Array) => {
      this.#config.set(mac);
      this.#addressChanged();
    };
    transport.withQueue(CONTROL, (queue) => {
      for (let chain = queue.take(); chain; chain = queue.take()) {
        const written = 'malformed' in chain ? undefined : carryOut(transport.memory, chain, setAddress);
        if (written === undefined) this.counters.malformed++;
        queue.complete(chain.head, written ?? 0);
      }
    });
  }

  #addressChanged(): void {
    this.#port.addressChanged?.(this.#config.subarray(0, MAC_BYTES));
  }

  // ---- Sending

  get #headerSize(): number {
    const { transport } = this.pci;
    return transport.negotiated(F_MRG_RXBUF) || transport.negotiated(F_VERSION_1) ? HEADER_SIZE : OLD_HEADER_SIZE;
  }

  #transmitAll(): void {
    this.#transmitBlocked = !this.pci.transport.withQueue(TRANSMIT, (queue) => this.#transmitChains(queue));
  }

  /** False: the cable is full. */
  #transmitChains(queue: QueueSession): boolean {
    for (let chain = queue.take(); chain; chain = queue.take()) {
      if ('malformed' in chain) this.counters.malformed++;
      else if (!this.#transmit(chain)) {
        queue.putBack(1);
        return false;
      }
      queue.complete(chain.head, 0);
    }
    return true;
  }

  /** False: the cable is full, and `framesSent` says how far it came. What cannot be sent is dropped and counted. */
  #transmit(chain: Chain): boolean {
    const { transport } = this.pci;
    const header = this.#headerSize;
    if (chain.readableBytes < header) this.counters.runts++;
    else if (chain.readableBytes > header + MAXIMUM_PACKET) this.counters.oversize++;
    else {
      const buffer = this.#transmitBuffer.subarray(0, chain.readableBytes);
      if (!gather(transport.memory, chain.readable, buffer)) this.counters.malformed++;
      else return this.#transmitPacket(buffer, header);
    }
    return true;
  }

  #transmitPacket(buffer: Uint8Array, headerSize: number): boolean {
    const header = this.pci.transport.negotiated(F_CSUM) ? readHeader(buffer) : PLAIN;
    const frames = framesOf(buffer.subarray(headerSize), header);
    let next = frames.next();
    for (let n = 0; !next.done; n++) {
      if (n >= this.#framesSent) {
        if (!this.#port.transmit(next.value)) return false;
        this.#framesSent++;
        this.counters.transmitted++;
      }
      next = frames.next();
    }
    if (next.value) this.counters[next.value]++;
    this.#framesSent = 0;
    return true;
  }

  // ---- Receiving

  /** Does the driver take segments of this IP version that have been joined? Without merging no buffer has room for them. */
  #joins(version: 4 | 6): boolean {
    const { transport } = this.pci;
    return transport.negotiated(F_MRG_RXBUF) && transport.negotiated(version === 4 ? F_GUEST_TSO4 : F_GUEST_TSO6);
  }

  /** Puts what has been received into the guest's buffers, and what the cable has for it, until either is used up. */
  #placeReceived(): void {
    this.#placing = true;
    try {
      do if (!this.#passOn()) return;
      while (this.#offerRoom());
    } finally {
      this.#placing = false;
    }
  }

  /** Lets the cable hand over what it was refused. False: it was refused nothing, or has nothing more. */
  #offerRoom(): boolean {
    if (!this.#receiveBlocked) return false;
    this.#receiveBlocked = false;
    this.#port.receiveReady();
    return !this.#coalescer.empty;
  }

  /** Puts a packet into the guest's buffers. False when there are not enough; the driver notifies of more. */
  #passOn(): boolean {
    const packet = this.#held ?? this.#joined();
    if (!packet) return true;
    let delivered = false;
    try {
      delivered = this.#deliver(packet);
    } finally {
      if (!delivered) this.#hold();
    }
    if (delivered) {
      this.#held = undefined;
      this.#coalescer.clear();
    }
    return delivered;
  }

  /** No frame joins any more what has been joined up to now. With a packet that is held, the cable is asked afterwards. */
  #hold(): void {
    this.#held ??= this.#joined()?.slice();
    this.#coalescer.clear();
    if (this.#held) this.#receiveBlocked = true;
  }

  /** What has been joined up to now, in place until the coalescer is cleared. */
  #joined(): Uint8Array | undefined {
    if (this.#coalescer.empty) return undefined;
    return this.#coalescer.packet(this.#headerSize, this.pci.transport.negotiated(F_GUEST_CSUM));
  }

  /** False: the driver has not made enough buffers available. */
  #deliver(packet: Uint8Array): boolean {
    return this.pci.transport.withQueue(RECEIVE, (queue) => {
      const chains = this.#buffersFor(queue, packet.length);
      if (!chains) return false;
      this.#fill(queue, chains, packet);
      return true;
    });
  }

  /** Takes chains that hold `length` bytes together; undefined, and none taken, when there are not as many. */
  #buffersFor(queue: QueueSession, length: number): Chain[] | undefined {
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
        // Unusable, alone or with those before it: the driver gets them back empty.
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

  #fill(queue: QueueSession, chains: readonly Chain[], packet: Uint8Array): void {
    const { memory } = this.pci.transport;
    // Absent pages show before anything is written.
    let covered = 0;
    for (const { writable, writableBytes } of chains) {
      const size = Math.min(writableBytes, packet.length - covered);
      if (canScatter(memory, writable, size)) covered += size;
    }
    if (this.#headerSize === HEADER_SIZE) {
      packet[NUM_BUFFERS] = chains.length & 0xff;
      packet[NUM_BUFFERS + 1] = chains.length >> 8;
    }
    let done = 0;
    for (const { head, writable } of chains) {
      const written = scatter(memory, writable, packet.subarray(done));
      if (written === undefined) this.counters.malformed++;
      queue.complete(head, written ?? 0);
      done += written ?? 0;
    }
  }
}
