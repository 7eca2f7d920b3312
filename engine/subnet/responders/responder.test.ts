import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualTime } from '../../base/testing/virtual-time.ts';
import { BROADCAST_MAC, ipv4Bytes, linkLocalOf } from '../packet/address.ts';
import { ARP_OPERATION } from '../packet/arp.ts';
import { addressOption, DHCP_OPTION, DHCP_TYPE, dhcpTypeOf, textOption } from '../packet/dhcp.ts';
import type { DnsMessage } from '../packet/dns.ts';
import { ETHERTYPE, encodeEthernet, type Frame } from '../packet/ethernet.ts';
import { advertisedPrefix, decodeNeighbour, encodeNeighbourSolicitation, ICMPV6_TYPE } from '../packet/icmpv6.ts';
import { mac } from '../testing/frames.ts';
import { TestGuest } from '../testing/guest.ts';
import { AddressBook } from './address-book.ts';
import { type Lease, type LeaseStore, LeaseTable } from './lease-table.ts';
import { Responder } from './responder.ts';
import { DEFAULT_PLAN, type SubnetPlan } from './subnet-plan.ts';

const GATEWAY = DEFAULT_PLAN.address;
const GATEWAY_MAC = DEFAULT_PLAN.mac;

let time: VirtualTime;
let stored: Lease[] | undefined;
let problems: string[];
const store: LeaseStore = {
  load: async () => structuredClone(stored),
  save: async (leases) => {
    stored = leases;
  },
};

interface Lab {
  responder: Responder;
  leases: LeaseTable;
  book: AddressBook;
  guest(n: number): TestGuest;
}

async function start(changes: Partial<SubnetPlan> = {}): Promise<Lab> {
  const plan = { ...DEFAULT_PLAN, ...changes };
  const book = new AddressBook();
  const leases = await LeaseTable.open({
    plan,
    timebase: time,
    store,
    isTaken: (address, asker) => (book.staticOwnerOf(address) ?? asker) !== asker,
    onProblem: (detail) => problems.push(detail),
  });
  const guests: TestGuest[] = [];
  const transmit = (frame: Frame) => {
    for (const guest of guests) guest.receive(frame);
  };
  const responder = new Responder({ plan, leases, book, timebase: time, transmit });
  return {
    responder,
    leases,
    book,
    guest(n) {
      const guest = new TestGuest(mac(n), (frame) => responder.receive(frame));
      guests.push(guest);
      return guest;
    },
  };
}

/** Discover, offer, request, acknowledgement. */
function configure(guest: TestGuest, hostName?: string): string {
  guest.dhcp('discover');
  const [offer] = guest.take().dhcp;
  const options: [number, Uint8Array][] = [
    [DHCP_OPTION.requestedAddress, ipv4Bytes(offer.yourAddress)],
    [DHCP_OPTION.serverIdentifier, ipv4Bytes(GATEWAY)],
  ];
  if (hostName) options.push([DHCP_OPTION.hostName, new TextEncoder().encode(hostName)]);
  guest.dhcp('request', options);
  const [ack] = guest.take().dhcp;
  expect(dhcpTypeOf(ack)).toBe(DHCP_TYPE.ack);
  return ack.yourAddress;
}

const wish = (address: string): [number, Uint8Array][] => [[DHCP_OPTION.requestedAddress, ipv4Bytes(address)]];
const query = (name: string, type: 'A' | 'AAAA' | 'PTR' | 'MX' = 'A'): DnsMessage => ({
  type: 'query',
  id: 99,
  flags: 0x100,
  questions: [{ name, type }],
});

beforeEach(() => {
  time = new VirtualTime();
  stored = undefined;
  problems = [];
});

