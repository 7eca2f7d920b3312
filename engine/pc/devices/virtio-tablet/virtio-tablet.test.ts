import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { MmioBus } from '../../bus/mmio-bus.ts';
import { IoPortBus } from '../../bus/port-bus.ts';
import { Transfers } from '../../bus/transfers.ts';
import { recordedLine } from '../testing/test-bench.ts';
import { DriverRing } from '../virtio/testing/driver-ring.ts';
import { GuestRam } from '../virtio/testing/guest-ram.ts';
import { registersOf, type VirtioRegisters } from '../virtio/testing/pci-driver.ts';
import { fillRing, randomRing } from '../virtio/testing/random-rings.ts';
import { VirtioTablet } from './virtio-tablet.ts';

const MMIO = 0xfe000000;
const RING = { eventIndex: false, indirect: false, tables: 0 };
const BUFFERS = 0x20000;

/** type, code, value. */
type Event = [number, number, number];
const END: Event = [0, 0, 0];

class Bench {
  readonly ram: GuestRam;
  readonly mmio = new MmioBus();
  readonly transfers: Transfers;
  readonly tablet: VirtioTablet;
  readonly registers: VirtioRegisters;
  events: DriverRing;
  status: DriverRing;
  changes: boolean[] = [];
  #offered = 0;

  constructor(ram = new GuestRam(1 << 20)) {
    this.ram = ram;
    this.transfers = new Transfers(ram);
    const ports = new IoPortBus();
    const buses = { ports, mmio: this.mmio, memory: this.transfers.memory, transfers: this.transfers };
    this.tablet = new VirtioTablet(buses, () => this.changes.push(this.tablet.active));
    const { pci } = this.tablet;
    pci.connectInterrupt(recordedLine());
    pci.writeConfig(0x20, 4, MMIO);
    pci.writeConfig(0x04, 2, 7);
    this.registers = registersOf('modern', { ports, mmio: this.mmio, io: 0, memory: MMIO });
    this.events = new DriverRing(ram, 64, { ...RING, base: 0x4000 });
    this.status = new DriverRing(ram, 64, { ...RING, base: 0x8000 });
  }

  /** The guest's memory as after power-on: for a driver that begins anew. */
  clear(): this {
    this.ram.bytes.fill(0);
    this.events = new DriverRing(this.ram, 64, { ...RING, base: 0x4000 });
    this.status = new DriverRing(this.ram, 64, { ...RING, base: 0x8000 });
    return this;
  }

  start(): this {
    expect(this.registers.negotiate({ low: 0, high: 1 })).toBe(true);
    this.registers.place(0, this.events.queue);
    this.registers.place(1, this.status.queue);
    this.registers.go();
    this.transfers.runPending();
    return this;
  }

