import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settled } from '../../base/testing/virtual-time.ts';
import { DOORBELL_STOP } from '../../cpu/abi/layout.ts';
import type { BlockResult } from '../../pc/bus/block.ts';
import { Doorbell } from '../shared/doorbell.ts';
import { createYieldTask } from '../shared/yield-task.ts';
import { createDiskQueue, GuestDiskQueue, SLOT_BYTES, SLOTS, type SlotRequest, WorkerDiskQueue } from './disk-queue.ts';
import { VcpuDrives } from './drive-port.ts';

const CPU = 0;
const MEDIUM = { size: 8 << 20, readOnly: false };

let buffer: SharedArrayBuffer;
let worker: WorkerDiskQueue;
let doorbell: Doorbell;
let taken: { slot: number; request: SlotRequest }[];

beforeEach(() => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  buffer = createDiskQueue();
  worker = new WorkerDiskQueue(buffer, memory, CPU);
  doorbell = new Doorbell(memory, CPU);
  taken = [];
  worker.showMedium({ count: 1, medium: MEDIUM });
  doorbell.clearStop();
});
afterEach(() => worker.close());

const run = () => worker.run((slot, request) => taken.push({ slot, request }), createYieldTask());
const rung = () => (doorbell.value & DOORBELL_STOP) !== 0;
const read = (offset: number, length = 512) => ({ kind: 'read' as const, mediumCount: 1, offset, length });

describe('the queue of a drive', () => {
  it('brings requests to a block worker that waits, in order, and answers in the order of completion', async () => {
    void run();
    await settled();
    const guest = new GuestDiskQueue(buffer);
    const slots = [0, 512, 2 ** 41].map((offset) => guest.submit(read(offset)));
    guest.ring();
    await settled();
    expect(taken.map(({ request }) => request.offset)).toEqual([0, 512, 2 ** 41]);
    expect(guest.collect()).toBeUndefined();
    expect(rung()).toBe(false);
    worker.complete(slots[2]);
    worker.complete(slots[0], 'failed');
    expect(rung()).toBe(true);
    expect(guest.collect()).toEqual({ slot: slots[2], failure: undefined });
    expect(guest.collect()).toEqual({ slot: slots[0], failure: 'failed' });
    expect(guest.collect()).toBeUndefined();
  });

  it('takes as many as it has slots, and goes round', async () => {
    void run();
    const guest = new GuestDiskQueue(buffer);
    for (let round = 0; round < 5; round++) {
      while (guest.hasRoom) guest.submit(read(round * 512));
      guest.ring();
      expect(() => guest.submit(read(0))).toThrow(RangeError);
      await settled();
      expect(taken).toHaveLength(SLOTS);
      for (const { slot } of taken.splice(0)) worker.complete(slot);
      for (let next = guest.collect(); next; next = guest.collect()) guest.free(next.slot);
    }
  });

  it('goes on when its positions pass 2^32', async () => {
    new Int32Array(buffer, 8, 4).fill(-3);
    void run();
    const guest = new GuestDiskQueue(buffer);
    for (let n = 0; n < 8; n++) {
      const slot = guest.submit(read(n * 512));
      guest.ring();
      await settled();
      expect(taken.at(-1)?.request.offset).toBe(n * 512);
      worker.complete(slot);
      guest.free(guest.collect()?.slot ?? -1);
    }
  });

  it('takes and answers nothing any more when it is closed', async () => {
    void run();
    const guest = new GuestDiskQueue(buffer);
    const slot = guest.submit(read(0));
    guest.ring();
    await settled();
    worker.close();
    guest.submit(read(512));
    worker.complete(slot);
    await settled();
    expect(taken).toHaveLength(1);
    expect([guest.collect(), rung()]).toEqual([undefined, false]);
  });
});

