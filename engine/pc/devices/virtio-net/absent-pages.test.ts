// Pages of the guest that are absent when the card wants them change nothing but when it is done: a unit of its work is done
// wholly or not at all, and in the end frames, rings, interrupts, counters and memory are those of a guest whose pages were
// all there.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PAGE_SIZE } from '../../../base/sizes.ts';
import { type NicCounters, zeroCounters } from '../../bus/nic.ts';
import { F_RING_EVENT_IDX, F_RING_INDIRECT_DESC, F_VERSION_1, featureSet, hasFeature } from '../virtio/features.ts';
import { type Descriptor, DriverQueue, INDIRECT, NEXT, WRITE } from '../virtio/testing/driver-queue.ts';
import { GuestRam } from '../virtio/testing/guest-ram.ts';
import type { Interface, VirtioRegisters } from '../virtio/testing/pci-driver.ts';
import { NEEDS_CHECKSUM, PLAIN, writeHeader } from './header.ts';
import { framesOf } from './segmentation.ts';
import { type Absences, Card, DRIVER_RAM, NetDriver, randomAbsences } from './testing/net-driver.ts';
import { tcpPacket } from './testing/tcp-packet.ts';

const F_CSUM = 0;
const F_GUEST_CSUM = 1;
const F_GUEST_TSO4 = 7;
const F_HOST_TSO4 = 11;
const F_MRG_RXBUF = 15;
const F_CTRL_VQ = 17;
const F_CTRL_MAC_ADDR = 23;
const RECEIVE = 0;
const TRANSMIT = 1;
const CONTROL = 2;
const TSO = { ...PLAIN, flags: NEEDS_CHECKSUM, gsoType: 1, gsoSize: 500, checksumStart: 34, checksumOffset: 16 };

function frame(number: number, length: number): Uint8Array {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + number) & 0xff);
  bytes.set([0x52, 0x54, 0, 0, 0, 2, 0x52, 0x54, 0, 0, 0, 1, 0x88, 0xb5, number >> 8, number & 0xff]);
  return bytes;
}

function withHeader(packet: Uint8Array, header = PLAIN): Uint8Array {
  const bytes = new Uint8Array(12 + packet.length);
  writeHeader(bytes, header, 0);
  bytes.set(packet, 12);
  return bytes;
}

interface Observed {
  memory: Buffer;
  rest: object;
}

/** All that the guest and the outside see of a card, and all that moves with it. Guest memory in place. */
function observed({ ram, sent, addresses, irq, nic }: Card): Observed {
  const frames = sent.map(hex);
  const rest = { frames, addresses, interrupt: irq.level, counters: nic.counters, state: nic.save() };
  return { memory: Buffer.from(ram.bytes.buffer), rest: structuredClone(rest) };
}

function snapshot(card: Card): Observed {
  const { memory, rest } = observed(card);
  return { memory: Buffer.from(memory), rest };
}

/** Compared much faster than bytes. */
function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function expectSame(actual: Observed, expected: Observed): void {
  expect(actual.rest).toEqual(expected.rest);
  if (actual.memory.equals(expected.memory)) return;
  expect(
    actual.memory.findIndex((byte, at) => byte !== expected.memory[at]),
    'first other byte',
  ).toBe(-1);
}

