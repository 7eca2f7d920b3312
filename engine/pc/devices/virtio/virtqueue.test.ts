import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Chain } from './descriptor-chain.ts';
import { DriverQueue, INDIRECT, NEXT, WRITE } from './testing/driver-queue.ts';
import { GuestRam } from './testing/guest-ram.ts';
import { Virtqueue } from './virtqueue.ts';

const SIZE = 8;
const RAM = 64 * 1024;
const DATA = 0x8000;

let ram: GuestRam;
let driver: DriverQueue;
let queue: Virtqueue;

beforeEach(() => {
  ram = new GuestRam(RAM);
  driver = new DriverQueue(ram, 0x1000, SIZE);
  queue = new Virtqueue(ram, SIZE);
  Object.assign(queue.addresses, {
    descriptors: driver.descriptors,
    available: driver.available,
    used: driver.used,
  });
  queue.enabled = true;
});

function taken(): Chain {
  const chain = queue.take();
  if (!chain || 'malformed' in chain) throw new Error('no good chain');
  return chain;
}

describe('chains', () => {
  test('readable and writable parts, in order', () => {
    driver.describe(3, { address: DATA, length: 12, flags: NEXT, next: 1 });
    driver.describe(1, { address: DATA + 100, length: 60, flags: NEXT, next: 7 });
    driver.describe(7, { address: DATA + 200, length: 5, flags: WRITE });
    driver.offer(3);
    expect(taken()).toEqual({
      head: 3,
      readable: [
        { address: DATA, length: 12 },
        { address: DATA + 100, length: 60 },
      ],
      readableBytes: 72,
      writable: [{ address: DATA + 200, length: 5 }],
      writableBytes: 5,
    });
    expect(queue.take()).toBeUndefined();
  });

  test('an indirect table, also after direct descriptors', () => {
    const table = 0x9000;
    driver.describe(0, { address: DATA, length: 2, flags: NEXT, next: 1 });
    driver.describe(1, { address: table, length: 32, flags: INDIRECT });
    driver.describe(0, { address: DATA + 2, length: 3, flags: NEXT, next: 1 }, table);
    driver.describe(1, { address: DATA + 5, length: 4, flags: WRITE }, table);
    driver.offer(0);
    expect(taken()).toMatchObject({ readableBytes: 5, writableBytes: 4 });
  });

  test.each([
    ['a loop', [{ address: DATA, length: 1, flags: NEXT, next: 0 }]],
    ['an index out of range', [{ address: DATA, length: 1, flags: NEXT, next: SIZE }]],
    [
      'readable after writable',
      [
        { address: DATA, length: 1, flags: WRITE | NEXT, next: 1 },
        { address: DATA, length: 1 },
      ],
    ],
    ['an indirect table of no whole entries', [{ address: DATA, length: 17, flags: INDIRECT }]],
    ['an empty indirect table', [{ address: DATA, length: 0, flags: INDIRECT }]],
    ['an indirect table longer than the queue', [{ address: DATA, length: 16 * (SIZE + 1), flags: INDIRECT }]],
    ['an indirect table outside of RAM', [{ address: RAM, length: 16, flags: INDIRECT }]],
    ['an indirect table that goes on', [{ address: DATA, length: 16, flags: INDIRECT | NEXT, next: 1 }]],
  ])('%s is malformed, and its head can be given back', (_, descriptors) => {
    for (const [i, descriptor] of descriptors.entries()) driver.describe(i, descriptor);
    driver.offer(0);
    expect(queue.take()).toEqual({ head: 0, malformed: true });
    queue.complete(0, 0);
    expect(driver.collect()).toEqual([{ id: 0, length: 0 }]);
    expect(queue.broken).toBe(false);
  });

  test('an indirect table in an indirect table is malformed', () => {
    driver.describe(0, { address: 0x9000, length: 16, flags: INDIRECT });
    driver.describe(0, { address: 0xa000, length: 16, flags: INDIRECT }, 0x9000);
    driver.offer(0);
    expect(queue.take()).toEqual({ head: 0, malformed: true });
  });

  test('what was put back is taken again', () => {
    for (const head of [4, 5]) {
      driver.describe(head, { address: DATA, length: head });
      driver.offer(head);
    }
    taken();
    taken();
    queue.putBack(2);
    expect([taken().head, taken().head]).toEqual([4, 5]);
  });
});

