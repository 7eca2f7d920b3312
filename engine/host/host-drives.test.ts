// Drives of a host's VMs as a console sees them, and disks of VMs that move inside the tab.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestChannels } from '../../workers/testing/test-channels.ts';
import { startTestHost, TEST_VM, type TestHost } from '../../workers/testing/test-host.ts';
import { eventually } from '../base/testing/eventually.ts';
import { type Begin, type BlockBackend, MediumError } from '../vmkernel/block/block-backend.ts';
import { BlockStore } from '../vmkernel/block/block-store.ts';
import type { ConnectDrives } from '../vmkernel/block/drive-store.ts';
import { BytesBackend } from '../vmkernel/block/memory-backends.ts';
import { createYieldTask } from '../vmkernel/shared/yield-task.ts';
import type { MediumSpec, VmSpec } from './api.ts';
import { DiskGuest } from './testing/disk-guest.ts';

const SIZE = 1 << 20;
const BLOCKS = SIZE / 4096;

const bytes = (length = SIZE): MediumSpec => ({
  name: 'disk.img',
  source: { kind: 'bytes', bytes: new Uint8Array(length) },
});
const vm = (medium: MediumSpec | undefined, model = 'virtio-blk'): VmSpec => ({
  ...TEST_VM,
  drives: [{ model, ...(medium && { medium }) }],
});

/** A file that takes its time, one that vanishes when the test says so. */
class SlowFile implements BlockBackend {
  readonly size = SIZE;
  readonly readOnly = false;
  readonly overlayBytes = 0;
  readonly #bytes = new Uint8Array(SIZE);
  gone = false;

  async read(offset: number, into: Uint8Array): Promise<void> {
    await this.#pass();
    into.set(this.#bytes.subarray(offset, offset + into.length));
  }

  async write(offset: number, data: Uint8Array, begin: Begin): Promise<void> {
    await this.#pass();
    await begin();
    const half = data.length / 2;
    this.#bytes.set(data.subarray(0, half), offset);
    await this.#pass();
    this.#bytes.set(data.subarray(half), offset + half);
  }

  async writeZeroes(): Promise<void> {}
  async discard(): Promise<void> {}
  async flush(begin: Begin): Promise<void> {
    await begin();
  }
  async close(): Promise<void> {}

  async #pass(): Promise<void> {
    for (let n = Math.random() * 4; n > 0; n--) await new Promise((resolve) => setImmediate(resolve));
    if (this.gone) throw new MediumError('gone', 'the file was deleted');
  }
}

let channels: TestChannels;
let store: BlockStore;
let file: SlowFile;
const started: TestHost[] = [];

beforeEach(() => {
  channels = new TestChannels();
  file = new SlowFile();
  store = newStore();
});
afterEach(async () => {
  await Promise.allSettled(started.splice(0).map(({ service }) => service.shutdown(true)));
});

function newStore(): BlockStore {
  return new BlockStore({
    yieldTask: createYieldTask(),
    openSource: async ({ kind }) => (kind === 'url' ? new BytesBackend(new Uint8Array(SIZE).fill(7)) : file),
  });
}

async function startHost(
  id: string,
  tabId = 'tab',
  connectDrives: ConnectDrives = (tell) => store.connect(tell),
): Promise<TestHost> {
  const host = await startTestHost(channels, id, 64, { tabId, connectDrives });
  started.push(host);
  return host;
}

/** The guest's program on each CPU of the host's from now on. */
function runGuest({ platform }: TestHost, guest: DiskGuest): void {
  const before = platform.executors.length;
  platform.script = Array.from({ length: 100_000 }, () => (host) => {
    const executor = platform.executors.at(-1);
    if (!executor || !host || platform.executors.length === before) throw new Error('no CPU');
    return guest.run(executor, host) as 2;
  });
}

const drivesOf = async ({ service }: TestHost) => (await service.status()).vms[0]?.drives;

