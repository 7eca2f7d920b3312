import { beforeEach, describe, expect, test } from 'vitest';
import { GuestRam } from '../devices/virtio/testing/guest-ram.ts';
import { IoPortBus } from './port-bus.ts';
import { Transfers } from './transfers.ts';

let ram: GuestRam;
let transfers: Transfers;
let requests: number;
let order: string[];

beforeEach(() => {
  ram = new GuestRam(4 * 4096);
  requests = 0;
  transfers = new Transfers(ram, () => requests++);
  order = [];
});

/** Writes to the page, and says so. */
const writes = (name: string, page: number) => () => {
  transfers.memory.write(4096 * page, Uint8Array.of(1));
  order.push(name);
};

describe('requests', () => {
  test('nothing is done before runPending, then each once, in the order of the requests', () => {
    const [a, b] = [writes('a', 0), writes('b', 1)];
    for (const transfer of [b, a, b]) transfers.request(transfer);
    expect([order, ram.accesses, requests, transfers.due]).toEqual([[], 0, 2, true]);
    transfers.runPending();
    transfers.runPending();
    expect([order, transfers.due]).toEqual([['b', 'a'], false]);
  });

  test('what is asked for while transfers run is done the next time, unless its turn is still to come', () => {
    const [a, b] = [writes('a', 0), writes('b', 1)];
    const first = () => {
      order.push('first');
      if (order.length === 1) for (const transfer of [first, b, a]) transfers.request(transfer);
    };
    transfers.request(first);
    transfers.request(a);
    transfers.runPending();
    expect([order, transfers.due]).toEqual([['first', 'a'], true]);
    transfers.runPending();
    expect(order).toEqual(['first', 'a', 'first', 'b']);
  });

  test('after a reset nothing is left', () => {
    transfers.request(writes('a', 0));
    transfers.runPending();
    ram.absent.add(1);
    transfers.request(writes('b', 1));
    transfers.runPending();
    transfers.request(writes('c', 0));
    transfers.clear();
    ram.absent.clear();
    transfers.runPending();
    expect([order, transfers.due, transfers.awaited]).toEqual([['a'], false, []]);
  });
});

describe('absent pages', () => {
  test('a transfer that meets one is tried again at each safe point, the others go on', () => {
    ram.absent.add(2);
    const waits = writes('waits', 2);
    transfers.request(waits);
    transfers.request(writes('goes on', 1));
    transfers.runPending();
    expect([order, transfers.due, transfers.awaited]).toEqual([['goes on'], false, [0x2000]]);
    transfers.request(waits); // it is pending
    expect([requests, transfers.due]).toEqual([2, false]);
    transfers.runPending();
    transfers.request(writes('later', 1));
    ram.absent.clear();
    transfers.runPending();
    expect([order, transfers.awaited]).toEqual([['goes on', 'waits', 'later'], []]);
    transfers.runPending();
    expect(order).toHaveLength(3);
  });

  test('one that asks for itself and then meets one is pending once', () => {
    ram.absent.add(0);
    const transfer = () => {
      transfers.request(transfer);
      writes('done', 0)();
    };
    transfers.request(transfer);
    transfers.runPending();
    expect([transfers.due, transfers.awaited]).toEqual([false, [0]]);
  });

  test('any other failure is the caller’s, and closes guest memory too', () => {
    transfers.request(() => {
      throw new TypeError('x is undefined');
    });
    expect(() => transfers.runPending()).toThrow('x is undefined');
    expect(() => transfers.memory.require(0, 1)).toThrow('guest memory touched');
  });
});

test('a device that touches guest memory inside a port access fails, whatever it does there', () => {
  const ports = new IoPortBus();
  const { memory } = transfers;
  const accesses = [
    () => memory.read(0, new Uint8Array(1)),
    () => memory.write(0, new Uint8Array(1)),
    () => memory.require(0, 1),
  ];
  ports.register(0x100, accesses.length, {
    read: (port) => Number(accesses[port - 0x100]()),
    write: (port) => void accesses[port - 0x100](),
  });
  for (const port of accesses.keys()) {
    expect(() => ports.read(0x100 + port, 1)).toThrow('guest memory touched inside a port or MMIO access');
    expect(() => ports.write(0x100 + port, 1, 0)).toThrow('guest memory touched inside a port or MMIO access');
  }
  expect(ram.accesses).toBe(0);
  for (const access of accesses) transfers.request(access);
  transfers.runPending();
  expect(ram.accesses).toBeGreaterThan(0);
  expect(() => ports.read(0x100, 1)).toThrow('guest memory touched inside a port or MMIO access');
});
