import { afterEach, describe, expect, it, vi } from 'vitest';
import { TestChannels } from '../../workers/testing/test-channels.ts';
import { startTestHost, TEST_VM, type TestHost } from '../../workers/testing/test-host.ts';
import { tinyKernel } from '../../workers/testing/tiny-kernel.ts';
import { eventually } from '../base/testing/eventually.ts';
import { EXIT_HALT, EXIT_STOP } from '../cpu/abi/layout.ts';
import type { DeviceSpec } from '../pc/bus/device-model.ts';
import { vmOutline } from '../vmkernel/spec/vm-outline.ts';
import type { Step } from '../vmkernel/testing/scripted-executor.ts';
import { SerialHistory } from '../vmkernel/vm/serial-history.ts';
import type { VmSpec } from './api.ts';
import type { HostOptions, HostService } from './host-service.ts';
import { serialCalls } from './serial-calls.ts';

const COM1 = 0x3f8;

const prints =
  (message: string): Step =>
  (host) => {
    for (const byte of new TextEncoder().encode(message)) host!.portWrite(COM1, 1, byte);
    return EXIT_HALT;
  };

const started: HostService[] = [];
afterEach(async () => {
  await Promise.allSettled(started.splice(0).map((service) => service.shutdown(true)));
});

async function startHost(
  channels: TestChannels,
  id: string,
  memoryMiB?: number,
  options?: Partial<HostOptions>,
): Promise<TestHost> {
  const host = await startTestHost(channels, id, memoryMiB, options);
  started.push(host.service);
  return host;
}

const printed = async (service: HostService) =>
  new TextDecoder().decode((await service.readSerial('vm-1', 0, 65536)).bytes);