describe('a VM with drives', () => {
  it('shows what they are; its specification says of their media where they are held', async () => {
    const host = await startHost('a');
    await host.service.createVm(vm(bytes(1000)));
    const [status] = (await host.service.status()).vms;
    expect(status.drives).toEqual([
      expect.objectContaining({
        model: 'virtio-blk',
        medium: { name: 'disk.img', size: 1024, readOnly: false },
        locked: false,
        overlayBytes: 0,
      }),
    ]);
    const medium = { name: 'disk.img', size: 1024, readOnly: false, tab: 'tab' };
    expect(status.spec.drives).toEqual([{ model: 'virtio-blk', medium }]);
  });

  it('keeps what it has written over a power-off, and loses it when it is deleted', async () => {
    const host = await startHost('a');
    const guest = new DiskGuest(BLOCKS);
    runGuest(host, guest);
    await host.service.createVm(vm(bytes()));
    await host.service.powerOn('vm-1');
    await eventually(() => expect(guest.written).toBeGreaterThan(100));
    await host.service.powerOff('vm-1');
    const [drive] = (await drivesOf(host)) ?? [];
    expect(drive.overlayBytes).toBeGreaterThan(0);
    expect(drive.writes).toBeGreaterThan(0);
    const again = new DiskGuest(BLOCKS);
    for (const [block, number] of guest.expected) again.expected.set(block, number);
    again.check();
    runGuest(host, again);
    await host.service.powerOn('vm-1');
    await eventually(() => expect(again.done).toBe(true));
    // What was under way when the plug was pulled may have been written.
    expect(again.failures.length).toBeLessThanOrEqual(12);
    await host.service.powerOff('vm-1');
    await host.service.deleteVm('vm-1');
    expect(store.budget.used).toBe(0);
  });

  it('is refused without a place for its media, with one that is not there, and with drives that there are not', async () => {
    const host = await startHost('a');
    const create = (spec: VmSpec) => host.service.createVm(spec);
    await expect(create(vm(bytes(0)))).rejects.toThrow('it is empty');
    await expect(create(vm(bytes(), 'tape'))).rejects.toThrow('its model must be one of');
    const held = { name: 'disk.img', source: { kind: 'held', tab: 'tab' } } as const;
    await expect(create(vm(held))).rejects.toThrow("not in this tab's memory");
    const { service } = await startTestHost(channels, 'b');
    await expect(service.createVm(vm(bytes()))).rejects.toThrow('nothing to keep their contents in');
    await service.shutdown(true);
    expect((await host.service.status()).vms).toEqual([]);
    await create(vm(bytes()));
  });

  it('whose file vanishes gets errors, the user one message, and the VM runs on', async () => {
    const host = await startHost('a');
    const guest = new DiskGuest(BLOCKS);
    runGuest(host, guest);
    await host.service.createVm(vm({ name: 'disk.img', source: { kind: 'path', path: 'disk.img' } }));
    await host.service.powerOn('vm-1');
    await eventually(() => expect(guest.written).toBeGreaterThan(50));
    file.gone = true;
    await eventually(() => expect(guest.failures.length).toBeGreaterThan(20));
    expect(guest.failures[0]).toMatch(/^status 1 of/);
    const problems = host.events.filter(({ type }) => type === 'problem');
    expect(problems).toEqual([expect.objectContaining({ title: 'web: disk.img is not what it was' })]);
    expect((await host.service.status()).vms[0].power).toBe('running');
  });

  it('has media in disks that are changed only while it is off', async () => {
    const host = await startHost('a');
    await host.service.createVm(vm(bytes()));
    await host.service.insertMedium('vm-1', 0, { ...bytes(1024), name: 'other.img' });
    expect((await drivesOf(host))?.[0].medium).toEqual({ name: 'other.img', size: 1024, readOnly: false });
    expect(await host.service.ejectMedium('vm-1', 0, false)).toBe(true);
    expect((await drivesOf(host))?.[0].medium).toBeUndefined();
    await host.service.powerOn('vm-1');
    await expect(host.service.insertMedium('vm-1', 0, bytes())).rejects.toThrow('only while web is off');
    await expect(host.service.insertMedium('vm-1', 0, undefined as never)).rejects.toThrow('only while web is off');
    await expect(host.service.ejectMedium('vm-1', 1, true)).rejects.toThrow('has no such drive');
  });
});

