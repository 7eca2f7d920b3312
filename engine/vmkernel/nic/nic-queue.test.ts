import { afterEach, beforeEach, expect, test } from 'vitest';
import { settled } from '../../base/testing/virtual-time.ts';
import { DOORBELL_STOP } from '../../cpu/abi/layout.ts';
import { MAXIMUM_FRAME } from '../../pc/bus/nic.ts';
import { Doorbell } from '../shared/doorbell.ts';
import { createYieldTask } from '../shared/yield-task.ts';
import { createNicQueue, GuestNicQueue, HostNicQueue, type NicListener } from './nic-queue.ts';

const CPU = 0;

let guest: GuestNicQueue;
let host: HostNicQueue;
let doorbell: Doorbell;
let arrived: Uint8Array[];
let addresses: string[];
const listener: NicListener = {
  onFrame: (frame) => arrived.push(frame),
  onAddress: (mac) => addresses.push(mac.join(':')),
};

beforeEach(() => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const buffer = createNicQueue();
  guest = new GuestNicQueue(buffer);
  host = new HostNicQueue(buffer, memory, CPU);
  doorbell = new Doorbell(memory, CPU);
  arrived = [];
  addresses = [];
});

afterEach(() => host.close(listener));

const rung = () => (doorbell.value & DOORBELL_STOP) !== 0;
const frame = (fill: number, length = 60) => new Uint8Array(length).fill(fill);

function received(): number[] {
  const fills: number[] = [];
  guest.receive((bytes) => fills.push(bytes[0]) > 0);
  return fills;
}

test('frames from the guest reach a host that waits, as copies', async () => {
  void host.run(listener, createYieldTask());
  expect(guest.transmit(frame(1))).toBe(true);
  expect(guest.transmit(frame(2))).toBe(true);
  await settled();
  expect(arrived).toEqual([frame(1), frame(2)]);
  expect(arrived[0].buffer).toBeInstanceOf(ArrayBuffer);
  guest.transmit(frame(3));
  await settled();
  expect(arrived).toHaveLength(3);
});

test('more frames than one batch all arrive, and other tasks have their turn meanwhile', async () => {
  for (let i = 0; i < 1500; i++) expect(guest.transmit(frame(i & 0xff))).toBe(true);
  const otherTasks: number[] = [];
  void host.run(listener, (task) => {
    otherTasks.push(arrived.length);
    createYieldTask()(task);
  });
  expect(arrived.length).toBeLessThan(1500);
  while (arrived.length < 1500) await settled();
  expect(otherTasks).toEqual([256, 512, 768, 1024, 1280]);
  expect(arrived.map((bytes) => bytes[0])).toEqual(Array.from({ length: 1500 }, (_, i) => i & 0xff));
});

test('a guest that waits is rung once; a busy one is not', () => {
  host.deliver(frame(1));
  expect(rung()).toBe(false);
  expect(received()).toEqual([1]);
  host.deliver(frame(2));
  expect(rung()).toBe(true);
  doorbell.clearStop();
  host.deliver(frame(3));
  expect(rung()).toBe(false);
  expect(received()).toEqual([2, 3]);
});

test('a refused frame is offered again', () => {
  host.deliver(frame(1));
  guest.receive(() => false);
  expect(received()).toEqual([1]);
});

test('a guest that does not keep up loses frames, which are counted', () => {
  let delivered = 0;
  while (host.deliver(frame(1, 1500)) && delivered < 1000) delivered++;
  expect(delivered).toBeGreaterThan(150);
  expect(host.dropped).toBe(1);
  expect(received()).toHaveLength(delivered);
  expect(host.deliver(frame(2))).toBe(true);
  expect(host.deliver(frame(0, MAXIMUM_FRAME + 1))).toBe(false);
});

test('a guest that finds its ring full is rung when there is room again', async () => {
  while (guest.transmit(frame(1, 1500)));
  expect(guest.transmitReady).toBe(false);
  expect(rung()).toBe(false);
  void host.run(listener, createYieldTask());
  while (!rung()) await settled();
  expect(rung()).toBe(true);
  expect(guest.transmitReady).toBe(true);
});

test('closing hands over what was sent, and ends the run', async () => {
  const run = host.run(listener, createYieldTask());
  await settled();
  guest.transmit(frame(9));
  host.close(listener);
  expect(arrived).toEqual([frame(9)]);
  await run;
});

test('an address that the guest sets reaches a host that waits, before the frames that follow', async () => {
  void host.run(listener, createYieldTask());
  await settled();
  guest.setAddress(Uint8Array.of(2, 0, 0, 0xff, 0xfe, 9));
  await settled();
  expect(addresses).toEqual(['2:0:0:255:254:9']);
  guest.transmit(frame(1));
  await settled();
  expect(addresses).toHaveLength(1);
});
