import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { StateError } from '../../bus/device.ts';
import { MmioBus } from '../../bus/mmio-bus.ts';
import { MAXIMUM_FRAME } from '../../bus/nic.ts';
import { IoPortBus } from '../../bus/port-bus.ts';
import { Transfers } from '../../bus/transfers.ts';
import { type RecordedLine, recordedLine } from '../testing/test-bench.ts';
import { DriverQueue, INDIRECT, NEXT, WRITE } from '../virtio/testing/driver-queue.ts';
import { GuestRam } from '../virtio/testing/guest-ram.ts';
import { PLAIN, readHeader, writeHeader } from './header.ts';
import { framesOf } from './segmentation.ts';
import { tcpPacket } from './testing/tcp-packet.ts';
import { VirtioNet } from './virtio-net.ts';

const MAC = Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56);
const IO = 0xc000;
const MMIO = 0xfe000000;
const COMMON = MMIO;
const ISR = MMIO + 0x1000;
const CONFIG = MMIO + 0x2000;
const NOTIFY = MMIO + 0x3000;
const F_CSUM = 1;
const F_GUEST_CSUM = 1 << 1;
const F_MAC = 1 << 5;
const F_GUEST_TSO4 = 1 << 7;
const F_HOST_TSO4 = 1 << 11;
const F_MRG_RXBUF = 1 << 15;
const F_CTRL_VQ = 1 << 17;
const F_CTRL_MAC_ADDR = 1 << 23;
const F_EVENT_IDX = 1 << 29;
const RECEIVE = 0;
const TRANSMIT = 1;
const CONTROL = 2;
const RING_SIZE = 16;
const BUFFERS = 0x20000;

interface Cable {
  sent: Uint8Array[];
  full: boolean;
  /** Full after as many. */
  limit: number;
  ready: number;
  addresses: string[];
}

class Bench {
  readonly ram = new GuestRam(512 * 1024);
  readonly ports = new IoPortBus();
  readonly mmio = new MmioBus();
  readonly transfers = new Transfers(this.ram);
  readonly cable: Cable = { sent: [], full: false, limit: Number.POSITIVE_INFINITY, ready: 0, addresses: [] };
  readonly irq: RecordedLine = recordedLine();
  readonly nic = new VirtioNet(
    'nic',
    MAC,
    {
      transmit: (frame) => {
        if (this.cable.sent.length >= this.cable.limit) this.cable.full = true;
        if (!this.cable.full) this.cable.sent.push(frame.slice());
        return !this.cable.full;
      },
      receiveReady: () => this.cable.ready++,
      addressChanged: (mac) => this.cable.addresses.push(mac.join(':')),
    },
    { ports: this.ports, mmio: this.mmio, memory: this.transfers.memory, transfers: this.transfers },
  );
  readonly queues = [
    new DriverQueue(this.ram, 0x1000, RING_SIZE),
    new DriverQueue(this.ram, 0x4000, RING_SIZE),
    new DriverQueue(this.ram, 0x7000, RING_SIZE),
  ];

  constructor() {
    const { pci } = this.nic;
    pci.connectInterrupt(this.irq);
    pci.writeConfig(0x10, 4, IO);
    pci.writeConfig(0x20, 4, MMIO);
    pci.writeConfig(0x04, 2, 7);
  }

  /** As a driver of version 1.0 does it (virtio 1.2, §3.1.1). Returns the status it ended with. */
  startModern(features: number): number {
    const { mmio, queues } = this;
    mmio.write(COMMON + 20, 1, 0);
    mmio.write(COMMON + 20, 1, 3);
    for (const [select, word] of [features, 1].entries()) {
      mmio.write(COMMON + 8, 4, select);
      mmio.write(COMMON + 12, 4, word);
    }
    mmio.write(COMMON + 20, 1, 11);
    if ((mmio.read(COMMON + 20, 1) & 8) === 0) return mmio.read(COMMON + 20, 1);
    for (const [n, queue] of queues.entries()) {
      mmio.write(COMMON + 22, 2, n);
      mmio.write(COMMON + 24, 2, queue.size);
      mmio.write(COMMON + 32, 4, queue.descriptors);
      mmio.write(COMMON + 40, 4, queue.available);
      mmio.write(COMMON + 48, 4, queue.used);
      mmio.write(COMMON + 28, 2, 1);
    }
    mmio.write(COMMON + 20, 1, 15);
    this.transfers.runPending();
    return mmio.read(COMMON + 20, 1);
  }

