import { beforeEach, describe, expect, test } from 'vitest';
import type { FirmwareConfiguration } from '../../bus/boot.ts';
import { StateError } from '../../bus/device.ts';
import { Transfers } from '../../bus/transfers.ts';
import { TestBench } from '../testing/test-bench.ts';
import { GuestRam } from '../virtio/testing/guest-ram.ts';
import { FwCfg } from './fw-cfg.ts';

const SELECT = 0x08;
const READ = 0x02;
const SKIP = 0x04;
const WRITE = 0x10;
const DIRECTORY = 0x19;
const DESCRIPTOR = 0x2000;

const LONG = Uint8Array.from({ length: 10_000 }, (_, n) => (n * 7) & 0xff);
const FILES = new Map([
  ['etc/short', Uint8Array.of(1, 2, 3)],
  ['bootorder', LONG],
  ['etc/empty', new Uint8Array()],
]);

let bench: TestBench;
let ram: GuestRam;
let transfers: Transfers;
let device: FwCfg;
let configuration: FirmwareConfiguration;

function create(): FwCfg {
  bench = new TestBench();
  const wiring = { memoryMiB: 16, memory: transfers.memory, transfers, configuration: () => configuration };
  const created = new FwCfg(wiring);
  created.attach(bench.ports);
  return created;
}

beforeEach(() => {
  ram = new GuestRam(16 * 4096);
  transfers = new Transfers(ram);
  configuration = { uuid: new Uint8Array(16).fill(9), hasDisplay: false, bootMenu: true, files: FILES };
  device = create();
});

function item(key: number, size: number): number[] {
  bench.out(0x510, key, 2);
  return Array.from({ length: size }, () => bench.in(0x511));
}

/** As a guest writes it: in the order of the other end. */
function outBigEndian(port: number, value: number): void {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value);
  bench.out(port, view.getUint32(0, true), 4);
}

function begin(control: number, length: number, address: number, key = 0): void {
  ram.view.setUint32(DESCRIPTOR, (key << 16) | control);
  ram.view.setUint32(DESCRIPTOR + 4, length);
  ram.view.setUint32(DESCRIPTOR + 8, 0);
  ram.view.setUint32(DESCRIPTOR + 12, address);
  outBigEndian(0x514, 0);
  outBigEndian(0x518, DESCRIPTOR);
}

const answer = () => ram.view.getUint32(DESCRIPTOR);
const inRam = (address: number, length: number) => ram.bytes.slice(address, address + length);

describe('items, byte by byte', () => {
  test('tell of the machine, and are zeros behind their end and where there are none', () => {
    expect(String.fromCharCode(...item(0, 4))).toBe('QEMU');
    expect(item(1, 4)).toEqual([3, 0, 0, 0]);
    expect(item(2, 16)).toEqual(new Array(16).fill(9));
    expect(item(3, 8)).toEqual([0, 0, 0, 1, 0, 0, 0, 0]);
    expect([item(4, 2), item(5, 2), item(0x0e, 2), item(0x0f, 2)]).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
    expect([item(0x1234, 2), item(5, 4)]).toEqual([
      [0, 0],
      [1, 0, 0, 0],
    ]);
  });

  test('files are listed by name with size and item', () => {
    const bytes = Uint8Array.from(item(DIRECTORY, 4 + 3 * 64));
    const view = new DataView(bytes.buffer);
    expect(view.getUint32(0)).toBe(3);
    const entries = [0, 1, 2].map((n) => {
      const at = 4 + 64 * n;
      const name = new TextDecoder().decode(bytes.subarray(at + 8, at + 64)).replace(/\0+$/, '');
      return [name, view.getUint32(at), view.getUint16(at + 4), view.getUint16(at + 6)];
    });
    expect(entries).toEqual([
      ['bootorder', 10_000, 0x20, 0],
      ['etc/empty', 0, 0x21, 0],
      ['etc/short', 3, 0x22, 0],
    ]);
    expect(item(0x22, 4)).toEqual([1, 2, 3, 0]);
  });

  test('are asked for again after a reset', () => {
    expect(item(0x22, 1)).toEqual([1]);
    configuration = { ...configuration, hasDisplay: true, files: new Map() };
    expect(item(4, 1)).toEqual([1]);
    device.reset();
    expect([item(4, 1), item(0x22, 1)]).toEqual([[0], [0]]);
  });
});

