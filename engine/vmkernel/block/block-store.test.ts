// The block worker from the side of guests and hosts: what is answered, in which order, to whom a disk belongs.

import { beforeEach, describe, expect, it } from 'vitest';
import { deferred } from '../../base/deferred.ts';
import { settled } from '../../base/testing/virtual-time.ts';
import type { BlockFailure, BlockRequest, BlockResult } from '../../pc/bus/block.ts';
import { createYieldTask } from '../shared/yield-task.ts';
import type { MediumSpec } from '../spec/spec.ts';
import { type BlockBackend, MediumError } from './block-backend.ts';
import { BlockStore } from './block-store.ts';
import { createDiskQueue, DiskQueueView } from './disk-queue.ts';
import { VcpuDrives } from './drive-port.ts';
import type { DriveProblem, DriveStore } from './drive-store.ts';
import { CLUSTER_BYTES } from './overlay.ts';
import { OverlayBudget } from './overlay-budget.ts';

const SIZE = 4 * CLUSTER_BYTES;
const VM = { id: 'vm', name: 'web1' };
const disk = (length = SIZE): MediumSpec => ({
  name: 'disk.img',
  source: { kind: 'bytes', bytes: new Uint8Array(length).fill(1) },
});
const path: MediumSpec = { name: 'disk.img', source: { kind: 'path', path: 'disk.img' } };

/** A file that does everything when the test says so. */
class SlowFile implements BlockBackend {
  readonly size = SIZE;
  readonly readOnly = false;
  readonly overlayBytes = 0;
  readonly bytes = new Uint8Array(SIZE);
  readonly log: string[] = [];
  failure: MediumError | undefined;
  /** Holds up what begins. */
  gate: Promise<void> = Promise.resolve();

  async read(offset: number, into: Uint8Array) {
    this.log.push(`read ${offset}`);
    await this.gate;
    if (this.failure) throw this.failure;
    into.set(this.bytes.subarray(offset, offset + into.length));
  }

  async write(offset: number, bytes: Uint8Array, begin: () => Promise<void>) {
    await begin();
    this.log.push(`write ${offset}`);
    await this.gate;
    this.bytes.set(bytes, offset);
    this.log.push(`written ${offset}`);
  }

  async writeZeroes() {}
  async discard() {}

  async flush(begin: () => Promise<void>) {
    await begin();
    this.log.push('flush');
  }

  async close() {
    this.log.push('close');
  }
}

let file: SlowFile;
let store: BlockStore;
let host: DriveStore;
let problems: DriveProblem[];

beforeEach(() => {
  file = new SlowFile();
  problems = [];
  store = newStore(new OverlayBudget());
  host = store.connect((problem) => problems.push(problem));
});

function newStore(budget: OverlayBudget): BlockStore {
  return new BlockStore({ openSource: async () => file, yieldTask: createYieldTask(), budget });
}

class Guest {
  readonly queue = createDiskQueue();
  readonly view = new DiskQueueView(this.queue);
  #drives: VcpuDrives | undefined;
  readonly done: (BlockFailure | 'ok')[] = [];
  readonly name: string;
  readonly host: DriveStore;

  constructor(name: string, host: DriveStore) {
    this.name = name;
    this.host = host;
  }

  async attach(medium: MediumSpec, vm = VM): Promise<this> {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    await this.host.attach({ attachment: this.name, vm, media: [medium], queues: [this.queue], memory, cpu: 0 });
    this.#drives = new VcpuDrives([this.queue]);
    return this;
  }

  async start(medium: MediumSpec): Promise<this> {
    await this.attach(medium);
    await this.host.activate(this.name);
    return this;
  }