describe('DHCP', () => {
  it('configures a guest: address, mask, gateway, DNS, domain and the VM’s name', async () => {
    const lab = await start();
    const guest = lab.guest(1);
    lab.book.setName(guest.mac, 'Web 1');
    guest.dhcp('discover');
    const { dhcp, frames } = guest.take();
    expect(dhcp).toHaveLength(1);
    expect(frames[0]).toMatchObject({ source: GATEWAY_MAC, destination: guest.mac });
    const [offer] = dhcp;
    expect(dhcpTypeOf(offer)).toBe(DHCP_TYPE.offer);
    expect(offer).toMatchObject({ op: 'reply', transaction: 7, clientMac: guest.mac, yourAddress: '10.0.0.100' });
    guest.dhcp('request', [...wish('10.0.0.100'), [DHCP_OPTION.serverIdentifier, ipv4Bytes(GATEWAY)]]);
    const [ack] = guest.take().dhcp;
    expect([dhcpTypeOf(ack), ack.yourAddress]).toEqual([DHCP_TYPE.ack, '10.0.0.100']);
    expect(addressOption(ack, DHCP_OPTION.subnetMask)).toBe('255.255.255.0');
    expect(addressOption(ack, DHCP_OPTION.broadcastAddress)).toBe('10.0.0.255');
    for (const code of [DHCP_OPTION.router, DHCP_OPTION.dnsServer, DHCP_OPTION.serverIdentifier]) {
      expect(addressOption(ack, code)).toBe(GATEWAY);
    }
    expect(textOption(ack, DHCP_OPTION.domainName)).toBe('lab');
    expect(textOption(ack, DHCP_OPTION.hostName)).toBe('web-1');
    expect([...ack.options.get(DHCP_OPTION.leaseTime)!]).toEqual([0, 1, 0x51, 0x80]);
  });

  it('answers to all when the guest says that it cannot receive otherwise', async () => {
    const guest = (await start()).guest(1);
    guest.dhcp('discover', [], { broadcast: true });
    expect(guest.take().frames[0].destination).toBe(BROADCAST_MAC);
  });

  it('gives each NIC an address of its own, and the same again after a restart', async () => {
    const lab = await start();
    const addresses = [1, 2, 3].map((n) => configure(lab.guest(n)));
    expect(addresses).toEqual(['10.0.0.100', '10.0.0.101', '10.0.0.102']);
    await lab.leases.saved;
    const after = await start();
    expect([3, 1, 4].map((n) => configure(after.guest(n)))).toEqual(['10.0.0.102', '10.0.0.100', '10.0.0.103']);
    expect(problems).toEqual([]);
  });

  it('renews, and confirms after a reboot, even what it does not remember', async () => {
    const lab = await start();
    const guest = lab.guest(1);
    const address = configure(guest);
    await time.pass(50_000_000);
    guest.dhcp('request', [], { clientAddress: address });
    expect(guest.take().dhcp.map(dhcpTypeOf)).toEqual([DHCP_TYPE.ack]);
    await time.pass(50_000_000);
    expect(lab.leases.current).toHaveLength(1);
    guest.dhcp('request', wish(address));
    expect(guest.take().dhcp.map(dhcpTypeOf)).toEqual([DHCP_TYPE.ack]);
    const stranger = lab.guest(2);
    stranger.dhcp('request', wish('10.0.0.150'));
    expect(stranger.take().dhcp.map(({ yourAddress }) => yourAddress)).toEqual(['10.0.0.150']);
  });

  it('refuses an address that belongs to another or to another subnet', async () => {
    const lab = await start();
    const taken = configure(lab.guest(1));
    const guest = lab.guest(2);
    for (const address of [taken, '192.168.1.5', GATEWAY]) {
      guest.dhcp('request', wish(address));
      const { dhcp, frames } = guest.take();
      expect(dhcp.map(dhcpTypeOf)).toEqual([DHCP_TYPE.nak]);
      expect(frames[0].destination).toBe(BROADCAST_MAC);
    }
  });

  it('gives expired addresses to others only when it must, and says nothing when all are taken', async () => {
    const lab = await start({ pool: ['10.0.0.100', '10.0.0.101'] });
    configure(lab.guest(1));
    await time.pass(90_000_000);
    expect(configure(lab.guest(2))).toBe('10.0.0.101');
    expect(configure(lab.guest(3))).toBe('10.0.0.100');
    const late = lab.guest(4);
    late.dhcp('discover');
    expect(late.take().dhcp).toEqual([]);
  });

  it('takes back what is released, and keeps what is declined out of use for a while', async () => {
    const lab = await start({ pool: ['10.0.0.100', '10.0.0.101'] });
    const [one, two] = [lab.guest(1), lab.guest(2)];
    const [first, second] = [configure(one), configure(two)];
    one.dhcp('release', [], { clientAddress: first });
    expect(configure(lab.guest(3))).toBe(first);
    two.dhcp('decline', wish(second));
    two.dhcp('discover');
    expect(two.take().dhcp).toEqual([]);
    await time.pass(601_000);
    expect(configure(two)).toBe(second);
    // No client can release another's lease.
    one.dhcp('release', [], { clientAddress: second });
    one.dhcp('decline', wish(second));
    expect(lab.leases.current).toHaveLength(2);
  });

  it('keeps an offer for a minute, and drops it when the guest takes another server’s', async () => {
    const lab = await start({ pool: ['10.0.0.100', '10.0.0.100'] });
    const [one, two] = [lab.guest(1), lab.guest(2)];
    const offered = (guest: TestGuest) => {
      guest.dhcp('discover');
      return guest.take().dhcp.length;
    };
    expect([offered(one), offered(two)]).toEqual([1, 0]);
    one.dhcp('request', [[DHCP_OPTION.serverIdentifier, ipv4Bytes('10.0.0.9')]]);
    expect(one.take().dhcp).toEqual([]);
    expect([offered(two), offered(one)]).toEqual([1, 0]);
    await time.pass(60_001);
    expect(offered(one)).toBe(1);
  });

  it('does not give an address that somebody has been seen to use', async () => {
    const lab = await start();
    lab.guest(9).arp({ senderIp: '10.0.0.100', targetIp: '10.0.0.1' });
    expect(configure(lab.guest(1))).toBe('10.0.0.101');
  });

  it('serves a NIC only for itself, and no relays', async () => {
    const lab = await start();
    const guest = lab.guest(1);
    guest.dhcp('discover', [], { clientMac: mac(50) });
    guest.dhcp('discover', [], { relayAddress: '10.0.0.9' });
    guest.dhcp('discover', [], { op: 'reply' });
    expect(guest.take().frames).toEqual([]);
  });

  it('tells its options to a guest that has an address of its own', async () => {
    const guest = (await start()).guest(1);
    guest.dhcp('inform', [], { clientAddress: '10.0.0.7' });
    const [ack] = guest.take().dhcp;
    expect(ack).toMatchObject({ yourAddress: '0.0.0.0' });
    expect(ack.options.has(DHCP_OPTION.leaseTime)).toBe(false);
    expect(addressOption(ack, DHCP_OPTION.router)).toBe(GATEWAY);
  });

  it('begins anew, and says so, when the leases cannot be read or kept', async () => {
    for (const bad of [
      7,
      [{ mac: 'x', address: '10.0.0.1', expiresAt: 1 }],
      [{ mac: mac(1), address: '', expiresAt: 1 }],
    ]) {
      stored = bad as Lease[];
      await start();
    }
    expect(problems).toHaveLength(3);
    stored = undefined;
    const lab = await start();
    const save = store.save;
    store.save = () => Promise.reject(new Error('the disk is full'));
    configure(lab.guest(1));
    await lab.leases.saved;
    store.save = save;
    expect(problems[3]).toContain('the disk is full');
  });
});