describe('HostService', () => {
  it('runs a VM: creates, starts, tells what it prints, stops and deletes it', async () => {
    const { service, platform, events } = await startHost(new TestChannels(), 'a');
    platform.script = [prints('hello')];
    await service.createVm(TEST_VM);
    expect((await service.status()).vms).toMatchObject([{ id: 'vm-1', power: 'off', hostId: 'a', memoryMiB: 16 }]);
    await service.powerOn('vm-1');
    await eventually(async () => expect(await printed(service)).toBe('hello'));
    expect(await service.readSerial('vm-1', 2, 2)).toMatchObject({ position: 2, bytes: { length: 2 }, end: 5 });
    await expect(service.readSerial('vm-1', -1, 1)).rejects.toThrow('whole number');
    await expect(service.readSerial('vm-1', 0, 1e6)).rejects.toThrow('1 to 65536 bytes');
    const { vms, memoryUsedMiB, memoryFreeMiB } = await service.status();
    expect(vms[0].power).toBe('running');
    expect(memoryUsedMiB).toBeGreaterThan(16);
    expect(memoryUsedMiB + memoryFreeMiB).toBeCloseTo(64 - 1 / 16);
    await expect(service.deleteVm('vm-1')).rejects.toThrow('Power it off first');
    await service.powerOff('vm-1');
    await service.deleteVm('vm-1');
    expect((await service.status()).vms).toEqual([]);
    expect(events.some((event) => event.type === 'status' && event.status.vms[0]?.power === 'starting')).toBe(true);
  });

  it('keeps what each output printed, the figures of a run that ended, and the value that it ended with', async () => {
    const { service, platform, events } = await startHost(new TestChannels(), 'a');
    platform.script = [
      (host) => {
        host!.portWrite(0xe9, 1, 0x21);
        host!.portWrite(0xf4, 1, 3);
        return EXIT_STOP;
      },
    ];
    const devices: DeviceSpec[] = [
      { model: 'isa-debug-exit', properties: { iobase: 0xf4, iosize: 4 } },
      { model: 'isa-debugcon', properties: { chardev: 'codes' } },
    ];
    await service.createVm({ ...TEST_VM, devices });
    const port = { postMessage: vi.fn() };
    service.events.add(port);
    const { readSerial } = serialCalls(service, port);
    expect(await readSerial('vm-1', undefined, 10, 'codes')).toEqual({ position: 0, bytes: new Uint8Array(), end: 0 });
    await expect(readSerial('vm-1', 0, 10, 'nothing')).rejects.toThrow('web has no output of that name');
    await service.powerOn('vm-1');
    await eventually(async () => expect((await service.status()).vms[0].power).toBe('off'));
    expect(port.postMessage).toHaveBeenCalledWith({ event: { type: 'serial', vmId: 'vm-1', channel: 'codes' } });
    expect(await readSerial('vm-1', 0, 10, 'codes')).toEqual({ position: 0, bytes: Uint8Array.of(0x21), end: 1 });
    expect(events).toContainEqual(expect.objectContaining({ event: expect.objectContaining({ value: 3 }) }));
    expect((await service.status()).vms[0].lastRun).toMatchObject({ instructions: expect.any(Number) });
    const input = new Uint8Array(1);
    await expect(service.serialInput('vm-1', input, { port: 4 })).rejects.toThrow('from 0 to 3');
  });

  it('does at a guest’s end what its owner has said', async () => {
    const guestEnds = { onGuestReset: 'power-off' } as const;
    const { service, platform } = await startHost(new TestChannels(), 'a', undefined, { guestEnds });
    platform.script = [
      (host) => {
        host!.portWrite(0x64, 1, 0xfe);
        return EXIT_STOP;
      },
    ];
    await service.createVm(TEST_VM);
    await service.powerOn('vm-1');
    await eventually(async () => expect((await service.status()).vms[0].power).toBe('off'));
  });

  it('tells of a running VM’s regions and their code', async () => {
    const { service } = await startHost(new TestChannels(), 'a');
    await service.createVm(TEST_VM);
    await expect(service.regions('vm-1', 30)).rejects.toThrow('web is not running here');
    await service.powerOn('vm-1');
    await eventually(async () => expect((await service.regions('vm-1', 1)).live).toBeGreaterThan(0));
    const { regions } = await service.regions('vm-1', 1);
    expect(regions).toMatchObject([{ id: 1, linear: 0xc0100000 }]);
    expect(await service.regionCode('vm-1', 1)).toMatchObject({ id: 1 });
    await expect(service.regionCode('vm-1', 1e6)).rejects.toThrow('This region of web is no more');
    await expect(service.regions('vm-1', 201)).rejects.toThrow('1 to 200 regions');
    await expect(service.regions('nobody', 1)).rejects.toThrow('There is no such VM');
  });

  it('says what is wrong where something is', async () => {
    const { service } = await startHost(new TestChannels(), 'a');
    await expect(service.createVm({ ...TEST_VM, memoryMiB: 0 })).rejects.toThrow('memory is a whole number');
    await expect(service.powerOn('vm-1')).rejects.toThrow('There is no such VM');
    expect(await service.admission({ ...TEST_VM, memoryMiB: 32 })).toBeUndefined();
    expect(await service.admission({ ...TEST_VM, memoryMiB: 100 })).toMatch(/^needs 110 MiB, 63 MiB free$/);

    await service.createVm(TEST_VM);
    await expect(service.createVm(TEST_VM)).rejects.toThrow('web is on this host already.');
    await service.createVm({ ...TEST_VM, id: 'big', name: 'big', memoryMiB: 40 });
    await service.powerOn('vm-1');
    await expect(service.powerOn('big')).rejects.toThrow('big cannot start: needs 50 MiB, 38 MiB free');
    await service.powerOff('vm-1');
    const kernel = { kind: 'bytes' as const, name: 'text', bytes: new Uint8Array(600) };
    await service.createVm({ ...TEST_VM, id: 'bad', name: 'bad', kernel });
    await expect(service.powerOn('bad')).rejects.toThrow('bad cannot start: The kernel is not a bzImage');
    await service.createVm({ ...TEST_VM, id: 'gone', name: 'gone', kernel: { kind: 'url', url: 'nowhere' } });
    await expect(service.powerOn('gone')).rejects.toThrow('The image nowhere is missing');
    expect((await service.status()).vms.every((vm) => vm.power === 'off')).toBe(true);
    await expect(service.setLink({ bandwidthMbits: -1, latencyMs: 0, loss: 0, jitterMs: 0 })).rejects.toThrow();
    await expect(service.cancelMigration('vm-1')).rejects.toThrow('not migrating');
  });

  it('creates no VM that could never be: by name, by DNS name, by size', async () => {
    const { service } = await startHost(new TestChannels(), 'a');
    await service.createVm(TEST_VM);
    const create = (change: Partial<typeof TEST_VM>) => service.createVm({ ...TEST_VM, id: 'other', ...change });
    await expect(create({ name: 'WEB' })).rejects.toThrow('Not created: There is already a VM named web.');
    await expect(create({ name: ' web! ' })).rejects.toThrow('Not created: In DNS it would be web');
    await expect(create({ name: 'x'.repeat(5000) })).rejects.toThrow('at most 63 characters');
    await expect(create({ name: 'big', memoryMiB: 100 })).rejects.toThrow(
      'Not created: a can never hold big: needs 110 MiB, 63 MiB in all.',
    );
    expect((await service.status()).vms.map((vm) => vm.name)).toEqual(['web']);
  });

  it('gives every reason against a VM alike to consoles, at creation and at the target of a migration', async () => {
    const channels = new TestChannels();
    const [{ service: a }, { service: b }] = [await startHost(channels, 'a'), await startHost(channels, 'b')];
    await a.createVm(TEST_VM);
    const nic = { model: 'virtio-net', mac: '52:54:00:00:00:01', portGroup: 'Staging' };
    const cases: [Partial<VmSpec>, string][] = [
      [{}, 'web is on this host already'],
      [{ id: 'other' }, 'There is already a VM named web'],
      [{ id: 'other', name: 'web!' }, 'In DNS it would be web, as the VM web is'],
      [{ id: 'other', name: 'new', nics: [nic] }, 'there is no port group Staging'],
      [{ id: 'other', name: 'new', memoryMiB: -5 }, "A VM's memory is a whole number of MiB from 4 to 3072"],
      [
        { id: 'other', name: 'new', devices: [{ model: 'quantum' }] },
        'new cannot have the devices that it asks for: there is no device "quantum"',
      ],
    ];
    for (const [change, reason] of cases) {
      const spec = { ...TEST_VM, ...change };
      expect(await a.admission(spec)).toBe(reason);
      expect(await a.admission(spec, 'register')).toBe(reason);
      await expect(a.createVm(spec)).rejects.toThrow(`${reason}.`);
    }
    const large = { ...TEST_VM, id: 'large', name: 'large', memoryMiB: 40, firmware: { sizeKiB: 16_384 } };
    expect(await a.admission(large)).toBe('needs 66 MiB, 63 MiB free');
    expect(await a.admission(large, 'register')).toBe('a can never hold large: needs 66 MiB, 63 MiB in all');
    expect(await a.admission(vmOutline(TEST_VM))).toBe('web is on this host already');
    // The same words at the target of a migration.
    await b.createVm({ ...TEST_VM, id: 'other' });
    await vi.waitFor(() =>
      expect(a.migrate('vm-1', 'b')).rejects.toThrow('web stays on a: There is already a VM named web'),
    );
    const [{ spec }] = (await a.status()).vms;
    expect(spec).toEqual(vmOutline(TEST_VM));
    expect(await b.admission(spec)).toBe('There is already a VM named web');
  });

  it('starts no host that the others would not accept, and tells them nothing of it', async () => {
    const channels = new TestChannels();
    const { service, events } = await startHost(channels, 'a');
    await expect(startTestHost(channels, 'b', 3.5)).rejects.toThrow('whole number of MiB from 16 to 4095');
    await expect(startTestHost(channels, 'x'.repeat(5000))).rejects.toThrow('at most 63 characters');
    const link = { bandwidthMbits: 1e-9, latencyMs: 0, loss: 0, jitterMs: 0 };
    const spec = { id: 'c', name: 'c', memoryMiB: 64, link };
    await expect(startTestHost(channels, 'c', 64, { spec })).rejects.toThrow('bandwidthMbits is a number');
    await expect(service.setLink(link)).rejects.toThrow('bandwidthMbits is a number');
    expect(events.filter((event) => event.type === 'problem')).toEqual([]);
  });

  it('counts what a migration sends and receives, on both hosts', async () => {
    const channels = new TestChannels();
    const [a, b] = [await startHost(channels, 'a'), await startHost(channels, 'b')];
    await a.service.createVm(TEST_VM);
    await a.service.powerOn('vm-1');
    await eventually(() => expect(a.service.migrate('vm-1', 'b')).resolves.toMatchObject({ stage: 'completed' }));
    const [from, to] = [await a.service.status(), await b.service.status()];
    expect(from.network.uplink.migrations.sentBytes).toBeGreaterThan(1000);
    expect(to.network.uplink.migrations.receivedBytes).toBeGreaterThan(1000);
    expect(from.network.uplink.migrations.receivedBytes).toBe(0);
    expect(to.vms[0]).toMatchObject({ cpuReady: 0, power: 'running' });
    expect(to.cores).toBe(2);
  });

  it('powers off a VM that waits for its images, and starts it when they come', async () => {
    let answer = (_bytes: Uint8Array) => {};
    const aborted: boolean[] = [];
    const fetchImage = (_source: unknown, signal?: AbortSignal) =>
      new Promise<Uint8Array>((resolve) => {
        signal?.addEventListener('abort', () => aborted.push(true));
        answer = resolve;
      });
    const { service } = await startTestHost(new TestChannels(), 'a', 64, { fetchImage });
    started.push(service);
    await service.createVm(TEST_VM);
    const start = service.powerOn('vm-1').catch((error: Error) => error.message);
    await eventually(async () => expect((await service.status()).vms[0].power).toBe('starting'));
    await service.powerOff('vm-1');
    expect(await start).toBe('web was powered off while it was starting.');
    expect(aborted).toEqual([true]);
    expect(await service.status()).toMatchObject({ vms: [{ power: 'off' }], memoryUsedMiB: 0 });

    const again = service.powerOn('vm-1');
    answer(tinyKernel());
    await again;
    // A reset whose images do not come leaves the guest running, and the VM can be powered off.
    const reset = service.reset('vm-1');
    expect((await service.status()).vms[0].power).toBe('running');
    await service.powerOff('vm-1');
    answer(tinyKernel());
    await reset;
    expect(aborted).toEqual([true, true]);
    expect(await service.status()).toMatchObject({ vms: [{ power: 'off' }], memoryUsedMiB: 0 });
  });

  it('shows a VM whose worker died as crashed, and starts it again; the host and its other VMs go on', async () => {
    const { service, platform, events } = await startHost(new TestChannels(), 'a');
    await service.createVm({ ...TEST_VM, id: 'vm-2', name: 'other' });
    await service.powerOn('vm-2');
    await service.createVm(TEST_VM);
    await service.powerOn('vm-1');
    platform.kill('out of memory');
    const failed = "the engine failed at EIP 0x00100000, when its vCPU's worker ended";
    const { vms } = await service.status();
    expect(vms.find(({ id }) => id === 'vm-1')).toMatchObject({
      power: 'crashed',
      crash: { reason: `${failed} (out of memory)` },
    });
    expect(events).toContainEqual({
      type: 'problem',
      vmId: 'vm-1',
      title: `web has stopped: ${failed}`,
      detail: 'Technical detail: out of memory',
    });
    const other = platform.executors[0];
    const runs = other.calls.length;
    other.script.push(() => EXIT_HALT);
    await service.serialInput('vm-2', Uint8Array.of(65));
    await service.reset('vm-2');
    await eventually(() => expect(other.calls.length).toBeGreaterThan(runs));
    await service.deleteVm('vm-1');
    expect((await service.status()).vms.map(({ power }) => power)).toEqual(['running']);
    await service.createVm(TEST_VM);
    await service.powerOn('vm-1');
    expect((await service.status()).vms.map(({ power }) => power)).toEqual(['running', 'running']);
  });

  it('survives what goes wrong in its own part of a VM: that VM stops', async () => {
    const { service, platform, events } = await startHost(new TestChannels(), 'a');
    platform.script = [
      (host) => {
        host!.portWrite(0x3f8, 1, 65);
        return EXIT_HALT;
      },
    ];
    vi.spyOn(SerialHistory.prototype, 'append').mockImplementationOnce(() => {
      throw new TypeError('x is undefined');
    });
    await service.createVm(TEST_VM);
    await service.powerOn('vm-1');
    await eventually(async () => expect((await service.status()).vms[0].power).toBe('crashed'));
    const problem = events.find((event) => event.type === 'problem');
    expect(problem).toMatchObject({ detail: 'Technical detail: TypeError: x is undefined' });
    await service.powerOn('vm-1');
    expect((await service.status()).vms[0].power).toBe('running');
  });

  it('refuses to shut down while VMs run, unless forced', async () => {
    const { service } = await startHost(new TestChannels(), 'a');
    await service.createVm(TEST_VM);
    await service.powerOn('vm-1');
    await expect(service.shutdown(false)).rejects.toThrow('a still runs web');
    await service.shutdown(true);
    expect((await service.status()).vms).toEqual([]);
  });

  it('migrates a running VM to another host', async () => {
    const channels = new TestChannels();
    const a = await startHost(channels, 'a');
    const b = await startHost(channels, 'b');
    a.platform.script = [prints('one ')];
    b.platform.script = [prints('two')];
    await a.service.createVm(TEST_VM);
    await a.service.powerOn('vm-1');
    await eventually(async () => expect(await printed(a.service)).toBe('one '));
    const statistics = await a.service.migrate('vm-1', 'b');
    await eventually(async () => expect(await printed(b.service)).toBe('one two'));

    expect(statistics).toMatchObject({ stage: 'completed', sourceHostId: 'a', targetHostId: 'b', totalPages: 4096 });
    expect(statistics.zeroPages).toBeGreaterThan(4000);
    expect(statistics.normalPages).toBeGreaterThan(3);
    expect(statistics.downtimeMs).toBeGreaterThan(0);
    expect((await a.service.status()).vms).toEqual([]);
    expect((await a.service.status()).memoryUsedMiB).toBe(0);
    expect((await b.service.status()).vms).toMatchObject([{ id: 'vm-1', power: 'running', hostId: 'b' }]);
    const stages = a.events.flatMap((event) => (event.type === 'migration' ? [event.statistics.stage] : []));
    expect([...new Set(stages)]).toEqual([
      'preflight',
      'reservation',
      'precopy',
      'stop-and-copy',
      'commit',
      'activate',
      'completed',
    ]);
  });

  it('a guest that resets itself in a long round starts again at once, at the source', async () => {
    const channels = new TestChannels();
    const code = new Uint8Array(4 << 20).fill(0xf4);
    const a = await startHost(channels, 'a', 64, { fetchImage: async () => tinyKernel(code) });
    await startHost(channels, 'b');
    // Its image takes three seconds.
    await a.service.setLink({ bandwidthMbits: 10, latencyMs: 0, loss: 0, jitterMs: 0 });
    await a.service.createVm({ ...TEST_VM, kernel: { kind: 'url', url: 'large' } });
    await a.service.powerOn('vm-1');
    const moved = a.service.migrate('vm-1', 'b').catch((error: Error) => error);
    await eventually(() =>
      expect(a.events.some((event) => event.type === 'migration' && event.statistics.stage === 'precopy')).toBe(true),
    );
    a.platform.executors[0].script.push((host) => {
      host!.portWrite(0xcf9, 1, 6);
      return EXIT_STOP;
    }, prints('again'));
    await a.service.serialInput('vm-1', Uint8Array.of(65));

    expect(((await moved) as Error).message).toBe('web stays on a: web has reset itself.');
    await eventually(async () => expect(await printed(a.service)).toBe('again'));
    expect((await a.service.status()).vms).toMatchObject([{ id: 'vm-1', power: 'running' }]);
    const { rounds } = a.events.flatMap((event) => (event.type === 'migration' ? [event.statistics] : [])).pop()!;
    expect(rounds).toEqual([]);
  });

  it('moves a VM that is off: one host has it, off, and it starts there', async () => {
    const channels = new TestChannels();
    const a = await startHost(channels, 'a');
    const b = await startHost(channels, 'b');
    await a.service.createVm(TEST_VM);
    // As soon as the two know each other.
    const statistics = await eventually(() => a.service.migrate('vm-1', 'b'));
    expect(statistics).toMatchObject({ stage: 'completed', totalPages: 0, rounds: [] });
    expect(statistics.downtimeMs).toBeUndefined();
    expect((await a.service.status()).vms).toEqual([]);
    await eventually(async () =>
      expect(await b.service.status()).toMatchObject({ vms: [{ power: 'off', hostId: 'b' }], memoryUsedMiB: 0 }),
    );
    await b.service.powerOn('vm-1');
    expect((await b.service.status()).vms[0].power).toBe('running');
    await b.service.powerOff('vm-1');
    await expect(b.service.migrate('vm-1', 'nobody')).rejects.toThrow('no host nobody');
    expect((await b.service.status()).vms[0].power).toBe('off');
  });

  it('keeps the VM running at the source when the target has no room', async () => {
    const channels = new TestChannels();
    const a = await startHost(channels, 'a');
    const b = await startHost(channels, 'b', 16);
    await a.service.createVm(TEST_VM);
    await a.service.powerOn('vm-1');
    await expect(a.service.migrate('vm-1', 'b')).rejects.toThrow(/needs 26 MiB, 15 MiB free/);
    expect((await a.service.status()).vms).toMatchObject([{ id: 'vm-1', power: 'running' }]);
    expect((await b.service.status()).vms).toEqual([]);
    await expect(a.service.migrate('vm-1', 'nobody')).rejects.toThrow('no host nobody');
    expect((await a.service.status()).vms[0].power).toBe('running');
  });
});
