// Registers and transfers of the two 8237A (Intel data sheet 231466; 82371AB data sheet, 4.2).
import { beforeEach, describe, expect, test } from 'vitest';
import { PAGE_SIZE } from '../../../base/sizes.ts';
import type { DmaPeer } from '../../bus/dma-channel.ts';
import { Transfers } from '../../bus/transfers.ts';
import { TestBench } from '../testing/test-bench.ts';
import { GuestRam } from '../virtio/testing/guest-ram.ts';
import { Dma } from './dma.ts';

let bench: TestBench;
let ram: GuestRam;
let transfers: Transfers;
let dma: Dma;

function build(cascadeSetUp = true): Dma {
  const built = new Dma({ memory: transfers.memory, transfers, cascadeSetUp });
  built.attach(bench.ports);
  built.reset();
  return built;
}

beforeEach(() => {
  bench = new TestBench();
  ram = new GuestRam(0x60000);
  transfers = new Transfers(ram);
  dma = build();
});

/** A device with bytes to give and room for others. */
class Peer implements DmaPeer {
  direction: DmaPeer['direction'];
  bytes: Uint8Array;
  got: number[] = [];
  room = 0;
  terminals = 0;

  constructor(direction: 'to-memory' | 'from-memory', size: number) {
    this.direction = direction;
    this.bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7 + 1) & 0xff);
    this.room = size;
  }

  peek(): Uint8Array {
    return this.bytes;
  }

  taken(count: number, terminal: boolean): void {
    this.bytes = this.bytes.subarray(count);
    if (this.bytes.length === 0 || terminal) this.direction = undefined;
    if (terminal) this.terminals++;
  }

  put(bytes: Uint8Array, terminal: boolean): void {
    this.got.push(...bytes);
    this.room -= bytes.length;
    if (this.room === 0 || terminal) this.direction = undefined;
    if (terminal) this.terminals++;
  }
}

const PAGES = [0x87, 0x83, 0x81, 0x82, 0x8f, 0x8b, 0x89, 0x8a];

/** Programs a channel and unmasks it. `units` bytes or words from `address` on. */
function program(n: number, mode: number, address: number, units: number): void {
  const wide = n >= 4;
  const port = (register: number) => (wide ? 0xc0 + 2 * register : register);
  const index = n & 3;
  bench.out(port(10), 4 | index);
  bench.out(port(12), 0);
  const low = wide ? (address >> 1) & 0xffff : address & 0xffff;
  for (const byte of [low & 0xff, low >> 8]) bench.out(port(2 * index), byte);
  for (const byte of [(units - 1) & 0xff, (units - 1) >> 8]) bench.out(port(2 * index + 1), byte);
  bench.out(PAGES[n], address >> 16);
  bench.out(port(11), mode | index);
  bench.out(port(10), index);
}

const TO_MEMORY = 0x44; // single mode
const FROM_MEMORY = 0x48;
const VERIFY = 0x40;
const AUTO = 0x10;
const DOWN = 0x20;

function current(n: number): { address: number; count: number } {
  const wide = n >= 4;
  const port = (register: number) => (wide ? 0xc0 + 2 * register : register);
  bench.out(port(12), 0);
  const word = (register: number) => bench.in(port(register)) | (bench.in(port(register)) << 8);
  return { address: word(2 * (n & 3)), count: word(2 * (n & 3) + 1) };
}

describe('registers', () => {
  test.each([
    ['controller 1', 0x00, 1],
    ['controller 2', 0xc0, 2],
  ])('%s: address and count go through the byte flip-flop, low byte first', (_, base, step) => {
    const register = (n: number) => base + n * step;
    bench.out(register(12), 0);
    bench.out(register(2), 0x34);
    bench.out(register(2), 0x12);
    bench.out(register(3), 0xff);
    bench.out(register(3), 0x01);
    bench.out(register(12), 0);
    expect([bench.in(register(2)), bench.in(register(2))]).toEqual([0x34, 0x12]);
    expect([bench.in(register(3)), bench.in(register(3))]).toEqual([0xff, 0x01]);
  });

  test('masks: one, all, none, and all after master clear', () => {
    bench.out(0x0e, 0);
    expect(bench.in(0x0f) & 15).toBe(0);
    bench.out(0x0a, 0x06);
    expect(bench.in(0x0f) & 15).toBe(4);
    bench.out(0x0a, 0x02);
    bench.out(0x0f, 0x09);
    expect(bench.in(0x0f) & 15).toBe(9);
    bench.out(0x0d, 0);
    expect(bench.in(0x0f) & 15).toBe(15);
  });

  test('requests of software and of devices show in the status', () => {
    bench.out(0x09, 0x05);
    dma.channel(2).connect(new Peer('to-memory', 1));
    expect(bench.in(0x08)).toBe(0x60);
  });

  test('page registers read back', () => {
    for (let port = 0x81; port <= 0x8f; port++) bench.out(port, port + 1);
    expect(bench.in(0x87)).toBe(0x88);
    expect(bench.in(0x8f)).toBe(0x90);
  });
});