describe('one unit, each page absent in turn', () => {
  const SIZE = 8;
  /** A page each. */
  const [TABLE, A, B, C] = [0x10000, 0x12000, 0x14000, 0x16000];

  interface Stage {
    card: Card;
    ram: GuestRam;
    queues: DriverQueue[];
    registers: VirtioRegisters;
  }

  function stage(bits: readonly number[], prepare: (stage: Stage) => void): Stage {
    const ram = new GuestRam(0x20000);
    const card = new Card(ram);
    const registers = card.registers('modern');
    registers.negotiate(featureSet(F_VERSION_1, F_CTRL_VQ, F_CTRL_MAC_ADDR, ...bits));
    // The descriptors' page has the beginning of the available ring too, a second one its end, a third one the used ring.
    const queues = [0x1000, 0x5000, 0x9000].map((base) => new DriverQueue(ram, base, SIZE, base + PAGE_SIZE - 12));
    for (const [n, queue] of queues.entries()) registers.place(n, queue);
    registers.go();
    card.transfers.runPending();
    const made = { card, ram, queues, registers };
    prepare(made);
    return made;
  }

  const offer = (queue: DriverQueue, head: number, descriptors: Descriptor[]) => {
    for (const [i, descriptor] of descriptors.entries()) {
      const last = i === descriptors.length - 1;
      queue.describe(head + i, {
        ...descriptor,
        flags: (descriptor.flags ?? 0) | (last ? 0 : NEXT),
        next: head + i + 1,
      });
    }
    queue.offer(head);
  };

  /** Puts the bytes where the pieces are, and offers them. */
  const send = ({ ram, queues }: Stage, bytes: Uint8Array, pieces: Descriptor[]) => {
    let at = 0;
    for (const { address, length } of pieces) {
      ram.bytes.set(bytes.subarray(at, at + length), address);
      at += length;
    }
    offer(queues[TRANSMIT], 0, pieces);
  };

  const buffer = (address: number, length: number): Descriptor => ({ address, length, flags: WRITE });
  const notify = (queue: number) => (at: Stage) => at.registers.notify(queue);
  const arrive =
    (...frames: Uint8Array[]) =>
    ({ card }: Stage) => {
      for (const one of frames) expect(card.nic.receive(one)).toBe(true);
    };

  interface Scenario {
    bits?: number[];
    prepare(stage: Stage): void;
    act(stage: Stage): void;
    /** Pages that it needs: those of rings and descriptors (3), or more. */
    pages: number;
  }

  const scenarios: Record<string, Scenario> = {
    'a frame in three pages': {
      prepare: (at) =>
        send(at, withHeader(frame(1, 300)), [
          { address: A, length: 12 },
          { address: B, length: 200 },
          { address: C, length: 100 },
        ]),
      act: notify(TRANSMIT),
      pages: 6,
    },
    'a frame across two pages, with an event index': {
      bits: [F_RING_EVENT_IDX],
      prepare: (at) => send(at, withHeader(frame(2, 300)), [{ address: A - 100, length: 312 }]),
      act: notify(TRANSMIT),
      pages: 5,
    },
    'a packet in segments': {
      bits: [F_CSUM, F_HOST_TSO4],
      prepare: (at) =>
        send(at, withHeader(tcpPacket({ payload: 1800 }), TSO), [
          { address: A, length: 1000 },
          { address: B, length: 866 },
        ]),
      act: notify(TRANSMIT),
      pages: 5,
    },
    'a packet in segments, of which the cable takes one': {
      bits: [F_CSUM, F_HOST_TSO4],
      prepare: (at) => {
        at.card.room = 1;
        send(at, withHeader(tcpPacket({ payload: 1800 }), TSO), [{ address: A, length: 1866 }]);
      },
      act: notify(TRANSMIT),
      pages: 4,
    },
    'a frame by an indirect table': {
      bits: [F_RING_INDIRECT_DESC],
      prepare: ({ ram, queues }) => {
        ram.bytes.set(withHeader(frame(3, 100)), A);
        queues[TRANSMIT].describe(0, { address: A, length: 50, flags: NEXT, next: 1 }, TABLE);
        queues[TRANSMIT].describe(1, { address: A + 50, length: 62 }, TABLE);
        offer(queues[TRANSMIT], 0, [{ address: TABLE, length: 32, flags: INDIRECT }]);
      },
      act: notify(TRANSMIT),
      pages: 5,
    },
    'a chain that goes round in a circle': {
      prepare: ({ queues }) => {
        queues[TRANSMIT].describe(0, { address: A, length: 10, flags: NEXT, next: 0 });
        queues[TRANSMIT].offer(0);
      },
      act: notify(TRANSMIT),
      pages: 3,
    },
    'a frame that lies partly outside of RAM': {
      prepare: (at) =>
        offer(at.queues[TRANSMIT], 0, [
          { address: A, length: 50 },
          { address: 0x1fff0, length: 100 },
        ]),
      act: notify(TRANSMIT),
      pages: 4,
    },
    'a frame received': {
      prepare: ({ queues }) => offer(queues[RECEIVE], 0, [buffer(A, 12), buffer(B, 2000)]),
      act: arrive(frame(4, 90)),
      pages: 5,
    },
    'a frame received into merged buffers': {
      bits: [F_MRG_RXBUF, F_RING_EVENT_IDX],
      prepare: ({ queues }) => {
        for (const [head, address] of [A, B, C].entries()) offer(queues[RECEIVE], head, [buffer(address, 50)]);
      },
      act: arrive(frame(5, 120)),
      pages: 6,
    },
    'joined segments received': {
      bits: [F_MRG_RXBUF, F_GUEST_CSUM, F_GUEST_TSO4],
      prepare: ({ queues }) => {
        for (const [head, address] of [A, B].entries()) offer(queues[RECEIVE], head, [buffer(address, 1500)]);
      },
      act: (at) => arrive(...Array.from(framesOf(tcpPacket({ payload: 1800 }), TSO), (one) => one.slice()))(at),
      pages: 5,
    },
    'a frame received into buffers of which one lies outside of RAM': {
      bits: [F_MRG_RXBUF],
      prepare: ({ queues }) => {
        for (const [head, address] of [A, 0x1fff0, C].entries()) offer(queues[RECEIVE], head, [buffer(address, 50)]);
      },
      act: arrive(frame(6, 120)),
      pages: 5,
    },
    'a frame for which there are not enough buffers': {
      bits: [F_MRG_RXBUF],
      prepare: ({ queues }) => offer(queues[RECEIVE], 0, [buffer(A, 50)]),
      act: arrive(frame(7, 120)),
      pages: 3,
    },
    'a command': {
      prepare: ({ ram, queues }) => {
        ram.bytes.set([1, 1], A);
        ram.bytes.set([2, 3, 4, 5, 6, 7], B);
        ram.bytes[C] = 0xee;
        offer(queues[CONTROL], 0, [{ address: A, length: 2 }, { address: B, length: 6 }, buffer(C, 1)]);
      },
      act: notify(CONTROL),
      pages: 6,
    },
    'a command that is not known': {
      prepare: ({ queues }) => offer(queues[CONTROL], 0, [{ address: A, length: 5 }, buffer(C, 0), buffer(B, 1)]),
      act: notify(CONTROL),
      pages: 4,
    },
  };

  test.each(Object.entries(scenarios))('%s', (_, { bits = [], prepare, act, pages }) => {
    const reference = stage(bits, prepare);
    const accesses = reference.ram.accesses;
    act(reference);
    expect(reference.ram.accesses, 'touched by the kick').toBe(accesses);
    reference.card.transfers.runPending();
    const expected = snapshot(reference.card);
    const needed: number[] = [];
    for (let page = 0; page < reference.ram.pages; page++) {
      const { card, ram, ...rest } = stage(bits, prepare);
      act({ card, ram, ...rest });
      ram.absent.add(page);
      const before = snapshot(card);
      card.transfers.runPending();
      if (card.transfers.awaited.length > 0) {
        expect(Math.floor(card.transfers.awaited[0] / PAGE_SIZE)).toBe(page);
        expectSame(observed(card), before);
        needed.push(page);
        ram.absent.clear();
        card.transfers.runPending();
      }
      expectSame(observed(card), expected);
    }
    expect(needed).toHaveLength(pages);
  });

  test('what was done before the absent page stays done, and is signalled', () => {
    const { card, ram, queues, registers } = stage([], ({ ram: memory, queues: [, transmit] }) => {
      for (const [head, address] of [A, B, C].entries()) {
        memory.bytes.set(withHeader(frame(head, 60)), address);
        offer(transmit, head, [{ address, length: 72 }]);
      }
    });
    ram.absent.add(B / PAGE_SIZE);
    registers.notify(TRANSMIT);
    card.transfers.runPending();
    expect(card.sent).toEqual([frame(0, 60)]);
    expect(queues[TRANSMIT].collect()).toEqual([{ id: 0, length: 0 }]);
    expect([card.irq.level, registers.interruptStatus(), card.irq.level]).toEqual([true, 1, false]);
    card.transfers.runPending();
    expect([card.sent.length, card.irq.level]).toEqual([1, false]);
    ram.absent.clear();
    card.transfers.runPending();
    expect(card.sent).toEqual([0, 1, 2].map((n) => frame(n, 60)));
    expect(queues[TRANSMIT].collect()).toHaveLength(2);
    expect(card.irq.rises).toBe(2);
  });

  test('frames wait at the cable while buffers are absent, as they do while there are none', () => {
    const [first, second] = Array.from(framesOf(tcpPacket({ payload: 1000 }), TSO), (one) => one.slice());
    const { card, ram, queues } = stage([F_MRG_RXBUF, F_GUEST_CSUM, F_GUEST_TSO4], ({ queues: [receive] }) => {
      for (const [head, address] of [A, B].entries()) offer(receive, head, [buffer(address, 1600)]);
    });
    ram.absent.add(A / PAGE_SIZE);
    expect(card.nic.receive(first)).toBe(true);
    card.transfers.runPending();
    // They would be one packet if the second had come before the first was to be put into a buffer.
    expect(card.nic.receive(second)).toBe(false);
    expect(card.nic.receive(second)).toBe(false);
    expect(queues[RECEIVE].collect()).toEqual([]);
    ram.absent.clear();
    card.transfers.runPending();
    card.arrive([second]);
    expect(queues[RECEIVE].collect()).toEqual([
      { id: 0, length: 12 + first.length },
      { id: 1, length: 12 + second.length },
    ]);
  });

  test('a reset ends the wait for a page, and the next driver finds the card as new', () => {
    const { card, ram, registers } = stage([], (at) =>
      send(at, withHeader(frame(1, 60)), [{ address: A, length: 72 }]),
    );
    ram.absent.add(A / PAGE_SIZE);
    registers.notify(TRANSMIT);
    card.transfers.runPending();
    expect(card.transfers.awaited).toEqual([A]);
    card.nic.reset();
    const accesses = ram.accesses;
    card.transfers.runPending();
    expect([card.transfers.awaited, card.sent, ram.accesses]).toEqual([[], [], accesses]);
  });
});

