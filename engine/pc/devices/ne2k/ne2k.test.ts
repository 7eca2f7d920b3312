import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { StateError } from '../../bus/device.ts';
import { MAXIMUM_FRAME } from '../../bus/nic.ts';
import { IoPortBus } from '../../bus/port-bus.ts';
import { type RecordedLine, recordedLine } from '../testing/test-bench.ts';
import { Ne2k } from './ne2k.ts';
import * as R from './registers.ts';

const MAC = Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56);
const BASE = 0xc100;
const TX_PAGE = 0x40;
const RX_START = 0x4c;
const RX_STOP = 0x60;
const RING_PAGES = RX_STOP - RX_START;

class Bench {
  readonly ports = new IoPortBus();
  readonly irq: RecordedLine = recordedLine();
  readonly sent: Uint8Array[] = [];
  readonly addresses: string[] = [];
  full = false;
  /** Frames that wait on the cable. */
  readonly waiting: Uint8Array[] = [];
  readonly nic: Ne2k;

  constructor() {
    this.nic = new Ne2k(
      'nic',
      MAC,
      {
        transmit: (frame) => {
          if (!this.full) this.sent.push(frame.slice());
          return !this.full;
        },
        receiveReady: () => this.offer(),
        addressChanged: (mac) => this.addresses.push(mac.join(':')),
      },
      this.ports,
    );
    this.nic.pci.connectInterrupt(this.irq);
    this.nic.pci.writeConfig(0x10, 4, BASE);
    this.nic.pci.writeConfig(0x04, 2, 5);
  }

  offer(...frames: Uint8Array[]): void {
    this.waiting.push(...frames);
    while (this.waiting.length > 0 && this.nic.receive(this.waiting[0])) this.waiting.shift();
  }

  out(register: number, value: number): void {
    this.ports.write(BASE + register, 1, value);
  }

  in(register: number): number {
    return this.ports.read(BASE + register, 1);
  }

  /** As a driver initialises it (DP8390D data sheet, "Initialization"). */
  start(receiveConfig = R.RCR_BROADCAST): void {
    this.out(R.COMMAND, 0x21);
    this.out(R.DATA_CONFIG, 0x49);
    this.out(R.RECEIVE_CONFIG, receiveConfig);
    this.out(R.PAGE_START, RX_START);
    this.out(R.PAGE_STOP, RX_STOP);
    this.out(R.BOUNDARY, RX_STOP - 1);
    this.out(R.INTERRUPT_STATUS, 0xff);
    this.out(R.INTERRUPT_MASK, R.ISR_RECEIVED | R.ISR_TRANSMITTED);
    this.out(R.COMMAND, 0x61);
    for (const [i, byte] of MAC.entries()) this.out(R.PHYSICAL_ADDRESS + i, byte);
    this.out(R.CURRENT_PAGE, RX_START);
    this.out(R.COMMAND, 0x22);
  }

  remote(command: number, address: number, count: number): void {
    this.out(R.REMOTE_ADDRESS, address & 0xff);
    this.out(R.REMOTE_ADDRESS + 1, address >> 8);
    this.out(R.REMOTE_COUNT, count & 0xff);
    this.out(R.REMOTE_COUNT + 1, count >> 8);
    this.out(R.COMMAND, R.CR_START | command);
  }

  readMemory(address: number, count: number, width = 4): Uint8Array {
    this.remote(R.CR_REMOTE_READ, address, count);
    const bytes = new Uint8Array(count);
    for (let i = 0; i < count; i += width) {
      const value = this.ports.read(BASE + R.DATA_PORT, width);
      for (let b = 0; b < width; b++) bytes[i + b] = (value >>> (8 * b)) & 0xff;
    }
    return bytes;
  }

  writeMemory(address: number, bytes: Uint8Array): void {
    this.remote(R.CR_REMOTE_WRITE, address, bytes.length);
    for (let i = 0; i < bytes.length; i += 2) {
      this.ports.write(BASE + R.DATA_PORT, 2, bytes[i] | ((bytes[i + 1] ?? 0) << 8));
    }
  }

  send(frame: Uint8Array, length = frame.length): void {
    this.writeMemory(TX_PAGE * 256, frame);
    this.out(R.TRANSMIT_PAGE, TX_PAGE);
    this.out(R.TRANSMIT_COUNT, length & 0xff);
    this.out(R.TRANSMIT_COUNT + 1, length >> 8);
    this.out(R.COMMAND, R.CR_START | R.CR_TRANSMIT);
  }

