import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StateError } from '../../bus/device.ts';
import { MmioBus } from '../../bus/mmio-bus.ts';
import { IoPortBus } from '../../bus/port-bus.ts';
import { Transfers } from '../../bus/transfers.ts';
import { recordedLine } from '../testing/test-bench.ts';
import { DriverRing } from '../virtio/testing/driver-ring.ts';
import { GuestRam } from '../virtio/testing/guest-ram.ts';
import { type Interface, registersOf, type VirtioRegisters } from '../virtio/testing/pci-driver.ts';
import { fillRing, randomRing } from '../virtio/testing/random-rings.ts';
import { encodeMessage } from './control-message.ts';
import type { VirtioSerialState } from './persist.ts';
import type { VirtioSerialPort } from './serial-port.ts';
import { VirtioSerial } from './virtio-serial.ts';

const [IO, MMIO] = [0xc000, 0xfe000000];
const MULTIPORT = 1 << 1;
const INDIRECT_DESC = 1 << 28;
const EVENT_IDX = 1 << 29;
const RING = 128;
const BUFFERS = 0x80000;
const BUFFER = 0x1000;
const AGENT = 'org.qemu.guest_agent.0';
/** Of port 1. */
const [INPUT, OUTPUT] = [4, 5];
const [CONTROL_IN, CONTROL_OUT] = [2, 3];
const text = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes);
const bytesOf = (line: string) => new TextEncoder().encode(line);

interface Options {
  kind: Interface;
  eventIndex: boolean;
  indirect: boolean;
}

/** A device with port 1, and a driver of it. Its buffers have a page each: queue q's n-th at BUFFERS + (128 q + n) pages. */
class Bench {
  readonly ram: GuestRam;
  readonly mmio = new MmioBus();
  readonly ports = new IoPortBus();
  readonly transfers: Transfers;
  readonly irq = recordedLine();
  readonly device: VirtioSerial;
  readonly port: VirtioSerialPort;
  readonly registers: VirtioRegisters;
  readonly rings = new Map<number, DriverRing>();
  readonly options: Options;
  /** By ring and head, where its buffer lies. */
  readonly #at = new Map<string, number>();
  #next = 0;
  output = '';
  opened: boolean[] = [];
  rooms = 0;

  constructor(options: Options, ram = new GuestRam(4 << 20)) {
    this.options = options;
    this.ram = ram;
    this.transfers = new Transfers(ram);
    this.device = new VirtioSerial('virtio-serial', {
      ports: this.ports,
      mmio: this.mmio,
      memory: this.transfers.memory,
      transfers: this.transfers,
    });
    this.port = this.device.addPort(1, {
      name: AGENT,
      output: (bytes) => {
        this.output += text(bytes);
      },
      opened: (open) => this.opened.push(open),
      room: () => this.rooms++,
    });
    const { pci } = this.device;
    pci.connectInterrupt(this.irq);
    pci.writeConfig(0x10, 4, IO);
    pci.writeConfig(0x20, 4, MMIO);
    pci.writeConfig(0x04, 2, 7);
    this.registers = registersOf(options.kind, { ports: this.ports, mmio: this.mmio, io: IO, memory: MMIO });
  }

  start(): this {
    const { eventIndex, indirect, kind } = this.options;
    const low = (MULTIPORT | (eventIndex ? EVENT_IDX : 0) | (indirect ? INDIRECT_DESC : 0)) >>> 0;
    expect(this.registers.negotiate({ low, high: kind === 'modern' ? 1 : 0 })).toBe(true);
    for (const n of [CONTROL_IN, CONTROL_OUT, INPUT, OUTPUT]) {
      const base = 0x10000 + n * 0x4000;
      const ring = new DriverRing(this.ram, RING, { eventIndex, indirect, base, tables: 0x40000 + n * 0x4000 });
      this.rings.set(n, ring);
      this.registers.place(n, ring.queue);
    }
    this.registers.go();
    for (let i = 0; i < 16; i++) this.offer(CONTROL_IN, 64);
    return this;
  }

  ring(n: number): DriverRing {
    return this.rings.get(n)!;
  }

  /** One more buffer for the device to fill. */
  offer(n: number, length: number): void {
    const at = this.#place();
    this.#at.set(`${n}/${this.ring(n).add([], [{ address: at, length }])}`, at);
    this.#notify(n);
  }

  send(n: number, bytes: Uint8Array): void {
    const at = this.#place();
    this.ram.bytes.set(bytes, at);
    const half = bytes.length >> 1;
    this.ring(n).add(
      [
        { address: at, length: half },
        { address: at + half, length: bytes.length - half },
      ],
      [],
    );
    this.#notify(n);
  }