// ---- Against a twin whose pages are all there

type Operation =
  | { kind: 'send'; lengths: number[]; inSegments: boolean }
  | { kind: 'send nonsense'; address: number; length: number }
  | { kind: 'arrive'; lengths: number[]; ofTcp: boolean }
  | { kind: 'command'; bytes: number[] }
  | { kind: 'serve' }
  | { kind: 'room'; frames: number }
  | { kind: 'move'; after: Operation[] };

const short = fc.array(fc.integer({ min: 14, max: 400 }), { minLength: 1, maxLength: 8 });
const traffic: fc.Arbitrary<Operation>[] = [
  fc.record({ kind: fc.constant('send'), lengths: short, inSegments: fc.boolean() }),
  fc.record({ kind: fc.constant('send nonsense'), address: fc.nat(DRIVER_RAM + 5000), length: fc.nat(3000) }),
  fc.record({ kind: fc.constant('arrive'), lengths: short, ofTcp: fc.boolean() }),
];
const operation: fc.Arbitrary<Operation> = fc.oneof(
  ...traffic,
  fc.constant<Operation>({ kind: 'serve' }),
  fc.record({ kind: fc.constant('room'), frames: fc.nat(12) }),
  fc.record({
    kind: fc.constant('command'),
    bytes: fc.oneof(
      fc.array(fc.nat(255), { minLength: 6, maxLength: 6 }).map((mac) => [1, 1, ...mac]),
      fc.array(fc.nat(3), { minLength: 3, maxLength: 9 }),
    ),
  }),
  fc.record({ kind: fc.constant('move'), after: fc.array(fc.oneof(...traffic), { minLength: 1, maxLength: 3 }) }),
);