  /** Takes the next frame out of the receive ring as drivers do; undefined when it is empty. */
  take(): { status: number; frame: Uint8Array } | undefined {
    this.out(R.COMMAND, 0x62);
    const current = this.in(R.CURRENT_PAGE);
    this.out(R.COMMAND, 0x22);
    const boundary = this.in(R.BOUNDARY) + 1;
    const page = boundary >= RX_STOP ? RX_START : boundary;
    if (page === current) return undefined;
    const [status, next, low, high] = this.readMemory(page * 256, 4);
    const length = (low | (high << 8)) - 4;
    const frame = this.readMemory(page * 256 + 4, (length + 3) & ~3).slice(0, length);
    this.out(R.BOUNDARY, next === RX_START ? RX_STOP - 1 : next - 1);
    return { status, frame };
  }
}

function frameTo(destination: ArrayLike<number>, length: number): Uint8Array {
  const frame = Uint8Array.from({ length }, (_, i) => (i * 5 + length) & 0xff);
  frame.set(destination);
  return frame;
}

let bench: Bench;
let nic: Ne2k;
beforeEach(() => {
  bench = new Bench();
  nic = bench.nic;
});

describe('identity', () => {
  test('a Realtek RTL8029, address in the PROM by words', () => {
    expect([0, 2].map((at) => nic.pci.readConfig(at, 2))).toEqual([0x10ec, 0x8029]);
    bench.out(R.COMMAND, 0x21);
    expect([bench.in(R.ID0), bench.in(R.ID1)]).toEqual([0x50, 0x43]);
    bench.start();
    const prom = bench.readMemory(0, 32, 2);
    expect([...prom.filter((_, i) => i % 2 === 0)].slice(0, 6)).toEqual([...MAC]);
    expect([...prom.slice(28)]).toEqual([0x57, 0x57, 0x57, 0x57]);
  });

  test('a word-wide card moves a word when a byte is read', () => {
    bench.start();
    bench.remote(R.CR_REMOTE_READ, 0, 32);
    const bytes = MAC.map(() => bench.in(R.DATA_PORT));
    expect([...bytes]).toEqual([...MAC]);
  });

  test('reading the reset port resets, as the status says', () => {
    bench.start();
    expect(bench.in(R.INTERRUPT_STATUS) & R.ISR_RESET).toBe(0);
    bench.in(R.RESET_PORT);
    expect(bench.in(R.COMMAND)).toBe(0x21);
    expect(bench.in(R.INTERRUPT_STATUS)).toBe(R.ISR_RESET);
    expect(bench.irq.level).toBe(false);
  });
});

test('the address that the driver sets is told, once it is whole, and again where the card moves to', () => {
  bench.start();
  expect(bench.addresses).toEqual([MAC.join(':')]);
  const other = new Bench();
  other.nic.restore(structuredClone(nic.save()));
  expect(other.addresses).toEqual([MAC.join(':')]);
});

describe('packet memory', () => {
  test('reads back what was written; the end of a transfer is told', () => {
    bench.start();
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => i);
    bench.writeMemory(0x4000, bytes);
    expect(bench.in(R.INTERRUPT_STATUS) & R.ISR_REMOTE_DONE).toBe(R.ISR_REMOTE_DONE);
    expect(bench.readMemory(0x4000, 64)).toEqual(bytes);
  });

  test('a transfer goes round at the end of the receive ring', () => {
    bench.start();
    bench.writeMemory(RX_STOP * 256 - 2, Uint8Array.of(1, 2, 3, 4));
    expect([...bench.readMemory(RX_START * 256, 2, 2)]).toEqual([3, 4]);
  });

  test('where there is no memory, reads are all ones and writes are lost', () => {
    bench.start();
    bench.writeMemory(0x2000, Uint8Array.of(1, 2));
    expect([...bench.readMemory(0x2000, 2, 2)]).toEqual([0xff, 0xff]);
  });
});