  control(port: number, event: number, value: number): void {
    this.send(CONTROL_OUT, encodeMessage({ port, event, value }));
  }

  /** What the device has filled. */
  received(n: number): Uint8Array[] {
    const all: Uint8Array[] = [];
    const ring = this.ring(n);
    for (let used = ring.takeUsed(); used; used = ring.takeUsed()) {
      const at = this.#at.get(`${n}/${used.head}`)!;
      all.push(this.ram.bytes.slice(at, at + used.length));
    }
    return all;
  }

  /** Gives back the chains that were sent. */
  reclaim(n: number): number {
    let count = 0;
    while (this.ring(n).takeUsed()) count++;
    return count;
  }

  openPort(): this {
    this.control(0xffffffff, 0, 1);
    this.control(1, 3, 1);
    this.control(1, 6, 1);
    this.run();
    return this;
  }

  run(): void {
    for (let i = 0; i < 100 && this.transfers.due; i++) this.transfers.runPending();
  }

  #place(): number {
    const at = BUFFERS + BUFFER * this.#next;
    this.#next = (this.#next + 1) % 512;
    return at;
  }

  #notify(n: number): void {
    if (this.ring(n).mustNotify()) this.registers.notify(n);
  }
}

const WAYS: Options[] = (['modern', 'legacy'] as const).flatMap((kind) =>
  [true, false].flatMap((eventIndex) => [true, false].map((indirect) => ({ kind, eventIndex, indirect }))),
);
const PLAIN = WAYS[0];

describe.each(WAYS)('with %o', (options) => {
  test('a driver finds the port by its name, opens it, and bytes go both ways in order', () => {
    const bench = new Bench(options).start();
    bench.control(0xffffffff, 0, 1);
    bench.run();
    expect(bench.received(CONTROL_IN)).toEqual([encodeMessage({ port: 1, event: 1, value: 1 })]);
    bench.control(1, 3, 1);
    bench.run();
    expect(bench.received(CONTROL_IN)).toEqual([
      encodeMessage({ port: 1, event: 7, value: 1 }, AGENT),
      encodeMessage({ port: 1, event: 6, value: 1 }),
    ]);
    bench.control(1, 6, 1);
    bench.run();
    expect(bench.opened).toEqual([true]);

    bench.send(OUTPUT, bytesOf('one '));
    bench.send(OUTPUT, bytesOf('two '));
    bench.run();
    bench.send(OUTPUT, bytesOf('three'));
    bench.run();
    expect(bench.output).toBe('one two three');
    expect(bench.reclaim(OUTPUT)).toBe(3);
  });

  test('input waits for buffers, and fills each as far as it goes', () => {
    const bench = new Bench(options).start().openPort();
    expect(bench.port.receive(bytesOf('abcdefgh'))).toBe(8);
    bench.run();
    expect(bench.received(INPUT)).toEqual([]);
    bench.offer(INPUT, 3);
    bench.run();
    bench.offer(INPUT, 64);
    bench.run();
    expect(bench.received(INPUT).map(text)).toEqual(['abc', 'defgh']);
  });
});

test('input for a port that the guest has not opened is dropped, and what it has not read when it closes it', () => {
  const bench = new Bench(PLAIN).start();
  expect(bench.port.receive(bytesOf('early'))).toBe(5);
  bench.openPort();
  bench.port.receive(bytesOf('unread'));
  bench.control(1, 6, 0);
  bench.control(1, 6, 1);
  bench.run();
  bench.offer(INPUT, 64);
  bench.run();
  expect(bench.received(INPUT)).toEqual([]);
  expect(bench.opened).toEqual([true, false, true]);
});

test('more input than there is room for is refused, and its sender hears of room', () => {
  const bench = new Bench(PLAIN).start().openPort();
  expect(bench.port.receive(new Uint8Array(5000).fill(65))).toBe(4096);
  expect(bench.port.receive(bytesOf('x'))).toBe(0);
  expect(bench.rooms).toBe(0);
  bench.offer(INPUT, 100);
  bench.run();
  expect(bench.rooms).toBe(1);
  expect(bench.port.receive(new Uint8Array(200))).toBe(100);
});

test('a reset by the driver closes the port', () => {
  const bench = new Bench(PLAIN).start().openPort();
  bench.registers.negotiate({ low: 0, high: 1 });
  expect(bench.opened).toEqual([true, false]);
});

test('a guest that asks again and again without taking the answers costs no memory', () => {
  const bench = new Bench(PLAIN).start();
  for (let i = 0; i < 500; i++) {
    bench.control(1, 3, 1);
    bench.run();
    bench.reclaim(CONTROL_OUT);
  }
  const { messages } = bench.device.save();
  expect(messages.length).toBeLessThanOrEqual(64);
});

