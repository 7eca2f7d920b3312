// Whatever a driver and the card agree on, through either register interface, every queue goes on for longer than a ring:
// with a driver that does only what it was asked for (testing/net-driver.ts), moved to another host in the middle, and with pages
// of the guest that come and go.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { F_RING_EVENT_IDX, F_RING_INDIRECT_DESC, F_VERSION_1, featureSet, hasFeature } from '../virtio/features.ts';
import { GuestRam } from '../virtio/testing/guest-ram.ts';
import type { Interface } from '../virtio/testing/pci-driver.ts';
import { Card, DRIVER_RAM, NetDriver, randomAbsences } from './testing/net-driver.ts';

const F_MRG_RXBUF = 15;
const F_CTRL_VQ = 17;
const F_CTRL_MAC_ADDR = 23;
const SET_ADDRESS = [1, 1];
const ram = new GuestRam(DRIVER_RAM);

function bitsOffered(kind: Interface): number[] {
  const offered = new Card(ram).registers(kind).offered();
  return Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => hasFeature(offered, bit));
}

/** Every way to accept or not: `always` plus each subset of `bits`. */
function subsets(bits: readonly number[], always: readonly number[]): number[][] {
  return Array.from({ length: 2 ** bits.length }, (_, mask) => [...always, ...bits.filter((_, i) => (mask >>> i) & 1)]);
}

function frame(number: number, length: number): Uint8Array {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + number) & 0xff);
  bytes.set([0x52, 0x54, 0, 0, 0, 2, 0x52, 0x54, 0, 0, 0, 1, 0x88, 0xb5, number >> 8, number & 0xff]);
  return bytes;
}

interface Run {
  kind: Interface;
  bits: readonly number[];
  size: number;
  /** Rounds of traffic on every queue. */
  rounds: number;
  /** Frames that arrive, and frames that are sent, in a round. */
  burst: number;
  /** The VM moves before this round. */
  moveAt?: number;
  /** Of the pages that are absent when transfers are due; all are there if left out. */
  absences?: number;
}

function drive({ kind, bits, size, rounds, burst, moveAt, absences }: Run): void {
  let card = new Card(ram, absences === undefined ? undefined : randomAbsences(absences));
  const driver = new NetDriver(card, { kind, features: featureSet(...bits), size });
  const outgoing: Uint8Array[] = [];
  const incoming: Uint8Array[] = [];
  const waiting: Uint8Array[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round === moveAt) {
      card = card.moved();
      driver.moveTo(card);
      driver.serve();
    }
    for (let i = 0; i < burst; i++) {
      waiting.push(frame(outgoing.length, 60 + ((round * 31) % 400)));
      outgoing.push(waiting[waiting.length - 1]);
    }
    // The cable takes a frame less than what is sent, so that the queue fills up in the end; it is emptied at once then.
    card.room = burst - 1;
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      if (driver.send(next)) continue;
      waiting.unshift(next);
      card.room = Number.POSITIVE_INFINITY;
      card.transmitReady();
      driver.serve();
      if (!driver.send(next)) throw new Error(`round ${round}: the transmit queue stands still`);
      waiting.shift();
    }
    const arrivals = Array.from({ length: burst }, (_, i) => frame(incoming.length + i, 60 + ((round * 17) % 300)));
    incoming.push(...arrivals);
    card.arrive(arrivals);
    driver.serve();
    if (bits.includes(F_CTRL_VQ)) {
      const address = [2, 0, 0, 0, round >> 8, round & 0xff];
      expect(driver.command(...SET_ADDRESS, ...address), `answer to command ${round}`).toBe(0);
      expect(card.addresses.at(-1)).toBe(address.join(':'));
    }
  }
  card.room = Number.POSITIVE_INFINITY;
  card.transmitReady();
  driver.serve();
  expect(card.sent.length, 'frames sent').toBe(outgoing.length);
  expect(driver.received.length, 'frames received').toBe(incoming.length);
  expect(card.sent.every((bytes, i) => Buffer.compare(bytes, outgoing[i]) === 0)).toBe(true);
  expect(driver.received.every((bytes, i) => Buffer.compare(bytes, incoming[i]) === 0)).toBe(true);
}

const RING_BITS = [F_RING_INDIRECT_DESC, F_RING_EVENT_IDX, F_MRG_RXBUF, F_CTRL_VQ];

describe('a modern driver', () => {
  test.each(subsets(RING_BITS, [F_VERSION_1, F_CTRL_MAC_ADDR]).map((bits) => [bits.join(', '), bits] as const))(
    'drives every queue round more than once, having accepted %s',
    (_, bits) => {
      drive({ kind: 'modern', bits, size: 64, rounds: 140, burst: 5, moveAt: 77 });
    },
  );

  test('accepts every feature or leaves it, whatever it does with the others', () => {
    const offered = bitsOffered('modern').filter((bit) => bit !== F_VERSION_1);
    for (const bit of offered) {
      const others = RING_BITS.filter((one) => one !== bit);
      const rest = offered.filter((one) => one !== bit && !RING_BITS.includes(one));
      for (const bits of [...subsets(others, [F_VERSION_1]), ...subsets(others, [F_VERSION_1, ...rest])]) {
        for (const accepted of [bits, [...bits, bit]]) {
          drive({ kind: 'modern', bits: accepted, size: 4, rounds: 6, burst: 3, moveAt: bits.length % 6 });
        }
      }
    }
  });
});

describe('a legacy driver', () => {
  test.each(subsets(RING_BITS, [F_CTRL_MAC_ADDR]).map((bits) => [bits.join(', '), bits] as const))(
    'drives every queue round more than once, having accepted %s',
    (_, bits) => {
      drive({ kind: 'legacy', bits, size: 0, rounds: 70, burst: 9, moveAt: 41 });
    },
  );

  test('accepts any combination of what is offered', () => {
    const offered = bitsOffered('legacy');
    fc.assert(
      fc.property(fc.subarray(offered), fc.nat(5), (bits, moveAt) => {
        drive({ kind: 'legacy', bits, size: 0, rounds: 6, burst: 60, moveAt });
      }),
      { numRuns: 25 },
    );
  });
});

test('at any size, any load, wherever the VM moves, whatever pages are absent', () => {
  const run = fc.record({
    kind: fc.constant<Interface>('modern'),
    bits: fc.subarray(bitsOffered('modern')).map((bits) => [...bits, F_VERSION_1]),
    size: fc.constantFrom(4, 8, 16, 32, 64),
    rounds: fc.integer({ min: 1, max: 40 }),
    burst: fc.integer({ min: 1, max: 40 }),
    moveAt: fc.nat(40),
    absences: fc.option(fc.nat(), { nil: undefined }),
  });
  fc.assert(fc.property(run, drive), { numRuns: 50 });
});
