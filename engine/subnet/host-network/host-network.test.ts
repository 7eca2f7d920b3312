import { beforeEach, describe, expect, it } from 'vitest';
import { macText } from '../../base/mac-address.ts';
import { Subnet } from '../carrier/subnet.ts';
import { Link } from '../link/link.ts';
import { ipv4Bytes } from '../packet/address.ts';
import { DHCP_OPTION } from '../packet/dhcp.ts';
import type { Frame } from '../packet/ethernet.ts';
import { encodeNeighbourSolicitation } from '../packet/icmpv6.ts';
import { DEFAULT_PLAN } from '../responders/subnet-plan.ts';
import { broadcast, mac, numbered, numberIn } from '../testing/frames.ts';
import { TestGuest } from '../testing/guest.ts';
import { MemoryLeases } from '../testing/memory-leases.ts';
import { TestTerms } from '../testing/test-terms.ts';
import { TestWire } from '../testing/test-wire.ts';
import { HostNetwork, type HostNetworkOptions } from './host-network.ts';

let wire: TestWire;
let terms: TestTerms;
let leaseStore: MemoryLeases;
let problems: string[];

function host(id: string, changes: Partial<HostNetworkOptions> = {}): HostNetwork {
  const subnet = new Subnet({ nodeId: id, openPort: wire.portsOf(id), onProblem: ({ title }) => problems.push(title) });
  return new HostNetwork({
    subnet,
    link: new Link({ bandwidthMbits: 1000, latencyMs: 0 }, wire.timebaseOf(id)),
    timebase: wire.timebaseOf(id),
    openPort: wire.portsOf(id),
    terms: terms.of(id),
    leaseStore,
    lives: {
      own: `life/${id}`,
      watch: (life, onKnown) => wire.onDeath(life.slice('life/'.length), () => onKnown('ended')),
    },
    soon: (task) => wire.timebaseOf(id).after(0, task),
    onProblem: (title) => problems.push(title),
    ...changes,
  });
}

function guestOn(network: HostNetwork, n: number, name: string, portGroup?: string): TestGuest {
  const nic = network.attachNic({
    vmName: name,
    mac: mac(n),
    portGroup,
    deliver: (frame) => guest.receive(frame),
  });
  const guest = new TestGuest(mac(n), (frame) => nic.transmit(frame));
  return guest;
}

async function address(guest: TestGuest): Promise<string | undefined> {
  guest.dhcp('discover');
  await wire.time.pass(5);
  const [offer] = guest.take().dhcp;
  if (!offer) return undefined;
  guest.dhcp('request', [[DHCP_OPTION.requestedAddress, ipv4Bytes(offer.yourAddress)]]);
  await wire.time.pass(5);
  return guest
    .take()
    .dhcp.map(({ yourAddress }) => yourAddress)
    .join();
}

async function lookUp(guest: TestGuest, from: string, name: string): Promise<unknown[]> {
  guest.dns(DEFAULT_PLAN.mac, from, DEFAULT_PLAN.address, { type: 'query', id: 1, questions: [{ name, type: 'A' }] });
  await wire.time.pass(5);
  return guest.take().dns.flatMap(({ answers }) => answers!.map((answer) => answer.data));
}

beforeEach(() => {
  wire = new TestWire();
  terms = new TestTerms(wire);
  leaseStore = new MemoryLeases();
  problems = [];
});