test('output without end is passed on in parts, between which the machine goes on', () => {
  const bench = new Bench(PLAIN).start().openPort();
  for (let i = 0; i < 40; i++) bench.send(OUTPUT, new Uint8Array(4096).fill(97));
  bench.transfers.runPending();
  expect(bench.output.length).toBeLessThan(40 * 4096);
  bench.run();
  expect(bench.output.length).toBe(40 * 4096);
});

test('a chain that is no chain is given back, and the next one is served', () => {
  const bench = new Bench(PLAIN).start().openPort();
  const ring = bench.ring(OUTPUT);
  const outside = { address: 0xf0000000, length: 16 };
  ring.add([outside], []);
  ring.add([{ address: BUFFERS, length: 0x7fffffff }], []);
  bench.registers.notify(OUTPUT);
  bench.send(OUTPUT, bytesOf('still here'));
  bench.run();
  expect(bench.output).toBe('still here');
  expect(bench.reclaim(OUTPUT)).toBe(3);
});

test('absent pages put work off, and nothing is lost or said twice', () => {
  const bench = new Bench(PLAIN).start().openPort();
  for (let page = BUFFERS / BUFFER; page < bench.ram.pages; page++) bench.ram.absent.add(page);
  bench.offer(INPUT, 64);
  bench.port.receive(bytesOf('in'));
  bench.send(OUTPUT, bytesOf('out'));
  for (let i = 0; i < 5; i++) bench.transfers.runPending();
  expect([bench.output, bench.received(INPUT)]).toEqual(['', []]);
  bench.ram.absent.clear();
  bench.transfers.runPending();
  expect([bench.output, bench.received(INPUT).map(text)]).toEqual(['out', ['in']]);
});

test('its saved form goes on elsewhere: input, messages, and that the port is open', () => {
  const bench = new Bench(PLAIN).start().openPort();
  bench.received(CONTROL_IN);
  bench.port.receive(bytesOf('carried'));
  bench.run();
  const saved = structuredClone(bench.device.save()) as VirtioSerialState;
  const other = new Bench(PLAIN, bench.ram);
  for (const [n, ring] of bench.rings) other.rings.set(n, ring);
  other.device.restore(saved);
  expect(other.opened).toEqual([true]);
  expect(other.device.save()).toEqual(saved);
  other.offer(INPUT, 64);
  other.run();
  expect(other.received(INPUT).map(text)).toEqual(['carried']);
});

test('whatever lies in its rings, nothing is thrown, nothing grows, and the next driver is served', () => {
  const rings = fc.record({
    ring: fc.constantFrom(CONTROL_IN, CONTROL_OUT, INPUT, OUTPUT),
    contents: randomRing(BUFFERS, RING),
    bytes: fc.uint8Array({ minLength: 16, maxLength: 64 }),
    input: fc.nat(5000),
  });
  fc.assert(
    fc.property(fc.array(rings, { maxLength: 6 }), (steps) => {
      const bench = new Bench(PLAIN).start().openPort();
      for (const { ring, contents, bytes, input } of steps) {
        for (let at = BUFFERS; at < BUFFERS + 0x4000; at += bytes.length) bench.ram.bytes.set(bytes, at);
        fillRing(bench.ring(ring).queue, contents);
        bench.registers.notify(ring);
        bench.port.receive(new Uint8Array(input));
        bench.run();
      }
      const { messages, ports } = bench.device.save();
      expect(messages.length).toBeLessThanOrEqual(64);
      expect(ports[0].input.length).toBeLessThanOrEqual(4096);
      bench.ram.bytes.fill(0);
      bench.output = '';
      bench.start().openPort().send(OUTPUT, bytesOf('works again'));
      bench.run();
      expect(bench.output).toBe('works again');
    }),
    { seed: 3, numRuns: 100 },
  );
});

test.each([
  ['messages that are none', { messages: 'many' }],
  ['a message that is no bytes', { messages: [7] }],
  ['more messages than wait', { messages: new Array(65).fill(new Uint8Array(8)) }],
  ['ports that are none', { ports: undefined }],
  ['input that is no bytes', { ports: [{ number: 1, guestOpen: true, input: [1] }] }],
])('a form with %s is refused', (_, damage) => {
  const bench = new Bench(PLAIN).start().openPort();
  const damaged = { ...bench.device.save(), ...damage };
  expect(() => new Bench(PLAIN).device.restore(damaged as never)).toThrow(StateError);
});
