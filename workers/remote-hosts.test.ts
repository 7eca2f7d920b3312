import type { Endpoint } from 'comlink';
import { afterEach, describe, expect, it } from 'vitest';
import { deferred } from '../engine/base/deferred.ts';
import { eventually } from '../engine/base/testing/eventually.ts';
import { systemTimebase } from '../engine/base/timebase.ts';
import { EXIT_HALT } from '../engine/cpu/abi/layout.ts';
import type { HostConnection, HostEvent } from '../engine/host/api.ts';
import { CONTROL_SERVICE } from '../engine/host/host-node.ts';
import type { HostService } from '../engine/host/host-service.ts';
import { Subnet } from '../engine/subnet/carrier/subnet.ts';
import { Presence } from '../engine/subnet/presence/presence.ts';
import { EndpointHub } from '../engine/subnet/streams/endpoint.ts';
import { watchHosts } from './remote-hosts.ts';
import { serveConsole } from './serve-console.ts';
import { TestChannels } from './testing/test-channels.ts';
import { startTestHost } from './testing/test-host.ts';
import { tinyKernel } from './testing/tiny-kernel.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function startHost(channels: TestChannels, id: string, tabId: string): Promise<HostService> {
  const host = await startTestHost(channels, id, 64, {
    tabId,
    fetchImage: async () => tinyKernel(),
    onConsole: (host, endpoint) => serveConsole(host, endpoint as Endpoint, endpoint.closed),
  });
  const { platform, service } = host;
  platform.script = [
    (executor) => {
      executor!.portWrite(0x3f8, 1, 0x21);
      return EXIT_HALT;
    },
  ];
  cleanUp.push(() => service.shutdown(true).catch(() => {}));
  return service;
}

describe('hosts of other tabs', () => {
  it('appear, are controlled, report, and are missed when they go', async () => {
    const channels = new TestChannels();
    const connections: HostConnection[] = [];
    const seen: HostEvent[] = [];
    let closed = 0;
    cleanUp.push(watchHosts('tab-1', channels.open, (connection) => connections.push(connection)));
    await startHost(channels, 'own', 'tab-1');
    const service = await startHost(channels, 'other', 'tab-2');

    await eventually(() => expect(connections).not.toEqual([]));
    const [connection] = connections;
    expect(connection.info).toMatchObject({ id: 'other', tabId: 'tab-2', memoryMiB: 64 });
    connection.onEvent((event) => seen.push(event));
    connection.onClosed(() => closed++);

    const { api } = connection;
    expect(await api.info()).toEqual(await service.info());
    await api.createVm({
      id: 'vm',
      name: 'web',
      guestOs: '',
      memoryMiB: 16,
      kernel: { kind: 'url', url: 'kernel' },
      commandLine: '',
    });
    expect(await api.readSerial('vm', undefined, 100)).toMatchObject({ position: 0, end: 0 });
    await api.powerOn('vm');
    await eventually(() => expect(seen).toContainEqual({ type: 'serial', vmId: 'vm' }));
    expect(await api.readSerial('vm', 0, 100)).toMatchObject({ position: 0, bytes: Uint8Array.of(0x21), end: 1 });
    await expect(api.powerOn('vm')).rejects.toThrow('web is already on.');

    await service.shutdown(true);
    await eventually(() => expect(closed).toBe(1));
    await expect(api.status()).rejects.toThrow(/shut down|closed/);
    expect(connections).toHaveLength(1);
  });

  it('serve a console that connects while they are still joining', async () => {
    const channels = new TestChannels();
    const subnet = new Subnet({ nodeId: 'console', openPort: channels.open });
    const presence = new Presence({ subnet, timebase: systemTimebase, self: { id: 'console', startedAt: 1 } });
    cleanUp.push(() => subnet.close());
    const hub = new EndpointHub(subnet, presence);
    let served: HostService | undefined;
    const connected = deferred<void>();
    const { service } = await startTestHost(channels, 'other', 64, {
      onConsole: (host) => {
        served = host;
        connected.resolve();
      },
      // It joins once it has its life lock.
      witness: {
        hold: () => {
          hub.connect('other', CONTROL_SERVICE);
          return connected.promise;
        },
        watch: () => () => {},
      },
    });
    cleanUp.push(() => service.shutdown(true));
    expect(served).toBe(service);
  });

  it('are reported once, whatever they announce', async () => {
    const channels = new TestChannels();
    const connections: HostConnection[] = [];
    const service = await startHost(channels, 'other', 'tab-2');
    cleanUp.push(watchHosts('tab-1', channels.open, (connection) => connections.push(connection)));
    await eventually(() => expect(connections).not.toEqual([]));
    await service.setLink({ bandwidthMbits: 100, latencyMs: 1, loss: 0, jitterMs: 0 });
    // A host that comes later is heard after what this one has announced.
    await startHost(channels, 'third', 'tab-3');
    await eventually(() => expect(connections.at(-1)?.info.id).toBe('third'));
    expect(connections.map(({ info }) => info.id)).toEqual(['other', 'third']);
    expect((await connections[0].api.info()).link).toEqual({ bandwidthMbits: 100, latencyMs: 1, loss: 0, jitterMs: 0 });
  });
});