describe('rings', () => {
  test('indices go round at the size of the ring and at 65536', () => {
    driver.describe(2, { address: DATA, length: 1 });
    let wrong = 0;
    for (let i = 0; i < 65536 + 20; i++) {
      driver.offer(2);
      queue.complete(taken().head, i);
      const [entry, ...more] = driver.collect();
      if (entry?.id !== 2 || entry.length !== i || more.length > 0) wrong++;
    }
    expect(wrong).toBe(0);
  });

  test('more available than the ring can hold breaks the queue', () => {
    driver.availableIndex = SIZE + 1;
    expect(queue.take()).toBeUndefined();
    expect(queue.broken).toBe(true);
    driver.availableIndex = 1;
    expect(queue.take()).toBeUndefined();
    queue.reset();
    expect(queue.broken).toBe(false);
  });

  test('a ring outside of RAM breaks the queue', () => {
    queue.addresses.available = RAM - 1;
    queue.begin();
    expect(queue.take()).toBeUndefined();
    expect(queue.broken).toBe(true);
  });

  test('only sizes that are powers of two and not above the maximum are taken', () => {
    for (const size of [0, 3, 16, 65535]) queue.size = size;
    expect(queue.size).toBe(SIZE);
    queue.size = 4;
    expect(queue.size).toBe(4);
  });

  test('goes on where it was, after saving and restoring', () => {
    driver.describe(0, { address: DATA, length: 1 });
    driver.offer(0);
    driver.offer(0);
    queue.complete(taken().head, 0);
    const other = new Virtqueue(ram, SIZE);
    other.restore(structuredClone(queue.save()));
    expect(other.take()).toMatchObject({ head: 0 });
    expect(other.take()).toBeUndefined();
    other.complete(0, 7);
    expect(driver.collect()).toEqual([
      { id: 0, length: 0 },
      { id: 0, length: 7 },
    ]);
  });
});

describe('notification', () => {
  /** A session in which a device takes what there is, up to `most` chains. Is an interrupt due at its end? */
  function session(most = Number.POSITIVE_INFINITY): boolean {
    queue.begin();
    for (let n = 0; n < most; n++) {
      const chain = queue.take();
      if (!chain) break;
      queue.complete(chain.head, 0);
    }
    return queue.end();
  }

  function offer(count: number): void {
    driver.describe(0, { address: DATA, length: 1 });
    for (let i = 0; i < count; i++) driver.offer(0);
  }

  test('without event index, flags say what each side wants', () => {
    offer(2);
    expect(session(1)).toBe(true);
    expect(driver.usedFlags).toBe(1); // the device left one, and comes back for it
    expect(session(0)).toBe(false);
    driver.availableFlags = 1;
    expect(session()).toBe(false);
    expect(driver.usedFlags).toBe(0); // it has found none
  });

  test('with event index, an interrupt is due when the index passes the event', () => {
    queue.eventIndex = true;
    driver.usedEvent = 2;
    const due = [2, 1, 1].map((count) => {
      offer(count);
      return session();
    });
    expect(due).toEqual([false, true, false]);
  });

  test('with event index, who finds the queue empty has asked for the next chain', () => {
    queue.eventIndex = true;
    offer(3);
    session(3);
    expect(driver.availableEvent).toBe(0);
    session();
    expect(driver.availableEvent).toBe(3);
  });

  test('a device that takes some, wants more and puts them back has asked for more', () => {
    for (const eventIndex of [false, true]) {
      queue.reset();
      Object.assign(queue.addresses, {
        descriptors: driver.descriptors,
        available: driver.available,
        used: driver.used,
      });
      queue.enabled = true;
      queue.eventIndex = eventIndex;
      driver.availableIndex = 0;
      offer(1);
      queue.begin();
      taken();
      expect(queue.take()).toBeUndefined();
      queue.putBack(1);
      queue.end();
      if (eventIndex) expect(driver.availableEvent).toBe(1);
      else expect(driver.usedFlags).toBe(0);
    }
  });

  test('what the driver adds while it is asked to notify is seen', () => {
    queue.eventIndex = true;
    const write = ram.write.bind(ram);
    ram.write = (address, bytes) => {
      // The other side acts in the middle: the event is about to be published.
      if (address === driver.used + 4 + 8 * SIZE && driver.availableIndex === 0) offer(1);
      return write(address, bytes);
    };
    queue.begin();
    expect(queue.take()).toMatchObject({ head: 0 });
  });
});

test('whatever lies in the rings and tables, it comes to an end and throws nothing', () => {
  const descriptor = fc.record({
    address: fc.oneof(fc.nat(RAM), fc.constant(0x9000), fc.double({ min: 0, max: 2 ** 64, noNaN: true })),
    length: fc.oneof(fc.nat(64), fc.constant(0xffffffff), fc.nat(RAM)),
    flags: fc.nat(7),
    next: fc.oneof(fc.nat(SIZE), fc.nat(0xffff)),
  });
  fc.assert(
    fc.property(
      fc.array(descriptor, { maxLength: SIZE }),
      fc.array(descriptor, { maxLength: SIZE }),
      fc.array(fc.nat(0xffff), { maxLength: SIZE }),
      fc.nat(0xffff),
      (direct, indirect, heads, index) => {
        ram.bytes.fill(0);
        queue.reset();
        Object.assign(queue.addresses, {
          descriptors: driver.descriptors,
          available: driver.available,
          used: driver.used,
        });
        queue.enabled = true;
        for (const [i, entry] of direct.entries()) driver.describe(i, entry);
        for (const [i, entry] of indirect.entries()) driver.describe(i, entry, 0x9000);
        for (const head of heads) driver.offer(head);
        if (index % 4 === 0) driver.availableIndex = index;
        let count = 0;
        for (let chain = queue.take(); chain; chain = queue.take()) {
          if (!('malformed' in chain))
            expect(chain.readable.length + chain.writable.length).toBeLessThanOrEqual(2 * SIZE);
          queue.complete(chain.head, 0);
          count++;
        }
        expect(count).toBeLessThanOrEqual(SIZE);
      },
    ),
  );
});