describe('the port of a drive', () => {
  let drives: VcpuDrives;
  let answers: BlockResult[];
  const events: string[] = [];
  const answer = (result: BlockResult) => answers.push(result.ok ? { ok: true, bytes: result.bytes.slice() } : result);

  beforeEach(() => {
    void run();
    drives = new VcpuDrives([buffer]);
    drives.connect([{ mediumChanged: () => events.push('changed'), ejectRequested: () => events.push('asked') }]);
    answers = [];
    events.length = 0;
  });

  /** Carries out all that is under way, the newest first: reads give the number of the 512 bytes that they are of. */
  async function carryOut(failure?: 'failed'): Promise<number> {
    let count = 0;
    for (await settled(); taken.length > 0; await settled()) {
      for (const { slot, request } of taken.splice(0).reverse()) {
        const data = worker.data(slot, request.kind === 'read' ? request.length : 0);
        for (let at = 0; at < data.length; at += 512) data.fill((request.offset + at) / 512, at, at + 512);
        worker.complete(slot, failure);
        count++;
      }
      drives.poll();
    }
    return count;
  }

  it('splits what is longer than a slot, queues what has no room, and puts it together again', async () => {
    const [port] = drives.ports;
    const length = SLOT_BYTES * (SLOTS + 3) + 512;
    port.submit({ kind: 'read', offset: 512, length }, answer);
    port.submit({ kind: 'read', offset: 1024, length: 512 }, answer);
    expect(answers).toEqual([]);
    expect(await carryOut()).toBe(SLOTS + 5);
    expect(answers).toHaveLength(2);
    const whole = answers.find((result) => result.ok && result.bytes.length === length);
    const numbers = whole?.ok ? whole.bytes.filter((_, n) => n % 512 === 0) : [];
    expect([...numbers]).toEqual(Array.from({ length: length / 512 }, (_, n) => (n + 1) & 0xff));
  });

  it('has the bytes of a write before submit returns, those without a slot too', async () => {
    const [port] = drives.ports;
    const bytes = new Uint8Array(SLOT_BYTES * (SLOTS + 2)).fill(7);
    port.submit({ kind: 'write', offset: 0, bytes }, answer);
    bytes.fill(0);
    let sevens = 0;
    for (await settled(); taken.length > 0; await settled()) {
      for (const { slot, request } of taken.splice(0)) {
        sevens += worker.data(slot, request.length).filter((byte) => byte === 7).length;
        worker.complete(slot);
      }
      drives.poll();
    }
    expect(sevens).toBe(bytes.length);
    expect(answers).toEqual([{ ok: true, bytes: new Uint8Array() }]);
  });

  it('answers a request that fails in one part once, and does no more of it', async () => {
    const [port] = drives.ports;
    port.submit({ kind: 'write', offset: 0, bytes: new Uint8Array(SLOT_BYTES * (SLOTS + 5)) }, answer);
    expect(await carryOut('failed')).toBe(SLOTS);
    expect(answers).toEqual([{ ok: false, failure: 'failed' }]);
  });

  it('never answers what was abandoned, and goes on', async () => {
    const [port] = drives.ports;
    for (let n = 0; n < SLOTS + 4; n++) port.submit({ kind: 'read', offset: 0, length: 512 }, answer);
    port.abandon();
    port.submit({ kind: 'flush' }, answer);
    expect(await carryOut()).toBe(SLOTS + 1);
    expect(answers).toHaveLength(1);
  });

  it('shows another medium at a safe point, and what the guest takes out at once', async () => {
    const [port] = drives.ports;
    expect([port.medium, port.mediumCount]).toEqual([MEDIUM, 1]);
    worker.showMedium({ count: 2, medium: { size: 3 * 2 ** 40, readOnly: true } });
    expect(port.mediumCount).toBe(1);
    drives.poll();
    drives.poll();
    expect(events).toEqual(['changed']);
    expect(port.medium).toEqual({ size: 3 * 2 ** 40, readOnly: true });
    port.eject();
    expect([port.medium, port.mediumCount]).toEqual([undefined, 3]);
    await settled();
    drives.poll();
    worker.showMedium({ count: 3, medium: undefined });
    await carryOut();
    expect(events).toEqual(['changed']);
    worker.showMedium({ count: 4, medium: MEDIUM });
    drives.poll();
    expect(events).toEqual(['changed', 'changed']);
  });

  it('tells the drive that the user wants the medium, and the worker that it is locked', () => {
    drives.ports[0].setLocked(true);
    expect(worker.locked).toBe(true);
    worker.requestEject();
    drives.poll();
    drives.poll();
    expect(events).toEqual(['asked']);
  });
});