describe('sending', () => {
  test('a frame goes out, and an interrupt says so', () => {
    bench.start();
    const frame = frameTo(MAC, 60);
    bench.send(frame);
    expect(bench.sent).toEqual([frame]);
    expect(bench.in(R.COMMAND) & R.CR_TRANSMIT).toBe(0);
    expect(bench.in(R.TRANSMIT_STATUS) & R.TSR_TRANSMITTED).toBe(1);
    expect(bench.irq.level).toBe(true);
    bench.out(R.INTERRUPT_STATUS, R.ISR_TRANSMITTED);
    expect(bench.irq.level).toBe(false);
  });

  test('while the cable is full, the transmission is under way', () => {
    bench.start();
    bench.full = true;
    bench.send(frameTo(MAC, 60));
    expect(bench.in(R.COMMAND) & R.CR_TRANSMIT).toBe(R.CR_TRANSMIT);
    expect(bench.irq.level).toBe(false);
    bench.full = false;
    nic.transmitReady();
    expect(bench.sent).toHaveLength(1);
    expect(bench.irq.level).toBe(true);
    nic.transmitReady();
    expect(bench.sent).toHaveLength(1);
  });

  test('runts, oversize and what is not in memory are dropped and counted', () => {
    bench.start();
    bench.send(new Uint8Array(60), 13);
    bench.send(new Uint8Array(60), MAXIMUM_FRAME + 1);
    bench.out(R.TRANSMIT_PAGE, 0x10);
    bench.out(R.TRANSMIT_COUNT, 60);
    bench.out(R.TRANSMIT_COUNT + 1, 0);
    bench.out(R.COMMAND, R.CR_START | R.CR_TRANSMIT);
    expect(bench.sent).toEqual([]);
    expect(nic.counters).toMatchObject({ runts: 1, oversize: 1, malformed: 1, transmitted: 0 });
    expect(bench.in(R.COMMAND) & R.CR_TRANSMIT).toBe(0);
  });

  test('in loopback nothing reaches the cable', () => {
    bench.start();
    bench.out(R.TRANSMIT_CONFIG, R.TCR_LOOPBACK);
    bench.send(frameTo(MAC, 60));
    expect(bench.sent).toEqual([]);
    expect(bench.irq.level).toBe(true);
  });
});

describe('receiving', () => {
  test('frames of all lengths come out of the ring as they went in, short ones padded', () => {
    bench.start();
    for (const length of [14, 60, 248, 249, 252, 253, 256, 700, 1514, 1518, 61]) {
      const frame = frameTo(MAC, length);
      bench.offer(frame);
      expect(bench.irq.level).toBe(true);
      const got = bench.take();
      expect(got?.status).toBe(R.RSR_INTACT);
      expect(got?.frame.length).toBe(Math.max(length, 60));
      expect(got?.frame.slice(0, length)).toEqual(frame);
      bench.out(R.INTERRUPT_STATUS, R.ISR_RECEIVED);
      expect(bench.irq.level).toBe(false);
      expect(bench.take()).toBeUndefined();
    }
  });

  test('a full ring refuses, overwrites nothing, and takes what waited once the driver has made room', () => {
    bench.start();
    const frames = Array.from({ length: 10 }, (_, i) => frameTo(MAC, 1000 + i));
    bench.offer(...frames);
    expect(bench.waiting.length).toBe(10 - Math.floor((RING_PAGES - 1) / 4));
    const got: Uint8Array[] = [];
    for (let rounds = 0; rounds < 10 && bench.irq.level; rounds++) {
      for (let taken = bench.take(); taken; taken = bench.take()) got.push(taken.frame);
      bench.out(R.INTERRUPT_STATUS, R.ISR_RECEIVED);
    }
    expect(got).toEqual(frames);
  });

  test('a driver that acknowledges with the ring still full is interrupted again', () => {
    bench.start();
    bench.offer(...Array.from({ length: 10 }, () => frameTo(MAC, 1000)));
    bench.out(R.INTERRUPT_STATUS, R.ISR_RECEIVED);
    expect(bench.irq.level).toBe(true);
  });

  test.each([
    ['its own address', MAC, 0, true],
    ["another's address", [0x52, 0, 0, 0, 0, 1], R.RCR_BROADCAST | R.RCR_MULTICAST, false],
    ["another's address, promiscuous", [0x52, 0, 0, 0, 0, 1], R.RCR_PROMISCUOUS, true],
    ['broadcast', [255, 255, 255, 255, 255, 255], R.RCR_BROADCAST, true],
    ['broadcast, not wanted', [255, 255, 255, 255, 255, 255], R.RCR_MULTICAST, false],
    ['a group that is in the filter', [0x01, 0, 0x5e, 0, 0, 1], R.RCR_MULTICAST, true],
    ['a group that is not', [0x33, 0x33, 0, 0, 0, 2], R.RCR_MULTICAST, false],
    ['groups, not wanted', [0x01, 0, 0x5e, 0, 0, 1], R.RCR_BROADCAST, false],
  ])('%s', (_, destination, receiveConfig, wanted) => {
    bench.start(receiveConfig);
    bench.out(R.COMMAND, 0x62);
    bench.out(R.MULTICAST_FILTER + 3, 0x80); // bit 31: the hash of 01:00:5e:00:00:01
    bench.out(R.COMMAND, 0x22);
    bench.offer(frameTo(destination, 60));
    expect(bench.take() !== undefined).toBe(wanted);
    expect(nic.counters).toMatchObject({ filtered: wanted ? 0 : 1, unwanted: 0 });
  });

  test('a page that is selected without STA or STP leaves a running card running', () => {
    bench.start();
    for (const page of [0x40, 0]) bench.out(R.COMMAND, R.CR_REMOTE_ABORT | page);
    bench.offer(frameTo(MAC, 60));
    expect(nic.counters).toMatchObject({ received: 1, unwanted: 0 });
    bench.out(R.COMMAND, R.CR_REMOTE_ABORT | R.CR_STOP);
    bench.offer(frameTo(MAC, 60));
    expect(nic.counters).toMatchObject({ received: 1, unwanted: 1 });
  });

  test('a stopped card, one that only monitors, and one without a ring take nothing', () => {
    bench.offer(frameTo(MAC, 60));
    bench.start(R.RCR_MONITOR);
    bench.offer(frameTo(MAC, 60));
    bench.start();
    bench.out(R.PAGE_STOP, 0xff);
    bench.offer(frameTo(MAC, 60), frameTo(MAC, 13), frameTo(MAC, MAXIMUM_FRAME + 1));
    expect(nic.counters).toMatchObject({ unwanted: 3, runts: 1, oversize: 1, received: 0 });
  });
});