  get port() {
    if (!this.#drives) throw new Error('not attached');
    return this.#drives.ports[0];
  }

  ask(request: BlockRequest): void {
    this.port.submit(request, (result) => this.done.push(result.ok ? 'ok' : result.failure));
  }

  async wait(): Promise<(BlockFailure | 'ok')[]> {
    for (let n = 0; n < 6; n++) {
      await settled();
      this.#drives?.poll();
    }
    return this.done.splice(0);
  }

  async read(offset: number, length = 512): Promise<number | BlockFailure | undefined> {
    let result: BlockResult | undefined;
    let first: number | undefined;
    this.port.submit({ kind: 'read', offset, length }, (answer) => {
      result = answer;
      if (answer.ok) first = answer.bytes[0];
    });
    await this.wait();
    return result?.ok === false ? result.failure : first;
  }
}

const write = (offset: number, fill: number, length = 512): BlockRequest => ({
  kind: 'write',
  offset,
  bytes: new Uint8Array(length).fill(fill),
});

describe('requests', () => {
  it('that overlap are done in order, others together; a flush comes after all before it', async () => {
    const guest = await new Guest('a', host).start(path);
    const gate = deferred<void>();
    file.gate = gate.promise;
    guest.ask(write(0, 1));
    guest.ask(write(0, 2));
    guest.ask(write(512, 3));
    guest.ask({ kind: 'read', offset: 0, length: 1024 });
    guest.ask({ kind: 'flush' });
    expect(await guest.wait()).toEqual([]);
    expect(file.log).toEqual(['write 0', 'write 512']);
    gate.resolve();
    expect(await guest.wait()).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
    expect(file.log.filter((line) => /0/.test(line))).toEqual([
      'write 0',
      'written 0',
      'write 0',
      'written 0',
      'read 0',
    ]);
    expect(file.log.at(-1)).toBe('flush');
    expect(file.bytes[0]).toBe(2);
  });

  it('of a drive that was reset do not come after those that follow', async () => {
    const guest = await new Guest('a', host).start(path);
    const gate = deferred<void>();
    file.gate = gate.promise;
    guest.ask(write(0, 1));
    await guest.wait();
    guest.port.abandon();
    file.gate = Promise.resolve();
    guest.ask(write(0, 2));
    await guest.wait();
    gate.resolve();
    expect(await guest.wait()).toEqual(['ok']);
    expect(file.bytes[0]).toBe(2);
  });

  it('are refused outside of the medium, on one that is read-only, and without one', async () => {
    const guest = await new Guest('a', host).start({ ...disk(), readOnly: true });
    guest.ask({ kind: 'read', offset: SIZE, length: 512 });
    guest.ask(write(0, 1));
    guest.ask({ kind: 'discard', offset: 0, length: 512 });
    expect(await guest.wait()).toEqual(['out-of-range', 'read-only', 'read-only']);
    await host.eject('vm', 0, false);
    guest.ask({ kind: 'read', offset: 0, length: 512 });
    expect(await guest.wait()).toEqual(['gone']);
  });

  it('are counted, and what the overlay takes is shown', async () => {
    const guest = await new Guest('a', host).start(disk());
    guest.ask(write(0, 5, 1024));
    await guest.wait();
    expect(await guest.read(0)).toBe(5);
    expect(await guest.read(SIZE)).toBe('out-of-range');
    const expected = { reads: 1, writes: 1, bytesRead: 512, bytesWritten: 1024, errors: 1 };
    expect(guest.view.figures).toEqual({ ...expected, overlayBytes: CLUSTER_BYTES });
  });
});

describe('a medium that is not what it was', () => {
  it('gives the guest errors and the user one message; others go on', async () => {
    const guest = await new Guest('a', host).start(path);
    const other = await new Guest('b', host).attach(disk(), { id: 'other', name: 'web2' });
    await host.activate('b');
    file.failure = new MediumError('gone', 'the file was deleted');
    expect(await guest.read(0)).toBe('gone');
    expect(await guest.read(512)).toBe('gone');
    expect(await other.read(0)).toBe(1);
    expect(problems).toEqual([
      {
        vmId: 'vm',
        title: 'web1: disk.img is not what it was',
        detail: expect.stringMatching(/^The file was deleted\. The guest gets errors from this drive/),
      },
    ]);
  });
});

describe('a move inside the tab', () => {
  it('hands the disk over with all that was written; what had not begun is done at one end only', async () => {
    const source = await new Guest('a', host).start(disk());
    source.ask(write(0, 2));
    await source.wait();
    const other = store.connect(() => {});
    const target = await new Guest('b', other).attach({ name: 'disk.img', source: { kind: 'held', tab: 'tab' } });
    expect(await host.hold('a')).toEqual([{ mediumCount: 2 }]);
    source.ask(write(512, 9));
    target.ask(write(1024, 3));
    expect([await source.wait(), await target.wait()]).toEqual([[], []]);
    await other.accept('b', [{ mediumCount: 2 }]);
    await other.activate('b');
    await host.detach('a');
    await host.leave('vm');
    expect(await target.wait()).toEqual(['ok']);
    expect([await target.read(0), await target.read(512), await target.read(1024)]).toEqual([2, 1, 3]);
    await expect(host.resume('a')).rejects.toThrow('detached');
    // The source's host is gone; the VM is the other's.
    await host.close();
    expect(await target.read(0)).toBe(2);
  });

  it('that fails lets the source go on, and the target can have it no more', async () => {
    const source = await new Guest('a', host).start(disk());
    const other = store.connect(() => {});
    const target = await new Guest('b', other).attach(disk());
    await host.hold('a');
    source.ask(write(0, 4));
    target.ask(write(0, 8));
    expect(await source.wait()).toEqual([]);
    await host.resume('a');
    expect(await source.wait()).toEqual(['ok']);
    await expect(other.activate('b')).rejects.toThrow('runs elsewhere');
    await other.detach('b');
    expect(await target.wait()).toEqual([]);
    expect(await source.read(0)).toBe(4);
  });

  it('waits for a write that has begun, and takes the disk from a source that has died', async () => {
    const source = await new Guest('a', host).start(path);
    const gate = deferred<void>();
    file.gate = gate.promise;
    source.ask(write(0, 1));
    await source.wait();
    const target = await new Guest(
      'b',
      store.connect(() => {}),
    ).attach(path);
    let active = false;
    const activation = target.host.activate('b').then(() => {
      active = true;
    });
    target.ask(write(0, 2));
    await target.wait();
    expect([active, file.log]).toEqual([false, ['write 0']]);
    gate.resolve();
    await activation;
    source.ask(write(0, 3));
    expect([await target.wait(), await source.wait()]).toEqual([['ok'], ['ok']]);
    expect(file.bytes[0]).toBe(2);
  });
});

describe('media', () => {
  it('are put in and taken out while requests are under way: those of the one before fail', async () => {
    const guest = await new Guest('a', host).start(path);
    const gate = deferred<void>();
    file.gate = gate.promise;
    guest.ask({ kind: 'read', offset: 0, length: 512 });
    guest.ask(write(0, 1));
    await guest.wait();
    const inserted = host.insert('vm', 0, disk(700));
    await settled();
    expect(guest.view.mediumState).toEqual({ count: 3, medium: { size: 1024, readOnly: false } });
    guest.ask(write(0, 7));
    gate.resolve();
    expect(await inserted).toEqual({ size: 1024, readOnly: false });
    expect(await guest.wait()).toEqual(['ok', 'gone', 'gone']);
    expect(file.log.at(-1)).toBe('close');
    expect(await guest.read(0)).toBe(1);
    expect(problems).toEqual([]);
  });

  it('that the guest has locked are asked for, and taken by force', async () => {
    const guest = await new Guest('a', host).start(disk());
    guest.port.setLocked(true);
    expect(await host.eject('vm', 0, false)).toBe(false);
    expect(guest.view.mediumState.medium).toBeDefined();
    expect(await host.eject('vm', 0, true)).toBe(true);
    await guest.wait();
    expect(guest.port.medium).toBeUndefined();
  });

  it('are taken out by the guest, after what it had asked for; one that the user put in meanwhile stays', async () => {
    const guest = await new Guest('a', host).start(disk());
    guest.ask(write(0, 3));
    guest.port.eject();
    await host.insert('vm', 0, disk(1024));
    await guest.wait();
    expect(guest.port.medium).toEqual({ size: 1024, readOnly: false });
    guest.port.eject();
    expect(guest.port.medium).toBeUndefined();
    await guest.wait();
    expect(guest.view.mediumState).toEqual({ count: guest.port.mediumCount, medium: undefined });
  });

  it.each([
    [disk(0), 'disk.img cannot be used as a medium: it is empty'],
    [{ ...disk(), source: { kind: 'held', tab: 't' } } as MediumSpec, "disk.img is not in this tab's memory"],
  ])('refuses %j', async (medium, reason) => {
    await expect(host.register(VM, [undefined, medium])).rejects.toThrow(reason);
    expect(await host.register(VM, [disk(), undefined])).toEqual([{ size: SIZE, readOnly: false }, undefined]);
    await expect(host.register(VM, [disk()])).rejects.toThrow('in this tab already');
  });
});

it('a full store holds writes up, tells the user once, and goes on when a VM is deleted', async () => {
  const budget = new OverlayBudget(2 * CLUSTER_BYTES);
  store = newStore(budget);
  host = store.connect((problem) => problems.push(problem));
  const first = await new Guest('a', host).start(disk());
  first.ask(write(0, 2, 2 * CLUSTER_BYTES));
  await first.wait();
  const second = await new Guest('b', host).attach(disk(), { id: 'other', name: 'web2' });
  await host.activate('b');
  second.ask(write(0, 3));
  second.ask(write(CLUSTER_BYTES, 3));
  expect(await second.wait()).toEqual([]);
  expect(await second.read(2 * CLUSTER_BYTES)).toBe(1);
  expect(problems.map(({ title }) => title)).toEqual(['web2: disk.img waits for memory']);
  await host.detach('a');
  await host.remove('vm');
  expect(await second.wait()).toEqual(['ok', 'ok']);
  await host.close();
  expect(budget.used).toBe(0);
});