describe('the network of several hosts', () => {
  it('gives guests on two hosts addresses and each other’s names, each question answered once', async () => {
    const [a, b] = [host('a'), host('b')];
    await wire.time.pass(1);
    const [web, client] = [guestOn(a, 1, 'web'), guestOn(b, 2, 'client')];
    expect(await address(web)).toBe('10.0.0.100');
    expect(await address(client)).toBe('10.0.0.101');
    expect(await lookUp(client, '10.0.0.101', 'web.lab')).toEqual(['10.0.0.100']);
    expect(await lookUp(web, '10.0.0.100', 'client.lab')).toEqual(['10.0.0.101']);
    client.ping(mac(1), '10.0.0.101', '10.0.0.100');
    await wire.time.pass(5);
    expect(web.take().icmp).toHaveLength(1);
    expect(problems).toEqual([]);
  });

  it('goes on answering from the same addresses when the host that did is gone', async () => {
    const [a, b] = [host('a'), host('b')];
    await wire.time.pass(1);
    const [client, late] = [guestOn(b, 2, 'client'), guestOn(b, 3, 'late')];
    expect(await address(client)).toBe('10.0.0.100');
    a.close();
    await wire.time.pass(1000);
    client.ping(DEFAULT_PLAN.mac, '10.0.0.100', DEFAULT_PLAN.address);
    await wire.time.pass(5);
    expect(client.take().icmp.map(({ type }) => type)).toEqual([0]);
    expect(await address(late)).toBe('10.0.0.101');
    expect(await lookUp(late, '10.0.0.101', 'client.lab')).toEqual(['10.0.0.100']);
  });

  it('goes on answering when the host that did is frozen, which says nothing more when it thaws', async () => {
    const [a, b] = [host('a'), host('b')];
    await wire.time.pass(1);
    const [web, client, late] = [guestOn(b, 1, 'web'), guestOn(b, 2, 'client'), guestOn(b, 3, 'late')];
    expect(await address(web)).toBe('10.0.0.100');
    expect(a.status().responder?.term).toBe(1);
    wire.freeze('a');
    // Waits for the frozen host, who must not answer it when it thaws.
    client.dhcp('discover');
    await wire.time.pass(10_000);
    expect(client.take().dhcp).toEqual([]);
    expect(b.status().responder?.term).toBe(2);
    expect(await address(client)).toBe('10.0.0.101');
    expect(await lookUp(client, '10.0.0.101', 'web.lab')).toEqual(['10.0.0.100']);

    wire.thaw('a');
    await wire.time.pass(2000);
    expect(client.take().dhcp).toEqual([]);
    expect(a.status().responder).toBeUndefined();
    expect(await address(late)).toBe('10.0.0.102');
    const onA = guestOn(a, 4, 'four');
    expect(await address(onA)).toBe('10.0.0.103');
    expect(await lookUp(onA, '10.0.0.103', 'late.lab')).toEqual(['10.0.0.102']);
    expect(problems).toEqual([]);
  });

  it('drops what a former holder had on its way, and its writes', async () => {
    const [, b] = [host('a'), host('b')];
    await wire.time.pass(1);
    const guest = guestOn(b, 1, 'web');
    wire.freeze('a');
    guest.dhcp('discover');
    await wire.time.pass(10_000);
    expect(b.status().responder?.term).toBe(2);
    const seal = { office: 'tabvisor/responder', term: 1 };
    const frame = numbered(DEFAULT_PLAN.mac, mac(1), 99);
    const batch = { first: 0, lengths: Uint16Array.of(frame.length), bytes: frame, seals: new Map([[0, seal]]) };
    const envelope = { magic: 'tabvisor-subnet', version: 1, from: 'a', to: '*', kind: 'ethernet-frames' };
    guest.take();
    wire.inject({ ...envelope, body: batch }, 'tabvisor/ethernet');
    await wire.time.pass(5);
    expect(guest.take().frames).toEqual([]);
    expect(b.status().uplink.superseded).toBe(1);
    await expect(leaseStore.save([], 1)).rejects.toThrow('taken over');
  });

  it('begins above the term that the store remembers', async () => {
    leaseStore.term = 7;
    leaseStore.leases = [{ mac: mac(1), address: '10.0.0.150', expiresAt: wire.time.now() + 1e6 }];
    const a = host('a');
    await wire.time.pass(100);
    expect(a.status().responder?.term).toBe(8);
    expect(await address(guestOn(a, 1, 'web'))).toBe('10.0.0.150');
    expect(problems).toEqual([]);
  });

  it('answers although the store does not, and says so', async () => {
    const never = new Promise<never>(() => {});
    const a = host('a', { leaseStore: { load: () => never, save: () => never } });
    await wire.time.pass(6000);
    expect(problems).toEqual(['The subnet’s addresses']);
    expect(await address(guestOn(a, 1, 'web'))).toBe('10.0.0.100');
  });

  it('frees the addresses of VMs that are deleted, and gives out of another pool when told to', async () => {
    const [a, b] = [host('a'), host('b')];
    const pool = { prefixLength: 24, first: '10.0.0.10', last: '10.0.0.11' };
    for (const one of [a, b]) one.setAddressPool(pool);
    await wire.time.pass(100);
    const [one, two, three] = [1, 2, 3].map((n) => guestOn(b, n, `vm${n}`));
    b.setCards([mac(1), mac(2)]);
    expect(await address(one)).toBe('10.0.0.10');
    expect(await address(two)).toBe('10.0.0.11');
    expect(await address(three)).toBeUndefined();
    expect(a.status().responder?.pool).toEqual({ ...pool, size: 2, free: 0, unanswered: 1 });
    b.setCards([mac(2)]);
    b.cardsDeleted([mac(1)]);
    await wire.time.pass(5);
    expect(await address(three)).toBe('10.0.0.10');

    for (const one of [a, b]) one.setAddressPool({ prefixLength: 22, first: '10.0.0.10', last: '10.0.3.200' });
    await wire.time.pass(100);
    expect(await address(guestOn(a, 4, 'vm4'))).toBe('10.0.0.12');
    expect(a.status().responder).toMatchObject({ prefixLength: 22, pool: { size: 959, free: 956 } });
    expect(() => a.setAddressPool({ ...pool, last: '10.0.0.5' })).toThrow('not within');
    // The fourth is announced by no host, and it does not answer.
    const releasing = a.releaseUnusedLeases();
    await wire.time.pass(3000);
    expect(await releasing).toBe(2);
    expect(a.status().responder?.leases.map((lease) => lease.mac)).toEqual([mac(2)]);
    await expect(b.releaseUnusedLeases()).rejects.toThrow('another one does');
  });

  it('has the one elected ask for the names that it has not heard', async () => {
    const a = host('a');
    host('c');
    const b = host('b');
    await wire.time.pass(1);
    wire.onPost = (_from, message) => ((message as { kind: string }).kind === 'network-names' ? 'drop' : undefined);
    const guest = guestOn(b, 2, 'early');
    wire.onPost = () => undefined;
    expect(await address(guest)).toBe('10.0.0.100');
    expect(await lookUp(guest, '10.0.0.100', 'early.lab')).toEqual([]);
    a.close();
    await wire.time.pass(1000);
    expect(await lookUp(guest, '10.0.0.100', 'early.lab')).toEqual(['10.0.0.100']);
  });

  it('keeps port groups apart across hosts, and refuses one that it does not have', async () => {
    const portGroups = [10, 20].map((vlan) => ({
      name: `VLAN ${vlan}`,
      vlan: { mode: 'access' as const, vlan },
      security: { promiscuous: false, forgedTransmits: false, macChanges: false },
    }));
    const [a, b] = [host('a', { portGroups }), host('b', { portGroups })];
    const [one, same, other] = [
      guestOn(a, 1, 'x', 'VLAN 10'),
      guestOn(b, 2, 'y', 'VLAN 10'),
      guestOn(b, 3, 'z', 'VLAN 20'),
    ];
    await wire.time.pass(100);
    for (const guest of [one, same, other]) guest.take();
    one.icmpv6(encodeNeighbourSolicitation({ target: 'fe80::1' }), 'fe80::2', 'ff02::1:ff00:1');
    await wire.time.pass(5);
    expect([same, other].map((guest) => guest.take().frames.length)).toEqual([1, 0]);
    expect(() => guestOn(a, 9, 'w', 'VLAN 30')).toThrow('VLAN 30');
  });

  it('has no loop however many hosts there are and whoever bridges to v86', async () => {
    const hosts = ['a', 'b', 'c', 'd'].map((id) => host(id, { v86Network: 0 }));
    await wire.time.pass(2000);
    const guests = hosts.map((network, n) => guestOn(network, n + 1, `vm${n}`));
    await wire.time.pass(10);
    for (const guest of guests) guest.take();
    const v86: unknown[] = [];
    const peer = wire.portsOf('v86')('v86-inbrowser-0');
    peer.onMessage((message) => v86.push(message));
    let posted = 0;
    wire.onPost = () => {
      posted += 1;
      return undefined;
    };
    // About no address of the subnet, which would make the responder ask.
    guests[3].arp({ targetIp: '192.168.0.1' });
    await wire.time.pass(100);
    expect(guests.map((guest) => guest.take().frames.length)).toEqual([1, 1, 1, 0]);
    expect(v86).toHaveLength(1);
    expect(v86[0]).toBeInstanceOf(Uint8Array);
    expect(posted).toBe(2);
    peer.post(broadcast(mac(77), 1));
    await wire.time.pass(100);
    expect(guests.map((guest) => guest.take().frames.length)).toEqual([1, 1, 1, 1]);
    expect(v86).toHaveLength(1);
  });

  it('reaches v86 by the next host when the one that bridged is gone', async () => {
    const [a, b] = ['a', 'b'].map((id) => host(id, { v86Network: 0 }));
    const nic = b.attachNic({ vmName: 'vm', mac: mac(1), deliver: () => true });
    const peer = wire.portsOf('v86')('v86-inbrowser-0');
    peer.post(broadcast(mac(77), 1));
    await wire.time.pass(100);
    expect([a.status().v86?.active, b.status().v86?.active]).toEqual([true, false]);

    const heard: number[] = [];
    peer.onMessage((message) => {
      const frame = message as Frame;
      if (macText(frame, 6) === mac(1)) heard.push(numberIn(frame));
    });
    nic.transmit(numbered(mac(1), mac(77), 2));
    await wire.time.pass(100);
    a.close();
    await wire.time.pass(100);
    nic.transmit(numbered(mac(1), mac(77), 3));
    await wire.time.pass(100);
    expect(b.status().v86?.active).toBe(true);
    expect(heard).toEqual([2, 3]);
  });

  it('counts what a card drops together with what its port drops', async () => {
    const [a] = [host('a')];
    const drops = { oversize: 3, runt: 0 };
    const nic = a.attachNic({ vmName: 'web', mac: mac(1), deliver: () => true, cardDrops: () => drops });
    nic.transmit(new Uint8Array(1515));
    nic.transmit(new Uint8Array(5));
    const port = a.status().ports.find(({ name }) => name === 'web');
    expect(port?.counters.drops).toEqual({ oversize: 4, runt: 1 });
  });

  it('reaches v86 by the next host when the one that bridged is frozen, and each frame once', async () => {
    const [a, b] = ['a', 'b'].map((id) => host(id, { v86Network: 0 }));
    const heard: number[] = [];
    const deliver = (frame: Frame) => {
      if (macText(frame, 6) === mac(77)) heard.push(numberIn(frame));
      return true;
    };
    b.attachNic({ vmName: 'vm', mac: mac(1), deliver });
    const peer = wire.portsOf('v86')('v86-inbrowser-0');
    await wire.time.pass(100);
    wire.freeze('a');
    peer.post(numbered(mac(77), mac(1), 1));
    await wire.time.pass(10_000);
    peer.post(numbered(mac(77), mac(1), 2));
    await wire.time.pass(100);
    expect(heard).toEqual([2]);
    wire.thaw('a');
    await wire.time.pass(3000);
    peer.post(numbered(mac(77), mac(1), 3));
    await wire.time.pass(100);
    expect(heard).toEqual([2, 3]);
    expect([a.status().v86?.active, b.status().v86?.active]).toEqual([false, true]);
  });

  it('reports counters of ports and uplink, and captures what passes', async () => {
    const [a, b] = [host('a'), host('b')];
    await wire.time.pass(2000);
    const capture = b.capture();
    const guest = guestOn(a, 1, 'web');
    guestOn(b, 2, 'client');
    guest.arp({ senderIp: '10.0.0.9', targetIp: '10.0.0.8' });
    await wire.time.pass(5);
    const { ports, uplink } = a.status();
    expect(ports.find(({ name }) => name === 'web')).toMatchObject({
      portGroup: 'VM Network',
      counters: { transmittedFrames: 1 },
    });
    expect(uplink.sentFrames).toBeGreaterThan(0);
    expect(capture.lines(0, 10).map(({ port, info }) => [port, info])).toContainEqual([
      'uplink',
      'Who has 10.0.0.8? Tell 10.0.0.9',
    ]);
  });
});