describe('saving', () => {
  test('in mid-traffic: what was received and what is being sent goes on at the target', () => {
    bench.start();
    bench.offer(frameTo(MAC, 100));
    bench.full = true;
    bench.send(frameTo(MAC, 70));
    const target = new Bench();
    target.nic.pci.restoreConfig(structuredClone(nic.pci.saveConfig()));
    target.nic.restore(structuredClone(nic.save()));
    expect(target.irq.level).toBe(true);
    expect(target.take()?.frame).toEqual(frameTo(MAC, 100));
    target.nic.transmitReady();
    expect(target.sent).toEqual([frameTo(MAC, 70)]);
  });

  test('refuses packet memory of another size', () => {
    expect(() => nic.restore({ ...nic.save(), memory: new Uint8Array(16) })).toThrow(StateError);
  });
});

test('whatever the guest writes, nothing is thrown and the next driver works', () => {
  const access = fc.record({
    register: fc.nat(0x1f),
    size: fc.constantFrom(1, 2, 4),
    value: fc.oneof(fc.nat(0xff), fc.nat(0xffffffff)),
    read: fc.boolean(),
    frame: fc.nat(1600),
  });
  fc.assert(
    fc.property(fc.array(access, { maxLength: 80 }), (accesses) => {
      const victim = new Bench();
      victim.start(R.RCR_PROMISCUOUS);
      for (const { register, size, value, read, frame } of accesses) {
        if (read) victim.ports.read(BASE + register, size);
        else victim.ports.write(BASE + register, size, value);
        victim.nic.receive(frameTo(MAC, Math.max(frame, 6)));
      }
      victim.in(R.RESET_PORT);
      victim.out(R.COMMAND, 0x21);
      victim.out(R.TRANSMIT_CONFIG, 0);
      victim.start();
      victim.sent.length = 0;
      victim.send(frameTo(MAC, 60));
      expect(victim.sent).toEqual([frameTo(MAC, 60)]);
      victim.waiting.length = 0;
      victim.offer(frameTo(MAC, 99));
      expect(victim.take()?.frame).toEqual(frameTo(MAC, 99));
    }),
  );
});
