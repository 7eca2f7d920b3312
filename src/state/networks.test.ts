import { describe, expect, it } from 'vitest';
import type { NetworkStatus, VmStatus } from '../../engine/host/api.ts';
import {
  addressesOf,
  addressOf,
  applyNetwork,
  forgetNetwork,
  knownMacs,
  type NetworksState,
  portGroupsOf,
  portKey,
  responderOf,
} from './networks.ts';

const MAC = '52:54:00:00:00:01';

const status = (frames: number, change: Partial<NetworkStatus> = {}): NetworkStatus => ({
  ports: [
    {
      name: 'web1',
      mac: MAC,
      portGroup: 'VM Network',
      counters: {
        transmittedFrames: frames,
        transmittedBytes: frames * 1000,
        receivedFrames: 2 * frames,
        receivedBytes: 2000 * frames,
        drops: {},
      },
    },
  ],
  portGroups: [],
  uplink: {
    migrations: { sentBytes: 0, sentMbits: 0, receivedBytes: 0, receivedMbits: 0 },
    sentFrames: frames,
    sentBytes: frames * 1000,
    receivedFrames: 0,
    receivedBytes: 0,
    lost: 0,
    queueFull: 0,
    superseded: 0,
    mbits: 0,
  },
  ...change,
});

const served = (frames: number): NetworkStatus =>
  status(frames, {
    responder: {
      term: 1,
      address: '10.0.0.1',
      prefixLength: 24,
      domain: 'lab',
      leases: [
        { mac: MAC, address: '10.0.0.100', expiresAt: 0, name: 'web1' },
        { mac: '52:54:00:00:00:02', address: '10.0.0.101', expiresAt: 0 },
      ],
      conflicts: [],
      pool: { prefixLength: 24, first: '10.0.0.100', last: '10.0.0.249', size: 150, free: 148, unanswered: 0 },
    },
  });

describe('networks', () => {
  it('form rates from two reports of a host', () => {
    const first = applyNetwork({}, 'a', status(1000), 0);
    expect(first.a.rates).toEqual({});
    const { rates, uplinkRates } = applyNetwork(first, 'a', status(2000), 500).a;
    expect(rates[portKey(status(0).ports[0])]).toEqual({
      transmittedFrames: 2000,
      transmittedMbits: 16,
      receivedFrames: 4000,
      receivedMbits: 32,
    });
    expect(uplinkRates).toMatchObject({ transmittedMbits: 16, receivedMbits: 0 });
  });

  it('show no rate where a counter went back, and keep the last one between hasty reports', () => {
    const running = applyNetwork(applyNetwork({}, 'a', status(1000), 0), 'a', status(2000), 1000);
    const hasty = applyNetwork(running, 'a', status(2001), 1010);
    expect(hasty.a.rates).toEqual(running.a.rates);
    expect(hasty.a.at).toBe(1000);
    const again = applyNetwork(running, 'a', status(5), 2000);
    expect(again.a.uplinkRates?.transmittedFrames).toBe(0);
    expect(forgetNetwork(again, 'a')).toEqual({});
  });

  it('find a card’s address whichever host answers', () => {
    const networks = applyNetwork(applyNetwork({}, 'a', status(0), 0), 'b', served(0), 0);
    expect(responderOf(networks)?.hostId).toBe('b');
    expect(addressOf(networks, MAC.toUpperCase())).toEqual({ address: '10.0.0.100', dnsName: 'web1.lab' });
    const nics = [MAC, '52:54:00:00:00:02', '52:54:00:00:00:03'].map((mac) => ({ model: 'virtio-net' as const, mac }));
    expect(addressesOf(networks, nics)).toBe('10.0.0.100, web1.lab; 10.0.0.101');
  });

  it('believe the later of two who say that they answer for the subnet', () => {
    const later = served(0);
    let networks = applyNetwork({}, 'b', { ...later, responder: { ...later.responder!, term: 2 } }, 0);
    networks = applyNetwork(networks, 'a', served(0), 0);
    expect(responderOf(networks)?.hostId).toBe('b');
  });

  it('know every port group once and every MAC address in use', () => {
    const security = { promiscuous: false, forgedTransmits: false, macChanges: false };
    const group = (vlan: number) => ({ name: 'lab', vlan: { mode: 'access' as const, vlan }, security });
    let networks: NetworksState = applyNetwork({}, 'a', status(0, { portGroups: [group(1)] }), 0);
    networks = applyNetwork(networks, 'b', { ...served(0), portGroups: [group(2), { ...group(3), name: 'x' }] }, 0);
    expect(portGroupsOf(networks).map(({ name, vlan }) => [name, vlan])).toEqual([
      ['lab', group(1).vlan],
      ['x', group(3).vlan],
    ]);
    const off = { nics: [{ model: 'ne2k-pci', mac: '52:54:00:AA:BB:CC' }] } as VmStatus;
    expect([...knownMacs(networks, { off })]).toEqual(['52:54:00:aa:bb:cc', MAC, '52:54:00:00:00:02']);
  });
});