describe('DNS', () => {
  const ask = (guest: TestGuest, question: DnsMessage) => {
    guest.dns(GATEWAY_MAC, '10.0.0.100', GATEWAY, question);
    const [response] = guest.take().dns;
    return {
      code: (response.flags ?? 0) & 15,
      answers: response.answers!.map(({ name, type, ...rest }) => ({ name, type, ...rest })),
      response,
    };
  };

  it('knows VMs by name, whatever the case, and addresses backwards', async () => {
    const lab = await start();
    const guest = lab.guest(1);
    lab.book.setName(guest.mac, 'web1');
    const address = configure(guest, 'ignored');
    const { code, answers, response } = ask(guest, query('Web1.LAB'));
    expect(code).toBe(0);
    expect(answers).toMatchObject([{ name: 'Web1.LAB', type: 'A', data: address }]);
    expect(response).toMatchObject({ id: 99, flag_aa: true, flag_rd: true, questions: [{ name: 'Web1.LAB' }] });
    expect(ask(guest, query('100.0.0.10.in-addr.arpa', 'PTR')).answers).toMatchObject([{ data: 'web1.lab' }]);
    expect(ask(guest, query('gateway.lab')).answers).toMatchObject([{ data: GATEWAY }]);
    expect(ask(guest, query('gateway.lab', 'AAAA')).answers).toMatchObject([{ data: 'fd54:5601::1' }]);
    expect(ask(guest, query(`1.0.0.0${'.0'.repeat(20)}.1.0.6.5.4.5.d.f.ip6.arpa`, 'PTR')).answers).toMatchObject([
      { data: 'gateway.lab' },
    ]);
  });

  it('knows guests that nobody named by what they call themselves', async () => {
    const lab = await start();
    const guest = lab.guest(1);
    const address = configure(guest, 'My_Own.Box');
    expect(ask(guest, query('my-own-box.lab')).answers).toMatchObject([{ data: address }]);
  });

  it('knows static addresses that it saw in use, in IPv4 and IPv6', async () => {
    const lab = await start();
    const guest = lab.guest(1);
    lab.book.setName(guest.mac, 'static');
    guest.arp({ operation: ARP_OPERATION.request, senderIp: '10.0.0.7', targetIp: '10.0.0.7' });
    guest.icmpv6(encodeNeighbourSolicitation({ target: 'fd54:5601::77' }), '::', 'ff02::1:ff00:77');
    guest.icmpv6(encodeNeighbourSolicitation({ target: linkLocalOf(guest.mac) }), '::', 'ff02::1:ff00:1');
    expect(ask(guest, query('static.lab')).answers).toMatchObject([{ data: '10.0.0.7' }]);
    expect(ask(guest, query('static.lab', 'AAAA')).answers.map(({ data }) => data)).toEqual(['fd54:5601::77']);
  });

  it('lets nobody claim the address that another has leased', async () => {
    const lab = await start();
    const guest = lab.guest(1);
    lab.book.setName(guest.mac, 'web1');
    const address = configure(guest);
    lab.book.setName(mac(2), 'thief');
    lab.guest(2).arp({ senderIp: address, targetIp: address });
    expect(ask(guest, query('thief.lab'))).toMatchObject({ code: 0, answers: [] });
    expect(ask(guest, query('web1.lab')).answers).toMatchObject([{ data: address }]);
  });

  it('tells unknown names from names without such a record, and refuses what is outside', async () => {
    const lab = await start();
    const guest = lab.guest(1);
    lab.book.setName(guest.mac, 'web1');
    configure(guest);
    expect(ask(guest, query('web2.lab'))).toMatchObject({ code: 3, answers: [] });
    expect(ask(guest, query('web1.lab', 'MX'))).toMatchObject({ code: 0, answers: [] });
    expect(ask(guest, query('lab'))).toMatchObject({ code: 0, answers: [] });
    expect(ask(guest, query('example.com'))).toMatchObject({ code: 5, answers: [] });
    expect(ask(guest, query('9.0.0.10.in-addr.arpa', 'PTR'))).toMatchObject({ code: 3, answers: [] });
    guest.dns(GATEWAY_MAC, '10.0.0.100', GATEWAY, { ...query('web1.lab'), type: 'response' });
    expect(guest.take().dns).toEqual([]);
  });
});