describe('transfers', () => {
  test('say that they are there', () => {
    const bytes = [0x514, 0x515, 0x516, 0x517, 0x518, 0x519, 0x51a, 0x51b].map((port) => bench.in(port));
    expect(String.fromCharCode(...bytes)).toBe('QEMU CFG');
    expect([bench.in(0x514, 4), bench.in(0x51a, 2)]).toEqual([0x554d4551, 0x4746]);
  });

  test('are done at the next safe point, whatever the item', () => {
    begin(SELECT | READ, 10_000, 0x3801, 0x20);
    expect(answer()).toBe((0x20 << 16) | SELECT | READ);
    transfers.runPending();
    expect(answer()).toBe(0);
    expect(inRam(0x3801, 10_000)).toEqual(LONG);
    expect(transfers.due).toBe(false);
  });

  test('go on where the last one ended, skip, and are zeros behind the end', () => {
    begin(SELECT | SKIP, 9_000, 0, 0x20);
    transfers.runPending();
    expect(answer()).toBe(0);
    begin(READ, 600, 0x3000);
    transfers.runPending();
    expect(inRam(0x3000, 600)).toEqual(LONG.slice(9_000, 9_600));
    ram.bytes.fill(0xee, 0x4000, 0x5000);
    begin(READ, 500, 0x4000);
    transfers.runPending();
    expect(inRam(0x4000, 501)).toEqual(Uint8Array.of(...LONG.slice(9_600), ...new Array(100).fill(0), 0xee));
    expect(bench.in(0x511)).toBe(0);
  });

  test('may only select, and then bytes are read', () => {
    begin(SELECT, 0, 0, 0x22);
    transfers.runPending();
    expect([answer(), bench.in(0x511), bench.in(0x511)]).toEqual([0, 1, 2]);
  });

  test.each([
    ['what would write', () => begin(SELECT | WRITE, 3, 0x3000, 0x22)],
    ['where no RAM is', () => begin(SELECT | READ, 3, 0xf0000000, 0x22)],
    ['across the end of RAM', () => begin(SELECT | READ, 5000, 15 * 4096, 0x20)],
  ])('answer an error to %s', (_, act) => {
    act();
    transfers.runPending();
    expect(answer()).toBe(1);
    begin(SELECT | READ, 3, 0x3000, 0x22);
    transfers.runPending();
    expect([answer(), ...inRam(0x3000, 3)]).toEqual([0, 1, 2, 3]);
  });

  test('of a descriptor beyond RAM or 4 GiB are none', () => {
    const before = ram.bytes.slice();
    outBigEndian(0x518, 0xfffffff8);
    transfers.runPending();
    outBigEndian(0x514, 1);
    outBigEndian(0x518, DESCRIPTOR);
    transfers.runPending();
    expect(ram.bytes).toEqual(before);
    expect(transfers.due).toBe(false);
  });

  test('of 4 GiB take their time, some at each safe point, and end', () => {
    begin(SELECT | READ, 0xffffffff, 0, 0x20);
    transfers.runPending();
    expect(answer()).toBe(1); // RAM ends
    begin(SELECT | SKIP, 0xffffffff, 0, 0x20);
    transfers.runPending();
    expect(answer()).toBe(0);

    ram = new GuestRam(1024 * 1024);
    transfers = new Transfers(ram);
    device = create();
    begin(SELECT | READ, 100 * 4096, 0x4000, 0x20);
    transfers.runPending();
    expect([answer() !== 0, transfers.due]).toEqual([true, true]);
    transfers.runPending();
    expect([answer(), transfers.due]).toEqual([0, false]);
    expect(inRam(0x4000, 10_000)).toEqual(LONG);
  });

  test('wait for absent pages, each unit done once', () => {
    begin(SELECT | SKIP, 1000, 0, 0x20);
    transfers.runPending();
    for (const page of [2, 4, 5]) ram.absent.add(page);
    // It does not select, so a unit that was done twice would read on.
    begin(READ, 9000, 0x3800);
    for (const page of [2, 4, 5]) {
      transfers.runPending();
      expect([answer() !== 0, transfers.awaited]).toEqual([true, [page === 2 ? DESCRIPTOR : page * 4096]]);
      ram.absent.delete(page);
    }
    // The descriptor goes away again before the answer.
    ram.absent.add(2);
    transfers.runPending();
    expect([answer() !== 0, transfers.awaited]).toEqual([true, [DESCRIPTOR]]);
    ram.absent.clear();
    transfers.runPending();
    expect(answer()).toBe(0);
    expect(inRam(0x3800, 9000)).toEqual(LONG.slice(1000));
  });
});

describe('the saved form', () => {
  test('carries the item and how far it was read', () => {
    bench.out(0x510, 3, 2);
    bench.in(0x511);
    const state = structuredClone(device.save());
    device.reset();
    expect(bench.in(0x511)).toBe('Q'.charCodeAt(0));
    device.restore(state);
    expect([bench.in(0x511), bench.in(0x511), bench.in(0x511)]).toEqual([0, 0, 1]);
  });

  test('carries a transfer in each of its stages', () => {
    for (const absent of [2, 4, 5]) {
      ram = new GuestRam(16 * 4096);
      transfers = new Transfers(ram);
      device = create();
      ram.absent.add(absent);
      begin(SELECT | READ, 10_000, 0x3800, 0x20);
      transfers.runPending();
      const state = structuredClone(device.save());
      transfers = new Transfers(ram);
      device = create();
      device.restore(state);
      ram.absent.clear();
      transfers.runPending();
      expect(answer()).toBe(0);
      expect(inRam(0x3800, 10_000)).toEqual(LONG);
    }
  });

  test('carries half an address', () => {
    outBigEndian(0x514, 1);
    const state = structuredClone(device.save());
    device = create();
    device.restore(state);
    ram.view.setUint32(DESCRIPTOR, SELECT);
    outBigEndian(0x518, DESCRIPTOR);
    transfers.runPending();
    expect(answer()).toBe(SELECT);
  });

  test('of the first version had no transfers; of others is none', () => {
    device.restore({ version: 1, selected: 3, position: 3 } as never);
    expect(bench.in(0x511)).toBe(1);
    expect(() => device.restore({ ...device.save(), version: 3 } as never)).toThrow(StateError);
  });
});

test('a guest that writes anything anywhere does no harm', () => {
  let seed = 12;
  const random = (limit: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % limit;
  };
  for (let n = 0; n < 3000; n++) {
    if (random(3) === 0) ram.view.setUint32(4 * random(ram.bytes.length / 4), random(2 ** 24) * 256);
    const size = [1, 2, 4][random(3)];
    const port = 0x510 + random(2) * 4 + random(8);
    if (random(4) === 0) bench.in(port, size);
    else bench.out(port, random(2) ? random(2 ** 24) : random(0x40) << 8, size);
    if (random(4) === 0) transfers.runPending();
  }
  device.restore(structuredClone(device.save()));
  device.reset();
  expect(String.fromCharCode(...item(0, 4))).toBe('QEMU');
});