describe('a VM that moves', () => {
  it.each<[string, MediumSpec]>([
    ['an overlay', bytes()],
    ['a slow file', { name: 'disk.img', source: { kind: 'path', path: 'disk.img' } }],
  ])('to and fro inside the tab keeps every byte of its disk, with writes under way: %s', async (_, medium) => {
    const [a, b] = [await startHost('a'), await startHost('b')];
    const guest = new DiskGuest(BLOCKS);
    runGuest(a, guest);
    runGuest(b, guest);
    await a.service.createVm(vm(medium));
    await a.service.powerOn('vm-1');
    for (let move = 0; move < 6; move++) {
      const before = guest.written;
      await eventually(() => expect(guest.written).toBeGreaterThan(before + 100));
      const [from, to] = move % 2 === 0 ? [a, b] : [b, a];
      await from.service.migrate('vm-1', to === a ? 'a' : 'b', { downtimeLimitMs: 60_000 });
    }
    guest.check();
    await eventually(() => expect(guest.done).toBe(true));
    expect(guest.failures).toEqual([]);
    expect(guest.checked).toBe(guest.expected.size);
    const [drive] = (await drivesOf(a)) ?? [];
    expect(drive).toMatchObject({ errors: 0, medium: { name: 'disk.img', size: SIZE } });
    expect(drive.writes).toBeGreaterThan(600);
    await b.service.shutdown(true);
    expect((await drivesOf(a))?.[0].writes).toBeGreaterThan(600);
  });

  it('that stays after all goes on with its disk', async () => {
    const a = await startHost('a');
    // The target fails when the source has stopped and the disk is held.
    const failing: ConnectDrives = (tell) =>
      Object.assign(store.connect(tell), {
        accept: async () => {
          throw new Error('The target fails.');
        },
      });
    await startHost('b', 'tab', failing);
    const guest = new DiskGuest(BLOCKS);
    runGuest(a, guest);
    await a.service.createVm(vm(bytes()));
    await a.service.powerOn('vm-1');
    await eventually(() => expect(guest.written).toBeGreaterThan(100));
    for (let n = 0; n < 3; n++) {
      const moving = a.service.migrate('vm-1', 'b', { downtimeLimitMs: 60_000 });
      await expect(moving).rejects.toThrow('web stays on a: The target fails.');
    }
    const before = guest.written;
    await eventually(() => expect(guest.written).toBeGreaterThan(before + 100));
    guest.check();
    await eventually(() => expect(guest.done).toBe(true));
    expect(guest.failures).toEqual([]);
  });

  it('when it is off has its disk at the other host, which the first no longer needs', async () => {
    const [a, b] = [await startHost('a'), await startHost('b')];
    const guest = new DiskGuest(BLOCKS);
    runGuest(b, guest);
    await a.service.createVm(vm(bytes()));
    // Hosts that have just been started do not know each other yet.
    await eventually(() => a.service.migrate('vm-1', 'b'));
    await a.service.shutdown(true);
    await b.service.powerOn('vm-1');
    await eventually(() => expect(guest.written).toBeGreaterThan(100));
    expect(guest.failures).toEqual([]);
  });

  it('stays in its tab with what it has in that tab’s memory, and says so before it is asked to', async () => {
    const elsewhere = newStore();
    const a = await startHost('a');
    const far = await startHost('far', 'other', (tell) => elsewhere.connect(tell));
    await a.service.createVm(vm(bytes()));
    const [{ spec }] = (await a.service.status()).vms;
    const reason = 'web’s disk disk.img lies in the memory of another browser tab';
    expect(await far.service.admission(spec)).toContain(reason);
    await eventually(() => expect(a.service.migrate('vm-1', 'far')).rejects.toThrow(reason));
    const cd = { model: 'ide-cd', properties: { bus: 1, unit: 0 }, medium: { name: 'cd.iso', source: bytes().source } };
    await a.service.createVm({ ...vm(bytes()), id: 'vm-2', name: 'db', drives: [cd] });
    const withCd = 'db’s medium cd.iso lies in the memory of another browser tab: until it is ejected, ';
    expect(await far.service.admission((await a.service.status()).vms[1].spec)).toContain(withCd);
    await a.service.deleteVm('vm-2');
    await a.service.powerOn('vm-1');
    await expect(a.service.migrate('vm-1', 'far')).rejects.toThrow(reason);
    expect((await a.service.status()).vms).toMatchObject([{ power: 'running' }]);
  });

  it('goes to any tab with an empty drive, which is there then', async () => {
    const elsewhere = newStore();
    const a = await startHost('a');
    const far = await startHost('far', 'other', (tell) => elsewhere.connect(tell));
    await a.service.createVm({ ...vm(undefined), drives: [{ model: 'ide-cd', properties: { bus: 1, unit: 0 } }] });
    await a.service.powerOn('vm-1');
    await eventually(() => a.service.migrate('vm-1', 'far'));
    await far.service.insertMedium('vm-1', 0, { ...bytes(), name: 'cd.iso' });
    expect((await far.service.status()).vms).toMatchObject([{ drives: [{ medium: { name: 'cd.iso' } }] }]);
    expect(store.vms.size).toBe(0);
  });

  it('goes to any tab with a medium that is only read, from an URL', async () => {
    const elsewhere = newStore();
    const a = await startHost('a');
    const far = await startHost('far', 'other', (tell) => elsewhere.connect(tell));
    const guest = new DiskGuest(BLOCKS);
    for (let block = 0; block < BLOCKS; block++) guest.expected.set(block, 0x07070707);
    guest.check();
    runGuest(far, guest);
    const medium = { name: 'cd.iso', source: { kind: 'url', url: 'cd.iso' }, readOnly: true } as const;
    await a.service.createVm(vm(medium));
    await a.service.powerOn('vm-1');
    await a.service.migrate('vm-1', 'far');
    await eventually(() => expect(guest.done).toBe(true));
    expect([guest.failures, guest.checked]).toEqual([[], BLOCKS]);
    expect(store.vms.size).toBe(0);
  });
});
