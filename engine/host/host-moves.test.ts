// A host's network as a console governs and sees it. Frames come from outside, over the bridge to v86.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestChannels } from '../../workers/testing/test-channels.ts';
import { startTestHost, TEST_VM } from '../../workers/testing/test-host.ts';
import { eventually } from '../base/testing/eventually.ts';
import { broadcast, mac } from '../subnet/testing/frames.ts';
import type { PortGroup } from './api.ts';
import type { HostService } from './host-service.ts';

const CARD = { model: 'virtio-net' as const, mac: '52:54:00:AA:00:01' };
const STAGING: PortGroup = {
  name: 'Staging',
  vlan: { mode: 'access', vlan: 20 },
  security: { promiscuous: false, forgedTransmits: false, macChanges: false },
};

const started: HostService[] = [];
let channels: TestChannels;

beforeEach(() => {
  channels = new TestChannels();
});

afterEach(async () => {
  await Promise.allSettled(started.splice(0).map((service) => service.shutdown(true)));
});

async function startHost(id: string): Promise<HostService> {
  const { service } = await startTestHost(channels, id);
  started.push(service);
  return service;
}

async function portOf(service: HostService, name: string) {
  const { network } = await service.status();
  return network.ports.find((port) => port.name === name);
}

/** A node on v86's network of this number. */
function v86(networkId: number) {
  const port = channels.open(`v86-inbrowser-${networkId}`);
  return { send: (frame: unknown) => port.post(frame) };
}

/** Joins v86's network and waits until this host bridges. */
async function bridge(service: HostService, networkId: number): Promise<void> {
  await service.setV86Network(networkId);
  await eventually(async () => expect((await service.status()).network.v86?.active).toBe(true));
}

/** The line of the frame from outside, once it is there. */
async function captured(service: HostService, id: string) {
  return eventually(async () => {
    const { lines } = await service.readCapture(id, 0, 10);
    const line = lines.find(({ source }) => source === mac(9));
    if (!line) throw new Error('not captured yet');
    return line;
  });
}

describe('the cards of VMs', () => {
  it('are on the switch while their VM is on, under its name', async () => {
    const service = await startHost('a');
    await service.createVm({ ...TEST_VM, nics: [CARD] });
    expect(await portOf(service, 'web')).toBeUndefined();
    await service.powerOn('vm-1');
    expect(await portOf(service, 'web')).toMatchObject({ mac: '52:54:00:aa:00:01', portGroup: 'VM Network' });
    await service.powerOff('vm-1');
    expect(await portOf(service, 'web')).toBeUndefined();
  });

  it('go with their VM to another host', async () => {
    const [a, b] = [await startHost('a'), await startHost('b')];
    await a.createVm({ ...TEST_VM, nics: [CARD] });
    await a.powerOn('vm-1');
    await a.migrate('vm-1', 'b');
    expect(await portOf(a, 'web')).toBeUndefined();
    expect(await portOf(b, 'web')).toBeDefined();
    // The card announces where it is, and b's switch passes that on to a.
    await eventually(async () => expect((await portOf(b, 'uplink'))?.counters.receivedFrames).toBeGreaterThan(0));
  });

  it('need a port group that is there: else the VM is not created, or does not start and is off', async () => {
    const service = await startHost('a');
    const spec = { ...TEST_VM, nics: [{ ...CARD, portGroup: 'Staging' }] };
    await expect(service.createVm(spec)).rejects.toThrow('Not created: there is no port group Staging.');
    await service.setPortGroup(STAGING);
    await service.createVm(spec);
    await service.removePortGroup('Staging');
    await expect(service.powerOn('vm-1')).rejects.toThrow('web cannot start: This host has no port group Staging');
    const { vms, memoryUsedMiB } = await service.status();
    expect(vms[0].power).toBe('off');
    expect(memoryUsedMiB).toBe(0);
  });

  it('keep a VM from a host without their port group', async () => {
    const [a] = [await startHost('a'), await startHost('b')];
    await a.setPortGroup(STAGING);
    await a.createVm({ ...TEST_VM, nics: [{ ...CARD, portGroup: 'Staging' }] });
    await a.powerOn('vm-1');
    await expect(a.migrate('vm-1', 'b')).rejects.toThrow('there is no port group Staging');
    expect((await a.status()).vms).toMatchObject([{ power: 'running' }]);
  });
});