describe('an address that two guests use', () => {
  const claim = (guest: TestGuest, address: string) => guest.arp({ senderIp: address, targetIp: '10.0.0.9' });

  it('is found out by asking who has it', async () => {
    const lab = await start();
    const [one, two] = [lab.guest(1), lab.guest(2)];
    for (const guest of [one, two, one]) claim(guest, '10.0.0.5');
    const [question] = two.take().arp;
    expect(question).toMatchObject({ operation: ARP_OPERATION.request, senderIp: GATEWAY, targetIp: '10.0.0.5' });
    for (const guest of [one, two]) {
      guest.arp({ operation: ARP_OPERATION.reply, senderIp: '10.0.0.5', targetMac: GATEWAY_MAC, targetIp: GATEWAY });
    }
    await time.pass(1500);
    expect(lab.responder.conflicts).toEqual([{ address: '10.0.0.5', macs: [one.mac, two.mac] }]);
    await time.pass(60_000);
    expect(lab.responder.conflicts).toEqual([]);
    lab.responder.stop();
  });

  it('is found out in IPv6, and when it is the gateway’s own', async () => {
    const lab = await start();
    const [one, two] = [lab.guest(1), lab.guest(2)];
    const shared = 'fd54:5601::5';
    const speak = (guest: TestGuest) =>
      guest.icmpv6(encodeNeighbourSolicitation({ target: 'fd54:5601::9' }), shared, 'ff02::1:ff00:9');
    for (const guest of [one, two]) speak(guest);
    claim(two, GATEWAY);
    const { icmpv6, arp, frames } = one.take();
    expect(decodeNeighbour(icmpv6[0].message.body)).toEqual({ target: shared, linkAddress: GATEWAY_MAC });
    expect(icmpv6[0].destination).toBe('ff02::1:ff00:5');
    expect(frames[0].destination).toBe('33:33:ff:00:00:05');
    expect(arp).toContainEqual(expect.objectContaining({ senderIp: '0.0.0.0', targetIp: GATEWAY }));
    for (const guest of [one, two]) speak(guest);
    claim(two, GATEWAY);
    await time.pass(1500);
    expect(lab.responder.conflicts).toEqual([
      { address: shared, macs: [one.mac, two.mac] },
      { address: GATEWAY, macs: [GATEWAY_MAC, two.mac] },
    ]);
  });
});