describe('transfers', () => {
  test.each([0, 1, 2, 3] as const)('channel %i moves bytes to memory, to terminal count', (n) => {
    const peer = new Peer('to-memory', 700);
    const sent = [...peer.bytes];
    dma.channel(n).connect(peer);
    program(n, TO_MEMORY, 0x12f00, 600);
    transfers.runPending();
    expect([...ram.bytes.subarray(0x12f00, 0x12f00 + 600)]).toEqual(sent.slice(0, 600));
    expect(ram.bytes[0x12f00 + 600]).toBe(0);
    expect([peer.terminals, peer.bytes.length]).toEqual([1, 100]);
    expect(current(n)).toEqual({ address: 0x3158, count: 0xffff });
    expect(bench.in(0x08) & 15).toBe(1 << n);
    expect(bench.in(0x08) & 15).toBe(0);
    expect(bench.in(0x0f) & (1 << n)).not.toBe(0);
  });

  test.each([5, 6, 7] as const)('channel %i moves words, over 128 KiB', (n) => {
    const peer = new Peer('from-memory', 8);
    dma.channel(n).connect(peer);
    ram.bytes.set([1, 2, 3, 4, 5, 6, 7, 8], 0x3fffe);
    ram.bytes.set([9, 10, 11, 12], 0x20000);
    // Bit 0 of the page is not used; the address wraps at its 128 KiB.
    program(n, FROM_MEMORY, 0x3fffe, 4);
    transfers.runPending();
    expect(peer.got).toEqual([1, 2, 9, 10, 11, 12, 0, 0]);
    expect(peer.terminals).toBe(1);
  });

  test('an address wraps within its 64 KiB', () => {
    const peer = new Peer('to-memory', 4);
    dma.channel(1).connect(peer);
    program(1, TO_MEMORY, 0x1fffe, 4);
    transfers.runPending();
    expect([...ram.bytes.subarray(0x1fffe, 0x20000)]).toEqual([1, 8]);
    expect([...ram.bytes.subarray(0x10000, 0x10002)]).toEqual([15, 22]);
  });

  test('downwards, bytes and words', () => {
    dma.channel(1).connect(new Peer('to-memory', 4));
    program(1, TO_MEMORY | DOWN, 0x1001, 4);
    dma.channel(5).connect(new Peer('to-memory', 4));
    program(5, TO_MEMORY | DOWN, 0x2002, 2);
    const reader = new Peer('from-memory', 4);
    ram.bytes.set([1, 2, 3, 4], 0x2ffe);
    dma.channel(6).connect(reader);
    program(6, FROM_MEMORY | DOWN, 0x3000, 2);
    transfers.runPending();
    expect([...ram.bytes.subarray(0xffe, 0x1002)]).toEqual([22, 15, 8, 1]);
    expect([...ram.bytes.subarray(0x2000, 0x2004)]).toEqual([15, 22, 1, 8]);
    expect(reader.got).toEqual([3, 4, 1, 2]);
  });

  test('a device that has less waits with the rest, and goes on', () => {
    const peer = new Peer('to-memory', 3);
    dma.channel(3).connect(peer);
    program(3, TO_MEMORY, 0x1000, 5);
    transfers.runPending();
    expect(current(3)).toEqual({ address: 0x1003, count: 1 });
    Object.assign(peer, { direction: 'to-memory', bytes: Uint8Array.of(9, 9, 9) });
    dma.channel(3).request();
    transfers.runPending();
    expect([...ram.bytes.subarray(0x1000, 0x1006)]).toEqual([1, 8, 15, 9, 9, 0]);
    expect(peer.terminals).toBe(1);
  });

  test('auto-initialisation starts again from the base', () => {
    const peer = new Peer('to-memory', 6);
    peer.taken = (count) => {
      peer.bytes = peer.bytes.subarray(count);
      if (peer.bytes.length === 0) peer.direction = undefined;
    };
    dma.channel(1).connect(peer);
    program(1, TO_MEMORY | AUTO, 0x1000, 4);
    for (let i = 0; i < 3; i++) transfers.runPending();
    expect([...ram.bytes.subarray(0x1000, 0x1005)]).toEqual([29, 36, 15, 22, 0]);
    expect(current(1)).toEqual({ address: 0x1002, count: 1 });
    expect(bench.in(0x0f) & 2).toBe(0);
  });

  test('verify counts and touches no memory', () => {
    const peer = new Peer('to-memory', 10);
    dma.channel(2).connect(peer);
    program(2, VERIFY, 0x1000, 10);
    transfers.runPending();
    expect([peer.terminals, peer.bytes.length]).toEqual([1, 0]);
    expect(ram.bytes.every((byte) => byte === 0)).toBe(true);
    expect(ram.accesses).toBe(0);
  });

  test('the illegal type and the wrong direction move nothing', () => {
    const peer = new Peer('to-memory', 4);
    dma.channel(2).connect(peer);
    for (const mode of [FROM_MEMORY, 0x4c]) {
      program(2, mode, 0x1000, 4);
      transfers.runPending();
      expect([peer.bytes.length, peer.got.length]).toEqual([4, 0]);
    }
  });

  test.each<[string, () => void, () => void]>([
    ['the channel is masked', () => bench.out(0x0a, 6), () => bench.out(0x0a, 2)],
    ['the controller is disabled', () => bench.out(0x08, 4), () => bench.out(0x08, 0)],
    ['channel 4 is masked', () => bench.out(0xd4, 4), () => bench.out(0xd4, 0)],
    ['channel 4 does not cascade', () => bench.out(0xd6, 0x40), () => bench.out(0xd6, 0xc0)],
    ['the second controller is disabled', () => bench.out(0xd0, 4), () => bench.out(0xd0, 0)],
    ['the channel cascades', () => bench.out(0x0b, 0xc6), () => bench.out(0x0b, 0x46)],
  ])('nothing moves while %s', (_, shut, open) => {
    const peer = new Peer('to-memory', 4);
    dma.channel(2).connect(peer);
    program(2, TO_MEMORY, 0x1000, 4);
    shut();
    dma.channel(2).request();
    transfers.runPending();
    expect(peer.bytes.length).toBe(4);
    open();
    transfers.runPending();
    expect(peer.terminals).toBe(1);
  });

  test('after a reset channel 4 is as firmware leaves it only where there is no firmware', () => {
    expect(bench.in(0xde) & 1).toBe(0);
    bench = new TestBench();
    dma = build(false);
    expect(bench.in(0xde) & 1).toBe(1);
  });

  test('a request of software runs to terminal count, masked or not, with ones on the bus', () => {
    program(1, 0x84, 0x1ffe, 4);
    bench.out(0x0a, 5);
    bench.out(0x09, 5);
    expect(bench.in(0x08)).toBe(0x20);
    transfers.runPending();
    expect([...ram.bytes.subarray(0x1ffd, 0x2003)]).toEqual([0, 255, 255, 255, 255, 0]);
    expect(bench.in(0x08)).toBe(0x02);
  });

  test('where there is no RAM ones are read and writes are lost', () => {
    const reader = new Peer('from-memory', 4);
    dma.channel(2).connect(reader);
    program(2, FROM_MEMORY, 0xf00000, 4);
    const writer = new Peer('to-memory', 4);
    dma.channel(3).connect(writer);
    program(3, TO_MEMORY, 0xf00000, 4);
    transfers.runPending();
    expect(reader.got).toEqual([255, 255, 255, 255]);
    expect(writer.terminals).toBe(1);
  });

  test('an absent page stops a channel before its unit, and not the others', () => {
    const peer = new Peer('to-memory', 8);
    dma.channel(2).connect(peer);
    program(2, TO_MEMORY, 0x1ffc, 8);
    const other = new Peer('from-memory', 4);
    dma.channel(6).connect(other);
    program(6, FROM_MEMORY, 0x4000, 2);
    ram.absent.add(2);
    transfers.runPending();
    expect([peer.bytes.length, other.terminals]).toEqual([4, 1]);
    expect(transfers.awaited).toEqual([2 * PAGE_SIZE]);
    expect(current(2)).toEqual({ address: 0x2000, count: 3 });
    ram.absent.clear();
    transfers.runPending();
    expect(peer.terminals).toBe(1);
    expect([...ram.bytes.subarray(0x1ffc, 0x2004)]).toEqual([1, 8, 15, 22, 29, 36, 43, 50]);
  });
});