  notify(queue: number): void {
    this.mmio.write(NOTIFY + 4 * queue, 2, queue);
    this.transfers.runPending();
  }

  /** A frame arrives, and no other follows at once. */
  receive(bytes: Uint8Array): boolean {
    const taken = this.nic.receive(bytes);
    this.transfers.runPending();
    return taken;
  }

  /** The cable has room again. */
  transmitReady(): void {
    this.nic.transmitReady();
    this.transfers.runPending();
  }

  /** Offers a chain of one descriptor to send what `bytes` are. */
  send(bytes: Uint8Array, head = 0): void {
    this.ram.bytes.set(bytes, BUFFERS + 4096 * head);
    this.queues[TRANSMIT].describe(head, { address: BUFFERS + 4096 * head, length: bytes.length });
    this.queues[TRANSMIT].offer(head);
    this.notify(TRANSMIT);
  }

  offerBuffer(head: number, length: number): number {
    const address = BUFFERS + 0x10000 + 4096 * head;
    this.queues[RECEIVE].describe(head, { address, length, flags: WRITE });
    this.queues[RECEIVE].offer(head);
    return address;
  }
}

let bench: Bench;
let nic: VirtioNet;

beforeEach(() => {
  bench = new Bench();
  nic = bench.nic;
});

function frame(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0xff);
}

function withHeader(payload: Uint8Array, header = 12): Uint8Array {
  const packet = new Uint8Array(header + payload.length);
  packet.set(payload, header);
  return packet;
}

describe('modern registers', () => {
  test('capabilities lead to the structures', () => {
    const found = new Map<number, { bar: number; offset: number; length: number }>();
    const config = (at: number, size: number) => nic.pci.readConfig(at, size);
    expect(config(0x06, 2) & 0x10).toBe(0x10);
    for (let at = config(0x34, 1); at !== 0; at = config(at + 1, 1)) {
      expect(config(at, 1)).toBe(0x09);
      found.set(config(at + 3, 1), { bar: config(at + 4, 1), offset: config(at + 8, 4), length: config(at + 12, 4) });
    }
    expect(Object.fromEntries(found)).toEqual({
      1: { bar: 4, offset: 0, length: 56 },
      2: { bar: 4, offset: 0x3000, length: 12 },
      3: { bar: 4, offset: 0x1000, length: 1 },
      4: { bar: 4, offset: 0x2000, length: 12 },
      5: { bar: 0, offset: 0, length: 0 },
    });
  });

  test('identity, features and configuration', () => {
    expect([0x00, 0x02, 0x2c, 0x2e].map((at) => nic.pci.readConfig(at, 2))).toEqual([0x1af4, 0x1000, 0x1af4, 1]);
    const { mmio } = bench;
    const words = [0, 1, 2].map((select) => {
      mmio.write(COMMON, 4, select);
      return mmio.read(COMMON + 4, 4);
    });
    expect(words).toEqual([0x388399ab, 1, 0]);
    expect(mmio.read(COMMON + 18, 2)).toBe(3);
    expect([0, 1, 2, 3, 4, 5].map((i) => mmio.read(CONFIG + i, 1))).toEqual([...MAC]);
    expect(mmio.read(CONFIG + 6, 2)).toBe(1); // link up
    expect(mmio.read(CONFIG + 10, 2)).toBe(1500); // VIRTIO_NET_F_MTU
    bench.startModern(F_MAC);
    mmio.write(CONFIG, 1, 0xfe);
    expect(mmio.read(CONFIG, 1)).toBe(MAC[0]);
  });

  test('features that are not offered are not accepted, nor is a driver without version 1', () => {
    expect(bench.startModern(1 << 2)).toBe(3);
    bench.mmio.write(COMMON + 20, 1, 0);
    bench.mmio.write(COMMON + 8, 4, 0);
    bench.mmio.write(COMMON + 12, 4, F_MAC);
    bench.mmio.write(COMMON + 20, 1, 11);
    expect(bench.mmio.read(COMMON + 20, 1)).toBe(3);
  });

  test('the window in configuration space reaches the same registers', () => {
    const { pci } = nic;
    let at = pci.readConfig(0x34, 1);
    while (pci.readConfig(at + 3, 1) !== 5) at = pci.readConfig(at + 1, 1);
    pci.writeConfig(at + 4, 1, 4);
    pci.writeConfig(at + 8, 4, 18);
    pci.writeConfig(at + 12, 4, 2);
    expect(pci.readConfig(at + 16, 2)).toBe(3);
    pci.writeConfig(at + 8, 4, 22);
    pci.writeConfig(at + 16, 2, 1);
    expect(bench.mmio.read(COMMON + 22, 2)).toBe(1);
  });

  test('a BAR put where somebody is already decodes nothing', () => {
    const other = new Bench();
    bench.ports.register(0xd000, 8, { read: () => 0x5a, write: () => {} });
    nic.pci.writeConfig(0x10, 4, 0xd000);
    expect(bench.ports.read(0xd000, 1)).toBe(0x5a);
    nic.pci.writeConfig(0x10, 4, IO);
    expect(bench.ports.read(IO + 12, 2)).toBe(other.ports.read(IO + 12, 2));
  });
});