/** A driver, its card, and the vCPU between them. */
class Machine {
  readonly bits: readonly number[];
  readonly driver: NetDriver;
  card: Card;
  #numbers = 0;
  /** Of the cards before a move. */
  #counters: NicCounters = zeroCounters();

  constructor(kind: Interface, bits: readonly number[], size: number, absences?: Absences) {
    this.bits = bits;
    this.card = new Card(new GuestRam(DRIVER_RAM), absences);
    this.driver = new NetDriver(this.card, { kind, features: featureSet(...bits), size });
  }

  /** Returns what the guest learns from it. */
  perform(op: Operation): unknown {
    const { card, driver, bits } = this;
    switch (op.kind) {
      case 'command':
        return bits.includes(F_CTRL_VQ) ? driver.command(...op.bytes) : undefined;
      case 'serve':
        driver.serve();
        return undefined;
      case 'room':
        card.room = op.frames;
        card.transmitReady();
        return undefined;
      case 'move':
        card.busy = true;
        for (const one of op.after) this.#act(one);
        // It moves when it has done a part of what was asked for, or nothing.
        if (op.after.length > 1) card.tryTransfers();
        this.#counters = sum(this.#counters, card.nic.counters);
        this.card = card.moved();
        driver.moveTo(this.card);
        return undefined;
      default:
        // What is sent, or arrives, between two safe points.
        card.busy = true;
        this.#act(op);
        card.busy = false;
        card.safePoint();
        return undefined;
    }
  }

