// A network driver for tests that relies on nothing but what the device says: it notifies a queue only when the device asked
// for it, looks at a queue only when interrupted, and polls the control queue's answer as Linux's driver does. Tests only.
import { PAGE_SIZE } from '../../../../base/sizes.ts';
import { MmioBus } from '../../../bus/mmio-bus.ts';
import { IoPortBus } from '../../../bus/port-bus.ts';
import { Transfers } from '../../../bus/transfers.ts';
import { type RecordedLine, recordedLine } from '../../testing/test-bench.ts';
import {
  F_ANY_LAYOUT,
  F_RING_EVENT_IDX,
  F_RING_INDIRECT_DESC,
  F_VERSION_1,
  type FeatureSet,
  hasFeature,
} from '../../virtio/features.ts';
import type { Piece } from '../../virtio/testing/driver-queue.ts';
import { DriverRing } from '../../virtio/testing/driver-ring.ts';
import type { GuestRam } from '../../virtio/testing/guest-ram.ts';
import { type Interface, registersOf, type VirtioRegisters } from '../../virtio/testing/pci-driver.ts';
import { type PacketHeader, writeHeader } from '../header.ts';
import { VirtioNet } from '../virtio-net.ts';

export const CARD_MAC = Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56);
/** What NetDriver lays into guest memory fits into so much. */
export const DRIVER_RAM = 0x300000;

const IO = 0xc000;
const MMIO = 0xfe000000;
const F_MRG_RXBUF = 15;
const F_CTRL_VQ = 17;
const RECEIVE = 0;
const TRANSMIT = 1;
const CONTROL = 2;
const BUFFER_BYTES = 2048;
/** Small, so that a frame takes several. */
const MERGEABLE_BYTES = 128;
const LONGEST_FRAME = 1518;
const NO_ANSWER = 0xee;

/** Page numbers, another time others; in the end none. */
export type Absences = () => Iterable<number>;

/** Pages of what NetDriver uses, many or few; every so often none. */
export function randomAbsences(seed: number): Absences {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return () => {
    const share = random() < 0.2 ? 0 : random() ** 3;
    return Array.from({ length: DRIVER_RAM / PAGE_SIZE }, (_, page) => page).filter(() => random() < share);
  };
}

/** A card on its buses, with a cable that takes so many frames until the test empties it. */
export class Card {
  readonly sent: Uint8Array[] = [];
  readonly addresses: string[] = [];
  readonly irq: RecordedLine = recordedLine();
  readonly #ports = new IoPortBus();
  readonly #mmio = new MmioBus();
  /** On their way to the card. */
  readonly #arriving: Uint8Array[] = [];
  room = Number.POSITIVE_INFINITY;
  /** The vCPU does not come to its safe point. */
  busy = false;
  readonly nic: VirtioNet;
  readonly ram: GuestRam;
  readonly transfers: Transfers;
  readonly #absences: Absences | undefined;