describe('saved form', () => {
  test('carries registers, the flip-flop and requests that wait', () => {
    bench.out(0x83, 1);
    program(1, 0x84, 0x1000, 2);
    bench.out(0x09, 5);
    bench.out(0x0c, 0);
    bench.out(0x04, 0x34); // half a register
    const form = structuredClone(dma.save());
    bench = new TestBench();
    transfers = new Transfers(ram);
    const copy = build();
    copy.restore(form);
    transfers.runPending();
    expect([...ram.bytes.subarray(0x1000, 0x1003)]).toEqual([255, 255, 0]);
    bench.out(0x04, 0x12);
    bench.out(0x0c, 0);
    expect([bench.in(0x04), bench.in(0x04)]).toEqual([0x34, 0x12]);
  });

  test('a form of version 1 goes on, with channel 4 as firmware leaves it', () => {
    bench.out(0x02, 0x77);
    const { controllers, pages } = structuredClone(dma.save());
    const old = controllers.map(({ terminalCounts: _, ...rest }) => ({ ...rest, mask: 15, mode: [0, 0, 0, 0] }));
    dma.restore({ version: 1, controllers: old, pages } as never);
    expect(bench.in(0xde) & 15).toBe(14);
    expect(bench.in(0x0f) & 15).toBe(15);
    const peer = new Peer('to-memory', 4);
    dma.channel(2).connect(peer);
    program(2, TO_MEMORY, 0x1000, 4);
    transfers.runPending();
    expect(peer.terminals).toBe(1);
  });
});
