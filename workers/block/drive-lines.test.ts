// A host whose block worker is behind a message port, as in a browser.

import { expect, it } from 'vitest';
import { eventually } from '../../engine/base/testing/eventually.ts';
import { DiskGuest } from '../../engine/host/testing/disk-guest.ts';
import { MediumError, ReadOnlyBackend } from '../../engine/vmkernel/block/block-backend.ts';
import { BlockStore } from '../../engine/vmkernel/block/block-store.ts';
import { createYieldTask } from '../../engine/vmkernel/shared/yield-task.ts';
import { TestChannels } from '../testing/test-channels.ts';
import { startTestHost, TEST_VM } from '../testing/test-host.ts';
import { drivesAt, serveDrives } from './drive-lines.ts';

class Unreadable extends ReadOnlyBackend {
  readonly size = 1 << 20;

  async read(): Promise<void> {
    throw new MediumError('gone', 'the file was deleted');
  }
}

it('serves a host: media, queues, problems, and the end of a host that says nothing', async () => {
  const store = new BlockStore({ yieldTask: createYieldTask(), openSource: async () => new Unreadable() });
  const { port1, port2 } = new MessageChannel();
  const gone = serveDrives(store, port2);
  const { service, platform, events } = await startTestHost(new TestChannels(), 'a', 64, {
    connectDrives: drivesAt(port1),
  });
  const guest = new DiskGuest(256);
  platform.script = Array.from({ length: 100_000 }, () => (host) => {
    const executor = platform.executors.at(-1);
    return (executor && host && guest.run(executor, host)) as 2;
  });
  const blob = new Blob([new Uint8Array(1 << 20)]);
  await service.createVm({
    ...TEST_VM,
    drives: [
      { model: 'virtio-blk', medium: { name: 'x.img', source: { kind: 'blob', blob } } },
      { model: 'virtio-blk', medium: { name: 'y.img', source: { kind: 'url', url: 'y' } } },
    ],
  });
  await service.powerOn('vm-1');
  await eventually(() => expect(guest.written).toBeGreaterThan(200));
  guest.check();
  await eventually(() => expect(guest.done).toBe(true));
  expect(guest.failures).toEqual([]);
  const refused = service.createVm({
    ...TEST_VM,
    id: 'vm-2',
    name: 'two',
    drives: [{ model: 'virtio-blk', medium: { name: 'z', source: { kind: 'bytes', bytes: new Uint8Array() } } }],
  });
  await expect(refused).rejects.toThrow('z cannot be used as a medium: it is empty.');
  expect(events.filter(({ type }) => type === 'problem')).toEqual([]);

  store.vms.get('vm-1')?.bays[1].failed(new MediumError('gone', 'the file was deleted'));
  await eventually(() =>
    expect(events).toContainEqual(expect.objectContaining({ title: 'web: y.img is not what it was' })),
  );
  await gone();
  expect([store.vms.size, store.attachments.size, store.budget.used]).toEqual([0, 0, 0]);
  await service.shutdown(true);
  port1.close();
});