  observed(): Observed {
    const { memory, rest } = observed(this.card);
    return { memory, rest: { ...rest, counters: sum(this.#counters, this.card.nic.counters) } };
  }

  #act(op: Operation): void {
    const { card, driver, bits } = this;
    if (op.kind === 'send nonsense') driver.sendChain([op]);
    else if (op.kind === 'arrive') card.arrive(op.ofTcp ? this.#segments(op.lengths) : this.#frames(op.lengths));
    else if (op.kind === 'send' && op.inSegments && bits.includes(F_CSUM)) {
      for (const payload of op.lengths)
        driver.send(tcpPacket({ payload, id: this.#numbers++ }), { ...TSO, gsoSize: 150 });
    } else if (op.kind === 'send') for (const one of this.#frames(op.lengths)) driver.send(one);
  }

  #frames(lengths: readonly number[]): Uint8Array[] {
    return lengths.map((length) => frame(this.#numbers++, Math.max(length, 16)));
  }

  #segments(lengths: readonly number[]): Uint8Array[] {
    return lengths.flatMap((payload) =>
      Array.from(framesOf(tcpPacket({ payload, id: this.#numbers++ }), { ...TSO, gsoSize: 120 }), (one) => one.slice()),
    );
  }
}

function sum(a: NicCounters, b: NicCounters): NicCounters {
  const total = zeroCounters();
  for (const name of Object.keys(total) as (keyof NicCounters)[]) total[name] = a[name] + b[name];
  return total;
}

function offered(kind: Interface): number[] {
  const features = new Card(new GuestRam(PAGE_SIZE)).registers(kind).offered();
  return Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => hasFeature(features, bit));
}

describe.each<Interface>(['modern', 'legacy'])('a %s driver', (kind) => {
  test('sees the same as one whose pages are all there, and so does the cable', () => {
    const always = kind === 'modern' ? [F_VERSION_1] : [];
    const run = fc.record({
      bits: fc.subarray(offered(kind)).map((bits) => [...new Set([...bits, ...always])]),
      size: fc.constantFrom(8, 16, 64),
      operations: fc.array(operation, { minLength: 1, maxLength: 14 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(run, ({ bits, size, operations, seed }) => {
        const twin = new Machine(kind, bits, size);
        const machine = new Machine(kind, bits, size, randomAbsences(seed));
        for (const op of operations) {
          expect(machine.perform(op)).toEqual(twin.perform(op));
          expectSame(machine.observed(), twin.observed());
          expect(machine.driver.received.map(hex)).toEqual(twin.driver.received.map(hex));
        }
      }),
      { numRuns: 30 },
    );
  });
});
