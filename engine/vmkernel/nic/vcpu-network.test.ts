import { beforeEach, expect, test } from 'vitest';
import { type Nic, zeroCounters } from '../../pc/bus/nic.ts';
import { createNicQueue, HostNicQueue } from './nic-queue.ts';
import { VcpuNetwork } from './vcpu-network.ts';

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });

/** A card that takes frames while it has room. */
class FakeNic implements Nic {
  readonly name = 'fake';
  readonly counters = zeroCounters();
  readonly taken: number[] = [];
  room = Number.POSITIVE_INFINITY;
  sendAgain = 0;

  receive(frame: Uint8Array): boolean {
    if (this.taken.length >= this.room) return false;
    this.taken.push(frame[0]);
    return true;
  }

  transmitReady(): void {
    this.sendAgain++;
  }

  reset(): void {}
  save(): unknown {
    return {};
  }
  restore(): void {}
}

function build() {
  const queue = createNicQueue();
  const network = new VcpuNetwork([queue]);
  const [port] = network.cables;
  const nic = new FakeNic();
  network.connect([nic]);
  return { network, port, nic, host: new HostNicQueue(queue, memory, 0) };
}

let side: ReturnType<typeof build>;
beforeEach(() => {
  side = build();
});

const frame = (fill: number, length = 60) => new Uint8Array(length).fill(fill);

test('what has arrived reaches the card at the next safe point, or when the card has room again', () => {
  const { network, nic, host, port } = side;
  for (const fill of [1, 2, 3]) host.deliver(frame(fill));
  nic.room = 2;
  network.poll();
  expect(nic.taken).toEqual([1, 2]);
  nic.room = 3;
  port.receiveReady();
  expect(nic.taken).toEqual([1, 2, 3]);
});

test('a card that was refused is told when there is room on the cable', () => {
  const { network, nic, host, port } = side;
  while (port.transmit(frame(1, 1500)));
  network.poll();
  expect(nic.sendAgain).toBe(0);
  host.close({ onFrame() {}, onAddress() {} });
  network.poll();
  network.poll();
  expect(nic.sendAgain).toBe(1);
});

test('what had arrived moves with the VM, and comes before what arrives there', () => {
  const { network, nic, host } = side;
  nic.room = 1;
  for (const fill of [1, 2, 3]) host.deliver(frame(fill));
  network.poll();
  const saved = structuredClone(network.save());
  const target = build();
  target.network.restore(saved);
  target.host.deliver(frame(4));
  target.network.poll();
  expect(target.nic.taken).toEqual([2, 3, 4]);
});

test('a VM that stays after all loses nothing by having been saved', () => {
  const { network, nic, host } = side;
  host.deliver(frame(1));
  network.save();
  host.deliver(frame(2));
  network.save();
  network.poll();
  expect(nic.taken).toEqual([1, 2]);
});

test('the host knows what the card has dropped by itself', () => {
  const { network, nic, host } = side;
  expect(host.cardDrops).toEqual({ runts: 0, oversize: 0, malformed: 0, unwanted: 0 });
  Object.assign(nic.counters, { runts: 1, oversize: 2, malformed: 3, unwanted: 4, filtered: 5, transmitted: 6 });
  network.poll();
  expect(host.cardDrops).toEqual({ runts: 1, oversize: 2, malformed: 3, unwanted: 4 });
});