describe('the gateway', () => {
  it('answers ARP for its address and no other', async () => {
    const guest = (await start()).guest(1);
    guest.arp({ senderIp: '10.0.0.7', targetIp: GATEWAY });
    guest.arp({ senderIp: '10.0.0.7', targetIp: '10.0.0.8' });
    const { arp, frames } = guest.take();
    // As long as Ethernet asks for: drivers of real NICs drop shorter ones.
    expect(frames.map(({ payload }) => payload.length)).toEqual([46, 46, 46]);
    expect(arp.filter(({ operation }) => operation === ARP_OPERATION.request).map(({ targetIp }) => targetIp)).toEqual([
      // Is the guest's address in use elsewhere, and is the one that it looks for in use more than once?
      '10.0.0.7',
      '10.0.0.8',
    ]);
    expect(arp.filter(({ operation }) => operation === ARP_OPERATION.reply)).toEqual([
      {
        operation: ARP_OPERATION.reply,
        senderMac: GATEWAY_MAC,
        senderIp: GATEWAY,
        targetMac: guest.mac,
        targetIp: '10.0.0.7',
      },
    ]);
  });

  it('answers ping, and says at once that there is nothing beyond the subnet', async () => {
    const guest = (await start()).guest(1);
    guest.ping(GATEWAY_MAC, '10.0.0.7', GATEWAY);
    guest.ping(GATEWAY_MAC, '10.0.0.7', '8.8.8.8');
    guest.ping(GATEWAY_MAC, '10.0.0.7', '10.0.0.8');
    guest.ping(GATEWAY_MAC, '10.0.0.7', '224.0.0.1');
    const { icmp } = guest.take();
    expect(icmp.map(({ type, code }) => [type, code])).toEqual([
      [0, 0],
      [3, 0],
    ]);
    expect([...icmp[0].body]).toEqual([0, 1, 0, 2, 0xaa, 0xbb]);
    // The unused word, the packet's header and eight bytes of what it carried.
    expect(icmp[1].body).toHaveLength(4 + 20 + 8);
  });

  it('tells guests the IPv6 prefix, with the right checksum and hop limit, and is no default router', async () => {
    const lab = await start();
    const guest = lab.guest(1);
    guest.icmpv6(
      { type: ICMPV6_TYPE.routerSolicitation, code: 0, body: new Uint8Array(4) },
      linkLocalOf(guest.mac),
      'ff02::2',
    );
    lab.responder.advertise();
    const { icmpv6, frames } = guest.take();
    expect(icmpv6).toHaveLength(2);
    expect(frames[0].destination).toBe('33:33:00:00:00:01');
    expect(frames[0].payload[7]).toBe(255);
    const [{ message, source, destination }] = icmpv6;
    expect([message.type, source, destination]).toEqual([134, linkLocalOf(GATEWAY_MAC), 'ff02::1']);
    expect(advertisedPrefix(message.body)).toBe('fd54:5601::/64');
    expect([...message.body.subarray(2, 4)]).toEqual([0, 0]);
    // On-link and autonomous.
    expect(message.body[12 + 8 + 8 + 3]).toBe(0xc0);
  });

  it('answers for its IPv6 addresses: neighbour solicitation, ping, DNS', async () => {
    const guest = (await start()).guest(1);
    const self = linkLocalOf(guest.mac);
    guest.icmpv6(
      encodeNeighbourSolicitation({ target: 'fd54:5601::1', linkAddress: guest.mac }),
      self,
      'ff02::1:ff00:1',
    );
    guest.icmpv6({ type: 128, code: 0, body: Uint8Array.of(0, 1, 0, 2) }, self, 'fd54:5601::1');
    const [{ message, destination }, echo] = guest.take().icmpv6;
    expect([message.type, destination]).toEqual([136, self]);
    expect(decodeNeighbour(message.body)).toEqual({ target: 'fd54:5601::1', linkAddress: GATEWAY_MAC });
    expect(echo).toMatchObject({ source: 'fd54:5601::1', message: { type: 129 } });
    // From beyond a router: not believed.
    guest.icmpv6(encodeNeighbourSolicitation({ target: 'fd54:5601::1' }), self, 'ff02::1:ff00:1', 64);
    expect(guest.take().frames).toEqual([]);
  });

  it('survives anything, and does not let a flood cost more than its rate', async () => {
    const { responder } = await start();
    const types = fc.constantFrom(...Object.values(ETHERTYPE));
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 400 }), (etherType, payload) => {
        responder.receive(
          encodeEthernet({ source: mac(1), destination: GATEWAY_MAC, etherType, payload: payload as Frame }),
        );
      }),
      { numRuns: 900 },
    );
    let taken = 0;
    for (let i = 0; i < 5000; i++) taken += Number(responder.receive(new Uint8Array(14)));
    expect(taken).toBeLessThan(1000);
    await time.pass(100);
    expect(responder.receive(new Uint8Array(14))).toBe(true);
  });
});