describe('sending', () => {
  test('a frame without its header goes out, and an interrupt says so', () => {
    bench.startModern(F_MAC);
    bench.send(withHeader(frame(64)));
    expect(bench.cable.sent).toEqual([frame(64)]);
    expect(bench.queues[TRANSMIT].collect()).toEqual([{ id: 0, length: 0 }]);
    expect(bench.irq.level).toBe(true);
    expect(bench.mmio.read(ISR, 1)).toBe(1);
    expect(bench.irq.level).toBe(false);
    expect(nic.counters).toMatchObject({ transmitted: 1, runts: 0, oversize: 0, malformed: 0 });
  });

  test('a frame in many pieces', () => {
    bench.startModern(F_MAC);
    const packet = withHeader(frame(300));
    bench.ram.bytes.set(packet, BUFFERS);
    const table = 0x9000;
    const pieces = [5, 20, 1, 0, 286];
    let at = BUFFERS;
    for (const [i, length] of pieces.entries()) {
      const last = i === pieces.length - 1;
      bench.queues[TRANSMIT].describe(i, { address: at, length, flags: last ? 0 : NEXT, next: i + 1 }, table);
      at += length;
    }
    bench.queues[TRANSMIT].describe(0, { address: table, length: 16 * pieces.length, flags: INDIRECT });
    bench.queues[TRANSMIT].offer(0);
    bench.notify(TRANSMIT);
    expect(bench.cable.sent).toEqual([frame(300)]);
  });

  test.each([
    ['runts', 12 + 13],
    ['runts', 3],
    ['oversize', 12 + MAXIMUM_FRAME + 1],
  ])('%s are dropped and counted, and the chain comes back', (counter, length) => {
    bench.startModern(F_MAC);
    bench.send(new Uint8Array(length));
    expect(bench.cable.sent).toEqual([]);
    expect(nic.counters).toMatchObject({ [counter]: 1, transmitted: 0 });
    expect(bench.queues[TRANSMIT].collect()).toEqual([{ id: 0, length: 0 }]);
  });

  test('descriptors that lead out of RAM or round in a circle are dropped and counted', () => {
    bench.startModern(F_MAC);
    bench.queues[TRANSMIT].describe(0, { address: 0xfffff000, length: 100 });
    bench.queues[TRANSMIT].describe(1, { address: BUFFERS, length: 100, flags: NEXT, next: 1 });
    bench.queues[TRANSMIT].offer(0);
    bench.queues[TRANSMIT].offer(1);
    bench.notify(TRANSMIT);
    expect(nic.counters.malformed).toBe(2);
    expect(bench.queues[TRANSMIT].collect()).toHaveLength(2);
    bench.send(withHeader(frame(60)), 2);
    expect(bench.cable.sent).toHaveLength(1);
  });

  test('while the cable is full, frames stay in the queue', () => {
    bench.startModern(F_MAC | F_EVENT_IDX);
    bench.cable.full = true;
    bench.send(withHeader(frame(60)), 0);
    bench.send(withHeader(frame(61)), 1);
    expect(bench.queues[TRANSMIT].collect()).toEqual([]);
    bench.cable.full = false;
    bench.transmitReady();
    expect(bench.cable.sent).toEqual([frame(60), frame(61)]);
    expect(bench.queues[TRANSMIT].collect()).toHaveLength(2);
  });

  test('nothing moves before DRIVER_OK, nor without bus mastering', () => {
    bench.send(withHeader(frame(60)));
    expect(bench.cable.sent).toEqual([]);
    bench.startModern(F_MAC);
    expect(bench.cable.sent).toHaveLength(1); // what was offered before
    nic.pci.writeConfig(0x04, 2, 3);
    bench.send(withHeader(frame(60)), 1);
    expect(bench.cable.sent).toHaveLength(1);
    nic.pci.writeConfig(0x04, 2, 7);
    bench.transfers.runPending();
    expect(bench.cable.sent).toHaveLength(2); // the notification meanwhile had no effect, and comes to none any more
  });

  test('a broken ring asks for a reset, and works after it', () => {
    bench.startModern(F_MAC);
    bench.queues[TRANSMIT].availableIndex = 1000;
    bench.notify(TRANSMIT);
    expect(bench.mmio.read(COMMON + 20, 1)).toBe(15 | 64);
    expect(bench.mmio.read(ISR, 1)).toBe(2);
    bench.queues[TRANSMIT].availableIndex = 0;
    bench.startModern(F_MAC);
    bench.send(withHeader(frame(60)));
    expect(bench.cable.sent).toHaveLength(1);
  });
});