  /** `absences`: which pages are absent at safe points, before all are there; none if left out. */
  constructor(ram: GuestRam, absences?: Absences) {
    this.ram = ram;
    this.#absences = absences;
    this.transfers = new Transfers(ram);
    const port = {
      transmit: (frame: Uint8Array) => {
        if (this.room === 0) return false;
        this.room--;
        this.sent.push(frame.slice());
        return true;
      },
      receiveReady: () => this.#deliver(),
      addressChanged: (mac: Uint8Array) => void this.addresses.push(mac.join(':')),
    };
    const { memory } = this.transfers;
    const buses = { ports: this.#ports, mmio: this.#mmio, memory, transfers: this.transfers };
    this.nic = new VirtioNet('nic', CARD_MAC, port, buses);
    const { pci } = this.nic;
    pci.connectInterrupt(this.irq);
    pci.writeConfig(0x10, 4, IO);
    pci.writeConfig(0x20, 4, MMIO);
    pci.writeConfig(0x04, 2, 7);
  }

  registers(kind: Interface): VirtioRegisters {
    return registersOf(kind, { ports: this.#ports, mmio: this.#mmio, io: IO, memory: MMIO });
  }

  arrive(frames: readonly Uint8Array[]): void {
    this.#arriving.push(...frames);
    this.#deliver();
    this.safePoint();
  }

  /** The cable has room again. */
  transmitReady(): void {
    this.nic.transmitReady();
    this.safePoint();
  }

  /** What the vCPU does between two slices, until nothing is pending. */
  safePoint(): void {
    if (this.busy) return;
    while (this.transfers.due || this.transfers.awaited.length > 0) this.tryTransfers();
  }

  /** Tries what is pending once, with some pages absent. */
  tryTransfers(): void {
    for (const page of this.#absences?.() ?? []) this.ram.absent.add(page);
    this.transfers.runPending();
    this.ram.absent.clear();
  }

  /** The same guest memory, on another host; what is on its way to the card follows it. */
  moved(): Card {
    const target = new Card(this.ram, this.#absences);
    target.nic.pci.restoreConfig(structuredClone(this.nic.pci.saveConfig()));
    target.nic.restore(structuredClone(this.nic.save()));
    target.sent.push(...this.sent);
    target.addresses.unshift(...this.addresses);
    target.#arriving.push(...this.#arriving);
    target.#deliver();
    target.safePoint();
    return target;
  }

  #deliver(): void {
    while (this.#arriving.length > 0 && this.nic.receive(this.#arriving[0])) this.#arriving.shift();
  }
}

export interface DriverOptions {
  kind: Interface;
  features: FeatureSet;
  /** Entries of each queue; a legacy driver takes what the device has. */
  size: number;
}

export class NetDriver {
  readonly received: Uint8Array[] = [];
  #card: Card;
  #registers: VirtioRegisters;
  readonly #rings: DriverRing[];
  readonly #kind: Interface;
  readonly #features: FeatureSet;
  readonly #headerBytes: number;

  /** Starts the card. @throws Error when it does not take the features. */
  constructor(card: Card, { kind, features, size }: DriverOptions) {
    this.#card = card;
    this.#kind = kind;
    this.#features = features;
    this.#registers = card.registers(kind);
    if (!this.#registers.negotiate(features)) throw new Error('the device does not take what it offers');
    this.#headerBytes = this.#has(F_VERSION_1) || this.#has(F_MRG_RXBUF) ? 12 : 10;
    card.ram.bytes.fill(0, 0, 0x40000);
    const queues = this.#has(F_CTRL_VQ) ? [RECEIVE, TRANSMIT, CONTROL] : [RECEIVE, TRANSMIT];
    this.#rings = queues.map((n) => {
      const entries = kind === 'legacy' ? this.#registers.queueSize(n) : size;
      const ring = new DriverRing(card.ram, entries, {
        eventIndex: this.#has(F_RING_EVENT_IDX),
        indirect: this.#has(F_RING_INDIRECT_DESC),
        base: 0x1000 + 0x10000 * n,
        tables: 0x40000 + 0x20000 * n,
      });
      this.#registers.place(n, ring.queue);
      return ring;
    });
    this.#rings[CONTROL]?.disableInterrupts();
    this.#registers.go();
    card.safePoint();
    this.#rings[RECEIVE].enableInterrupts();
    this.#rings[TRANSMIT].enableInterrupts();
    this.#refill();
  }

  /** The guest goes on, on another host. */
  moveTo(card: Card): void {
    this.#card = card;
    this.#registers = card.registers(this.#kind);
  }

  /** Makes a chain available to the transmit queue as it is. False: the ring is full. */
  sendChain(pieces: readonly Piece[]): boolean {
    const ring = this.#rings[TRANSMIT];
    if (!ring.hasRoom(pieces.length)) return false;
    ring.add(pieces, []);
    this.#kick(TRANSMIT);
    return true;
  }

  /** False: the ring is full. The driver waits for the interrupt that it asks for. `packetHeader`: zeros if left out. */
  send(frame: Uint8Array, packetHeader?: PacketHeader): boolean {
    const ring = this.#rings[TRANSMIT];
    if (!ring.hasRoom(this.#anyLayout ? 1 : 2)) {
      if (ring.enableInterrupts(Math.max(1, (ring.outstanding * 3) >> 2))) this.#reap();
      return false;
    }
    const place = this.#buffer(TRANSMIT, this.#nextBuffer);
    const { bytes } = this.#card.ram;
    bytes.fill(0, place, place + this.#headerBytes);
    if (packetHeader) writeHeader(bytes.subarray(place), packetHeader, 0);
    bytes.set(frame, place + this.#headerBytes);
    const header = { address: place, length: this.#headerBytes };
    const whole = { address: place, length: this.#headerBytes + frame.length };
    const rest = { address: place + this.#headerBytes, length: frame.length };
    ring.add(this.#anyLayout ? [whole] : [header, rest], []);
    this.#nextBuffer = (this.#nextBuffer + 1) % ring.queue.size;
    this.#kick(TRANSMIT);
    return true;
  }

  /** Returns the device's answer (0 = done), or undefined if it never comes. */
  command(...bytes: number[]): number | undefined {
    const ring = this.#rings[CONTROL];
    const { ram } = this.#card;
    const place = this.#buffer(CONTROL, 0);
    const answer = place + 512;
    ram.bytes.set(bytes, place);
    ram.bytes[answer] = NO_ANSWER;
    const command = [
      { address: place, length: 2 },
      { address: place + 2, length: bytes.length - 2 },
    ];
    ring.add(command, [{ address: answer, length: 1 }]);
    this.#kick(CONTROL);
    if (!ring.takeUsed()) return undefined;
    return ram.bytes[answer];
  }

  /** What the guest does when the card's interrupt line is up. */
  serve(): void {
    while (this.#card.irq.level) {
      this.#registers.interruptStatus();
      do this.#reap();
      while (this.#rings[TRANSMIT].enableInterrupts());
      do this.#collect();
      while (this.#rings[RECEIVE].enableInterrupts());
    }
  }

  #nextBuffer = 0;

  get #anyLayout(): boolean {
    return this.#has(F_VERSION_1) || this.#has(F_ANY_LAYOUT);
  }

  #has(bit: number): boolean {
    return hasFeature(this.#features, bit);
  }

  #buffer(queue: number, head: number): number {
    return 0x100000 + queue * 0x80000 + head * BUFFER_BYTES;
  }

  #kick(queue: number): void {
    if (!this.#rings[queue].mustNotify()) return;
    this.#registers.notify(queue);
    this.#card.safePoint();
  }

  #reap(): void {
    while (this.#rings[TRANSMIT].takeUsed());
  }

  /** By the head of its chain, where a receive buffer lies. */
  readonly #placed = new Map<number, number>();
  #spare: number[] | undefined;

  #refill(): void {
    const ring = this.#rings[RECEIVE];
    this.#spare ??= Array.from({ length: ring.queue.size }, (_, i) => this.#buffer(RECEIVE, i));
    for (const place of this.#spare.splice(0)) {
      const pieces = this.#receivePieces(place);
      if (ring.hasRoom(pieces.length)) this.#placed.set(ring.add([], pieces), place);
      else this.#spare.push(place);
    }
    this.#kick(RECEIVE);
  }

  #receivePieces(address: number): Piece[] {
    const header = this.#headerBytes;
    if (this.#has(F_MRG_RXBUF)) return [{ address, length: MERGEABLE_BYTES }];
    if (this.#anyLayout) return [{ address, length: header + LONGEST_FRAME }];
    return [
      { address, length: header },
      { address: address + header, length: LONGEST_FRAME },
    ];
  }

  #collect(): void {
    const ring = this.#rings[RECEIVE];
    const take = () => {
      const used = ring.takeUsed();
      if (!used) return undefined;
      const place = this.#placed.get(used.head) ?? 0;
      this.#spare?.push(place);
      return this.#card.ram.bytes.slice(place, place + used.length);
    };
    for (let first = take(); first; first = take()) {
      const count = this.#has(F_MRG_RXBUF) ? first[10] | (first[11] << 8) : 1;
      const parts = [first.subarray(this.#headerBytes)];
      for (let n = 1; n < count; n++) {
        const part = take();
        if (!part) throw new Error(`${n} of ${count} buffers of a packet were used`);
        parts.push(part);
      }
      this.received.push(Buffer.concat(parts));
    }
    // As Linux does it: not after every frame. A frame may need four.
    if (ring.outstanding < Math.max(ring.queue.size / 2, 4)) this.#refill();
  }
}