describe('port groups', () => {
  it('are created, changed with the ports in them, and removed when nobody uses them', async () => {
    const service = await startHost('a');
    await service.setPortGroup(STAGING);
    await service.createVm({ ...TEST_VM, nics: [{ ...CARD, portGroup: 'Staging' }] });
    await service.powerOn('vm-1');
    await expect(service.removePortGroup('Staging')).rejects.toThrow('Staging is in use by web');
    await bridge(service, 7);

    // Broadcasts on the default network do not reach VLAN 20, until the port group is moved there.
    v86(7).send(broadcast(mac(9), 1));
    await eventually(async () => expect((await portOf(service, 'responder'))?.counters.receivedFrames).toBe(1));
    expect((await portOf(service, 'web'))?.counters.receivedFrames).toBe(0);
    await service.setPortGroup({ ...STAGING, vlan: { mode: 'access', vlan: 0 } });
    v86(7).send(broadcast(mac(9), 1));
    // The frame, and perhaps announcements of the responder.
    await eventually(async () => expect((await portOf(service, 'web'))?.counters.receivedFrames).toBeGreaterThan(0));

    await service.powerOff('vm-1');
    await service.removePortGroup('Staging');
    expect((await service.status()).network.portGroups.map(({ name }) => name)).toEqual(['VM Network']);
  });

  it.each([
    [{ ...STAGING, name: ' ' }, 'A name is needed'],
    [{ ...STAGING, vlan: { mode: 'access', vlan: 4095 } }, 'VLAN 4095'],
    [{ ...STAGING, security: undefined }, 'not an object'],
  ])('refuses %j', async (group, reason) => {
    const service = await startHost('a');
    await expect(service.setPortGroup(group as PortGroup)).rejects.toThrow(reason);
  });

  it('keeps the one that the services of the subnet are in', async () => {
    const service = await startHost('a');
    await expect(service.removePortGroup('VM Network')).rejects.toThrow('it stays');
  });
});

describe('the address pool', () => {
  it('is set, shown and judged, and what nobody uses is released', async () => {
    const service = await startHost('a');
    const pool = { prefixLength: 24, first: '10.0.0.2', last: '10.0.0.254' };
    await service.setAddressPool(pool);
    const shown = async () => (await service.status()).network.responder?.pool;
    await eventually(async () => expect(await shown()).toEqual({ ...pool, size: 253, free: 253, unanswered: 0 }));
    await expect(service.setAddressPool({ ...pool, last: '10.0.1.1' })).rejects.toThrow('not within');
    await expect(service.setAddressPool({} as typeof pool)).rejects.toThrow('prefixLength');
    expect(await service.releaseUnusedLeases()).toBe(0);
  });
});

describe('the bridge to v86', () => {
  it('is shown, counts what is no frame, and ends', async () => {
    const service = await startHost('a');
    await bridge(service, 3);
    v86(3).send({ hello: 'world' });
    await eventually(async () =>
      expect((await service.status()).network.v86).toEqual({ networkId: 3, active: true, foreign: 1 }),
    );
    await service.setV86Network(undefined);
    const { network } = await service.status();
    expect(network.v86).toBeUndefined();
    expect(network.ports.map(({ name }) => name)).not.toContain('v86-inbrowser-3');
    await expect(service.setV86Network(-1)).rejects.toThrow('whole number');
  });
});

describe('captures', () => {
  it('show and keep what passes, and end', async () => {
    const service = await startHost('a');
    await bridge(service, 3);
    const id = await service.startCapture({});
    v86(3).send(broadcast(mac(9), 1));
    const { number, port } = await captured(service, id);
    expect(port).toBe('v86-inbrowser-3');
    const later = await service.readCapture(id, number, 10);
    expect(later.lines.map((line) => line.source)).not.toContain(mac(9));

    await service.stopCapture(id);
    const before = await service.readCapture(id, 0, 10);
    v86(3).send(broadcast(mac(9), 2));
    await eventually(async () => expect((await portOf(service, 'responder'))?.counters.receivedFrames).toBe(2));
    expect(await service.readCapture(id, 0, 10)).toEqual(before);
    const file = await service.captureFile(id);
    // The section header block of pcapng.
    expect([...file.subarray(0, 4)]).toEqual([0x0a, 0x0d, 0x0d, 0x0a]);
    await service.discardCapture(id);
    await expect(service.readCapture(id, 0, 10)).rejects.toThrow('no such capture');
  });

  it('take the frames of one card only, when its VM is on', async () => {
    const service = await startHost('a');
    await service.createVm({ ...TEST_VM, nics: [CARD] });
    await expect(service.startCapture({ vmId: 'vm-1' })).rejects.toThrow('its VM is off');
    await expect(service.startCapture({ vmId: 'vm-1', nic: 1 })).rejects.toThrow('web has no such network card');
    await service.powerOn('vm-1');
    await bridge(service, 3);
    const id = await service.startCapture({ vmId: 'vm-1' });
    v86(3).send(broadcast(mac(9), 1));
    expect((await captured(service, id)).port).toBe('web');
  });

  it('are not more than a host can keep', async () => {
    const service = await startHost('a');
    for (let n = 0; n < 4; n++) await service.startCapture({});
    await expect(service.startCapture({})).rejects.toThrow('4 captures run on this host already');
  });
});