describe('receiving', () => {
  test('a frame lands behind its header', () => {
    bench.startModern(F_MAC | F_MRG_RXBUF);
    const address = bench.offerBuffer(0, 2000);
    expect(bench.receive(frame(90))).toBe(true);
    expect(bench.queues[RECEIVE].collect()).toEqual([{ id: 0, length: 102 }]);
    const header = bench.ram.bytes.slice(address, address + 12);
    expect([...header]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    expect(bench.ram.bytes.slice(address + 12, address + 102)).toEqual(frame(90));
    expect(bench.irq.level).toBe(true);
    expect(nic.counters.received).toBe(1);
  });

  test('small buffers are merged', () => {
    bench.startModern(F_MAC | F_MRG_RXBUF);
    const addresses = [0, 1, 2].map((head) => bench.offerBuffer(head, 50));
    expect(bench.receive(frame(120))).toBe(true);
    expect(bench.queues[RECEIVE].collect()).toEqual([
      { id: 0, length: 50 },
      { id: 1, length: 50 },
      { id: 2, length: 32 },
    ]);
    expect(bench.ram.bytes[addresses[0] + 10]).toBe(3);
    const got = addresses.flatMap((at, i) => [...bench.ram.bytes.slice(at, at + [50, 50, 32][i])]);
    expect(got.slice(12)).toEqual([...frame(120)]);
  });

  test('without room it holds one packet, takes no buffer, refuses the next, and says when there is room', () => {
    bench.startModern(F_MAC | F_MRG_RXBUF | F_EVENT_IDX);
    bench.offerBuffer(0, 50);
    expect(bench.receive(frame(60))).toBe(true);
    expect(bench.receive(frame(61))).toBe(false);
    expect(bench.queues[RECEIVE].collect()).toEqual([]);
    expect(bench.queues[RECEIVE].availableEvent).toBe(1); // notify me of the next
    bench.offerBuffer(1, 50);
    bench.notify(RECEIVE);
    expect(bench.cable.ready).toBe(1);
    expect(bench.queues[RECEIVE].collect()).toEqual([
      { id: 0, length: 50 },
      { id: 1, length: 22 },
    ]);
    bench.offerBuffer(0, 2000);
    expect(bench.receive(frame(61))).toBe(true);
    expect(bench.queues[RECEIVE].collect()).toEqual([{ id: 0, length: 73 }]);
  });

  test('buffers that are too small to be used alone come back empty', () => {
    bench.startModern(F_MAC);
    bench.offerBuffer(0, 50);
    bench.offerBuffer(1, 2000);
    expect(bench.receive(frame(60))).toBe(true);
    expect(bench.queues[RECEIVE].collect()).toEqual([
      { id: 0, length: 0 },
      { id: 1, length: 72 },
    ]);
    expect(nic.counters.malformed).toBe(1);
  });

  test('without a driver, and what is no frame: dropped and counted', () => {
    expect(bench.receive(frame(60))).toBe(true);
    bench.startModern(F_MAC);
    expect(bench.receive(frame(13))).toBe(true);
    expect(bench.receive(frame(MAXIMUM_FRAME + 1))).toBe(true);
    expect(nic.counters).toMatchObject({ unwanted: 1, runts: 1, oversize: 1, received: 0 });
  });

  test('a reset lets go of who waits for room', () => {
    bench.startModern(F_MAC);
    bench.receive(frame(60));
    expect(bench.receive(frame(60))).toBe(false);
    nic.reset();
    expect(bench.cable.ready).toBe(1);
    expect(bench.receive(frame(60))).toBe(true);
    expect(nic.counters.unwanted).toBe(1);
    expect(bench.irq.level).toBe(false);
  });
});

describe('offloads', () => {
  test('a packet that is too long for a frame goes out in segments, each once, whatever the cable takes', () => {
    bench.startModern(F_MAC | F_CSUM | F_HOST_TSO4);
    bench.cable.full = true;
    const packet = tcpPacket({ payload: 4000 });
    const buffer = withHeader(packet);
    writeHeader(buffer, { ...PLAIN, flags: 1, gsoType: 1, gsoSize: 1460, checksumStart: 34, checksumOffset: 16 }, 54);
    bench.send(buffer);
    const sent: Uint8Array[] = [];
    for (let i = 0; i < 3; i++) {
      bench.cable.limit = 1;
      bench.cable.full = false;
      bench.transmitReady();
      sent.push(...bench.cable.sent.splice(0));
    }
    expect(sent.map((segment) => segment.length)).toEqual([1514, 1514, 1134]);
    expect(bench.queues[TRANSMIT].collect()).toEqual([{ id: 0, length: 0 }]);
    const payload = sent.flatMap((segment) => [...segment.subarray(54)]);
    expect(payload).toEqual([...packet.subarray(54)]);
  });

  test('segments that arrive together reach the guest as one packet', () => {
    bench.startModern(F_MAC | F_MRG_RXBUF | F_GUEST_CSUM | F_GUEST_TSO4);
    const address = bench.offerBuffer(0, 4000);
    const packet = tcpPacket({ payload: 2000 });
    const header = { ...PLAIN, flags: 1, gsoType: 1, gsoSize: 1000, checksumStart: 34, checksumOffset: 16 };
    for (const segment of framesOf(packet.slice(), header)) expect(nic.receive(segment)).toBe(true);
    expect(bench.queues[RECEIVE].collect()).toEqual([]);
    bench.transfers.runPending();
    expect(bench.queues[RECEIVE].collect()).toEqual([{ id: 0, length: 12 + 2054 }]);
    expect(readHeader(bench.ram.bytes.subarray(address))).toEqual(header);
    expect(bench.ram.bytes.slice(address + 12 + 54, address + 12 + 2054)).toEqual(packet.slice(54));
  });

  test('a driver that has not accepted them sees headers of zeros', () => {
    bench.startModern(F_MAC);
    const address = bench.offerBuffer(0, 2000);
    const [segment] = framesOf(tcpPacket({ payload: 10 }), { ...PLAIN, gsoType: 1, gsoSize: 10 });
    bench.receive(segment);
    expect([...bench.ram.bytes.subarray(address, address + 10)]).toEqual(Array(10).fill(0));
  });
});

describe('legacy registers', () => {
  const LEGACY_RING = 256;
  let queues: DriverQueue[];

  function start(features: number): void {
    const { ports, ram } = bench;
    queues = [new DriverQueue(ram, 0x40000, LEGACY_RING), new DriverQueue(ram, 0x50000, LEGACY_RING)];
    ports.write(IO + 18, 1, 0);
    ports.write(IO + 18, 1, 3);
    ports.write(IO + 4, 4, ports.read(IO, 4) & features);
    for (const [n, queue] of queues.entries()) {
      ports.write(IO + 14, 2, n);
      expect(ports.read(IO + 12, 2)).toBe(LEGACY_RING);
      expect(ports.read(IO + 8, 4)).toBe(0);
      ports.write(IO + 8, 4, queue.descriptors / 4096);
    }
    ports.write(IO + 18, 1, 7);
  }

  test('offers what fits into 32 bits, and the same configuration', () => {
    expect(bench.ports.read(IO, 4)).toBe(0x388399ab);
    expect([0, 1, 2, 3, 4, 5].map((i) => bench.ports.read(IO + 20 + i, 1))).toEqual([...MAC]);
  });

  test('sends and receives with the short header', () => {
    start(F_MAC);
    bench.ram.bytes.set(withHeader(frame(70), 10), BUFFERS);
    queues[TRANSMIT].describe(0, { address: BUFFERS, length: 80 });
    queues[TRANSMIT].offer(0);
    bench.ports.write(IO + 16, 2, TRANSMIT);
    bench.transfers.runPending();
    expect(bench.cable.sent).toEqual([frame(70)]);
    expect(bench.ports.read(IO + 19, 1)).toBe(1);
    expect(bench.irq.level).toBe(false);
    queues[RECEIVE].describe(0, { address: BUFFERS, length: 2000, flags: WRITE });
    queues[RECEIVE].offer(0);
    expect(bench.receive(frame(60))).toBe(true);
    expect(queues[RECEIVE].collect()).toEqual([{ id: 0, length: 70 }]);
    expect(bench.ram.bytes.slice(BUFFERS + 10, BUFFERS + 70)).toEqual(frame(60));
  });

  test('the driver may set the address; a reset brings the first one back', () => {
    start(F_MAC);
    for (let i = 0; i < 6; i++) bench.ports.write(IO + 20 + i, 1, 0x42 + i);
    expect(bench.ports.read(IO + 20, 1)).toBe(0x42);
    expect(bench.cable.addresses.at(-1)).toBe('66:67:68:69:70:71');
    bench.ports.write(IO + 18, 1, 0);
    expect(bench.cable.addresses.at(-1)).toBe(MAC.join(':'));
    expect(bench.ports.read(IO + 20, 1)).toBe(MAC[0]);
  });
});

describe('the control queue', () => {
  const ANSWER = BUFFERS + 4096;

  /** Returns the answer: 0 = done, 1 = failed, 0xee = none. */
  function command(...bytes: number[]): number {
    const { ram, queues } = bench;
    ram.bytes.set(bytes, BUFFERS);
    ram.bytes[ANSWER] = 0xee;
    queues[CONTROL].describe(0, { address: BUFFERS, length: bytes.length, flags: NEXT, next: 1 });
    queues[CONTROL].describe(1, { address: ANSWER, length: 1, flags: WRITE });
    queues[CONTROL].offer(0);
    bench.notify(CONTROL);
    return ram.bytes[ANSWER];
  }

  beforeEach(() => {
    bench.startModern(F_MAC | F_CTRL_VQ | F_CTRL_MAC_ADDR);
  });

  test('sets the address, which moves with the card', () => {
    expect(command(1, 1, 2, 3, 4, 5, 6, 7)).toBe(0);
    expect([0, 1, 2, 3, 4, 5].map((i) => bench.mmio.read(CONFIG + i, 1))).toEqual([2, 3, 4, 5, 6, 7]);
    expect(bench.cable.addresses.at(-1)).toBe('2:3:4:5:6:7');
    const other = new Bench();
    other.nic.restore(structuredClone(nic.save()));
    expect(other.cable.addresses.at(-1)).toBe('2:3:4:5:6:7');
  });

  test.each([
    ['another class', [0, 0, 1]],
    ['another command of the class', [1, 0, 2, 3, 4, 5, 6, 7]],
    ['an address that is too short', [1, 1, 2, 3, 4, 5, 6]],
    ['an address that is too long', [1, 1, 2, 3, 4, 5, 6, 7, 8]],
  ])('%s fails', (_what, bytes) => {
    const before = bench.cable.addresses.length;
    expect(command(...bytes)).toBe(1);
    expect(bench.cable.addresses).toHaveLength(before);
  });

  test('a chain without room for the answer is counted and given back', () => {
    bench.queues[CONTROL].describe(0, { address: BUFFERS, length: 8 });
    bench.queues[CONTROL].offer(0);
    bench.notify(CONTROL);
    expect(nic.counters.malformed).toBe(1);
    expect(bench.queues[CONTROL].collect()).toEqual([{ id: 0, length: 0 }]);
  });
});

describe('saving', () => {
  /** The other host: the same guest memory, another card. */
  function moved(from: Bench): Bench {
    const to = new Bench();
    to.ram.bytes.set(from.ram.bytes);
    to.nic.pci.restoreConfig(structuredClone(from.nic.pci.saveConfig()));
    to.nic.restore(structuredClone(from.nic.save()));
    return to;
  }

  test('in mid-traffic: frames in flight go out once, at the target', () => {
    bench.startModern(F_MAC | F_MRG_RXBUF | F_EVENT_IDX);
    bench.send(withHeader(frame(60)), 0);
    bench.cable.full = true;
    bench.send(withHeader(frame(61)), 1);
    bench.offerBuffer(0, 2000);
    bench.offerBuffer(1, 2000);
    bench.receive(frame(62));
    bench.receive(frame(2)); // a runt
    const target = moved(bench);
    expect(target.irq.level).toBe(true);
    target.transmitReady();
    expect(target.cable.sent).toEqual([frame(61)]);
    expect(target.receive(frame(63))).toBe(true);
    expect(target.queues[RECEIVE].collect()).toEqual([
      { id: 0, length: 74 },
      { id: 1, length: 75 },
    ]);
    expect(target.mmio.read(ISR, 1)).toBe(1);
    expect(target.irq.level).toBe(false);
  });

  test.each([
    ['another version', (state: object) => ({ ...state, version: 2 })],
    ['no transport', (state: object) => ({ ...state, transport: undefined })],
    ['no address', (state: object) => ({ ...state, mac: new Uint8Array(5) })],
    [
      'a queue too many',
      (state: ReturnType<VirtioNet['save']>) => withQueues(state, (queues) => [...queues, queues[0]]),
    ],
    [
      'a queue of an impossible size',
      (state: ReturnType<VirtioNet['save']>) => withQueues(state, ([first, second]) => [{ ...first, size: 3 }, second]),
    ],
  ])('refuses %s', (_, damage) => {
    const state = damage(nic.save() as never);
    expect(() => nic.restore(state as never)).toThrow(StateError);
  });

  type State = ReturnType<VirtioNet['save']>;
  function withQueues(state: State, change: (queues: State['transport']['queues']) => object[]): object {
    return { ...state, transport: { ...state.transport, queues: change(state.transport.queues) } };
  }
});

test('a notification between two queues, or of one that is not there, is ignored', () => {
  bench.startModern(F_MAC);
  for (const at of [1, 2, 3, 5, 12, 0xffe]) bench.mmio.write(NOTIFY + at, 2, 0);
  bench.send(withHeader(frame(60)));
  expect(bench.cable.sent).toEqual([frame(60)]);
});

test('whatever the guest writes to rings and registers, nothing is thrown and the next driver works', () => {
  const access = fc.record({
    at: fc.oneof(fc.nat(0x37), fc.nat(0x3fff)),
    size: fc.constantFrom(1, 2, 4),
    value: fc.oneof(fc.nat(64), fc.nat(0xffffffff), fc.constantFrom(0x1000, 0x4000, 15)),
  });
  fc.assert(
    fc.property(
      fc.array(access, { maxLength: 40 }),
      fc.array(access, { maxLength: 20 }),
      fc.uint8Array({ minLength: 64, maxLength: 512 }),
      fc.array(fc.nat(1600), { maxLength: 10 }),
      (modern, legacy, rings, frames) => {
        const victim = new Bench();
        victim.startModern(victim.nic.features.low);
        for (let at = 0x1000; at < 0x8000; at += rings.length) victim.ram.bytes.set(rings, at);
        for (const { at, size, value } of modern) victim.mmio.write(MMIO + at, size, value);
        victim.notify(RECEIVE);
        victim.notify(TRANSMIT);
        for (const { at, size, value } of legacy) victim.ports.write(IO + (at % 0x3c), size, value);
        for (const length of frames) victim.receive(frame(length));
        victim.transmitReady();
        for (const sent of victim.cable.sent) expect(sent.length).toBeLessThanOrEqual(MAXIMUM_FRAME);
        victim.cable.sent = [];
        victim.ram.bytes.fill(0);
        victim.startModern(F_MAC);
        victim.send(withHeader(frame(60)));
        expect(victim.cable.sent).toEqual([frame(60)]);
      },
    ),
    { numRuns: 60 },
  );
});