  offer(count: number): void {
    for (let n = 0; n < count; n++) this.events.add([], [{ address: BUFFERS + 8 * this.#offered++, length: 8 }]);
    if (this.events.mustNotify()) this.registers.notify(0);
    this.transfers.runPending();
  }

  /** What the guest has had, in the order of its buffers. */
  received(): Event[] {
    const all: Event[] = [];
    for (let used = this.events.takeUsed(); used; used = this.events.takeUsed()) {
      if (used.length === 0) continue;
      const { queue } = this.events;
      const at = this.ram.view.getUint32(queue.descriptors + 16 * used.head, true);
      const { view } = this.ram;
      all.push([view.getUint16(at, true), view.getUint16(at + 2, true), view.getInt32(at + 4, true)]);
    }
    return all;
  }

  move(x: number, y: number, buttons = 0, wheel = 0): void {
    this.tablet.move({ dx: 0, dy: 0, position: { x, y }, wheel, horizontalWheel: 0, buttons });
    this.transfers.runPending();
  }

  ask(select: number, subselect: number): number[] {
    this.mmio.write(MMIO + 0x2000, 1, select);
    this.mmio.write(MMIO + 0x2001, 1, subselect);
    const size = this.registers.config(2, 1);
    return Array.from({ length: size }, (_, n) => this.registers.config(8 + n, 1));
  }
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

test('it is a device of version 1.0 alone, and says what it is (§4.1.2.1, §5.8.5)', () => {
  const { pci } = bench.tablet;
  expect([pci.readConfig(0, 4), pci.readConfig(8, 4), pci.readConfig(0x10, 4)]).toEqual([0x10521af4, 0x09800001, 0]);
  bench.start();
  expect(String.fromCharCode(...bench.ask(1, 0))).toBe('tabvisor tablet');
  const keys = bench.ask(0x11, 1);
  expect([keys[0x110 >> 3]! & 0x1f, keys.length]).toEqual([0x1f, 35]);
  expect(bench.ask(0x11, 3)).toEqual([3]);
  expect(bench.ask(0x12, 1).slice(0, 8)).toEqual([0, 0, 0, 0, 0xff, 0x7f, 0, 0]);
  expect([bench.ask(0x12, 2), bench.ask(0x77, 0), bench.ask(0, 0)]).toEqual([[], [], []]);
});

test('it is active while its driver is', () => {
  expect(bench.tablet.active).toBe(false);
  bench.start();
  bench.registers.negotiate({ low: 0, high: 1 });
  expect(bench.changes).toEqual([true, false]);
});

test('positions, buttons and wheels are reports that end', () => {
  bench.start().offer(20);
  bench.move(0.5, 1);
  expect(bench.received()).toEqual([[3, 0, 0x4000], [3, 1, 0x7fff], END]);
  bench.move(0.5, 1, 1, 2);
  expect(bench.received()).toEqual([[3, 0, 0x4000], [3, 1, 0x7fff], [2, 8, -2], [1, 0x110, 1], END]);
  bench.tablet.move({ dx: 0, dy: 0, wheel: 0, horizontalWheel: 0, buttons: 0 });
  bench.transfers.runPending();
  expect(bench.received()).toEqual([[1, 0x110, 0], END]);
});

test('a report waits until there are buffers for all of it', () => {
  bench.start().offer(2);
  bench.move(0, 0);
  expect(bench.received()).toEqual([]);
  bench.offer(1);
  expect(bench.received()).toEqual([[3, 0, 0], [3, 1, 0], END]);
});

test('while nothing is read motion gives way to newer motion, and no button is lost', () => {
  bench.start();
  for (let n = 0; n < 1000; n++) bench.move(n / 1000, 0);
  bench.move(1, 1, 1);
  bench.move(1, 1, 0);
  expect(bench.tablet.save().waiting.length).toBeLessThan(40);
  for (let n = 0; n < 8; n++) bench.offer(8);
  const keys = bench.received().filter(([type]) => type === 1);
  expect(keys).toEqual([
    [1, 0x110, 1],
    [1, 0x110, 0],
  ]);
});

test('while nothing is read turns of the wheel are added up, and no button stays held', () => {
  bench.start();
  for (let n = 0; n < 100; n++) {
    bench.move(0, 0, 1);
    bench.move(0, 0, 1, 2);
    bench.move(n / 100, 0, 0, 1);
  }
  bench.move(1, 1);
  const all: Event[] = [];
  for (let n = 0; n < 40; n++) {
    if (bench.tablet.save().waiting.length > 0) bench.offer(8);
    all.push(...bench.received());
  }
  const of = (wanted: number) => all.filter(([type]) => type === wanted).map(([, , value]) => value);
  expect(of(2).reduce((a, b) => a + b, 0)).toBe(-300);
  expect(of(1).at(-1)).toBe(0);
  expect(of(3).slice(-2)).toEqual([0x7fff, 0x7fff]);
});

test('absent pages put a report off as a whole', () => {
  bench.start();
  bench.offer(3);
  bench.ram.absent.add(BUFFERS >> 12);
  bench.move(1, 0);
  expect(bench.received()).toEqual([]);
  bench.ram.absent.clear();
  bench.transfers.runPending();
  expect(bench.received()).toEqual([[3, 0, 0x7fff], [3, 1, 0], END]);
});

test('its saved form goes on elsewhere', () => {
  bench.start();
  bench.move(0.25, 0.5, 4);
  const saved = structuredClone(bench.tablet.save());
  const other = new Bench(bench.ram);
  other.tablet.restore(saved);
  expect([other.tablet.active, other.tablet.save()]).toEqual([true, saved]);
  expect(() => other.tablet.restore({ ...saved, waiting: [new Uint8Array(7)] })).toThrow('damaged');
});

test('whatever lies in its rings, nothing is thrown, nothing grows, and the next driver is served', () => {
  const step = fc.record({
    ring: fc.constantFrom(0, 1),
    contents: randomRing(BUFFERS, 64),
    moves: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(31), fc.integer({ min: -9, max: 9 }))),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
      const victim = new Bench().start();
      for (const { ring, contents, moves } of steps) {
        fillRing((ring === 0 ? victim.events : victim.status).queue, contents);
        victim.registers.notify(ring);
        victim.transfers.runPending();
        for (const [x, buttons, wheel] of moves) victim.move(x, 1 - x, buttons, wheel);
      }
      expect(victim.tablet.save().waiting.length).toBeLessThanOrEqual(32);
      victim.clear().start().offer(8);
      victim.move(1, 0, 1);
      expect(victim.received()).toEqual([[3, 0, 0x7fff], [3, 1, 0], [1, 0x110, 1], END]);
    }),
    { seed: 18, numRuns: 150 },
  );
});
