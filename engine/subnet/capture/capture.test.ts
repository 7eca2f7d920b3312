import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../base/testing/virtual-time.ts';
import { reverseArpAnnouncement } from '../link/announce.ts';
import { BROADCAST_MAC, ipv6MulticastMac, linkLocalOf } from '../packet/address.ts';
import { encodeArp } from '../packet/arp.ts';
import { DHCP_TYPE, encodeDhcp } from '../packet/dhcp.ts';
import { type DnsMessage, encodeDns } from '../packet/dns.ts';
import { ETHERTYPE, encodeEthernet, type Frame, withTag } from '../packet/ethernet.ts';
import { encodeIcmp } from '../packet/icmp.ts';
import { encodeIcmpv6, encodeNeighbourSolicitation } from '../packet/icmpv6.ts';
import { encodeIpv4, PROTOCOL } from '../packet/ipv4.ts';
import { encodeIpv6 } from '../packet/ipv6.ts';
import { type PortGroup, STRICT } from '../switch/port-group.ts';
import { VirtualSwitch } from '../switch/virtual-switch.ts';
import { broadcast, mac, numbered, udpFrame } from '../testing/frames.ts';
import { Capture, type CaptureOptions } from './capture.ts';
import { summarise } from './summary.ts';

const GROUP: PortGroup = { name: 'VMs', vlan: { mode: 'access', vlan: 0 }, security: STRICT };

function lab(options: Partial<CaptureOptions> = {}) {
  const time = new VirtualTime();
  const network = new VirtualSwitch({ timebase: time });
  const ports = [1, 2, 3].map((n) =>
    network.connect({ name: `vm${n}`, group: GROUP, mac: mac(n), deliver: () => true }),
  );
  const capture = (only?: number) =>
    new Capture({ network, timebase: time, port: only === undefined ? undefined : ports[only], ...options });
  const send = (from: number, to: number) => network.transmit(ports[from], numbered(mac(from + 1), mac(to + 1), 0));
  return { time, network, ports, capture, send };
}

interface Block {
  type: number;
  body: DataView;
}

/** Takes a file apart, and checks that every block has its length at both ends. */
function blocksOf(file: Uint8Array): Block[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const blocks: Block[] = [];
  for (let at = 0; at < file.length; ) {
    const length = view.getUint32(at + 4, true);
    expect(length % 4).toBe(0);
    expect(view.getUint32(at + length - 4, true)).toBe(length);
    blocks.push({ type: view.getUint32(at, true), body: new DataView(file.buffer, at + 8, length - 12) });
    at += length;
  }
  return blocks;
}

describe('a capture', () => {
  it('of the subnet has each frame once, of a port what passes there in both directions', () => {
    const { capture, send } = lab();
    const [all, one] = [capture(), capture(0)];
    send(0, 1);
    send(1, 2);
    send(2, 0);
    expect(all.lines(0, 10).map(({ port }) => port)).toEqual(['vm1', 'vm2', 'vm3']);
    expect(one.lines(0, 10).map(({ port, source }) => [port, source])).toEqual([
      ['vm1', mac(1)],
      ['vm1', mac(3)],
    ]);
    one.stop();
    send(0, 1);
    expect([all.captured, one.captured]).toEqual([4, 2]);
    expect(all.lines(2, 1).map(({ number }) => number)).toEqual([4]);
    expect(all.lines(4, 10)).toEqual([]);
  });

  it('keeps the newest frames within its capacity, and says how many gave way', () => {
    const { capture, send } = lab({ capacityBytes: 100 * (60 + 64) });
    const all = capture();
    for (let i = 0; i < 5000; i++) send(0, 1);
    expect([all.captured, all.dropped]).toEqual([5000, 4900]);
    const lines = all.lines(0, 1000);
    expect([lines.length, lines[0].number]).toEqual([100, 4901]);
    expect(blocksOf(all.toPcapng()).filter(({ type }) => type === 6)).toHaveLength(100);
  });

  it('is a pcapng file: section, interfaces, packets with time, direction and length, statistics', async () => {
    const { capture, send, time } = lab({ snapLength: 50 });
    const one = capture(0);
    send(0, 1);
    await time.pass(1234.5);
    send(1, 0);
    const blocks = blocksOf(one.toPcapng());
    expect(blocks.map(({ type }) => type)).toEqual([0x0a0d0d0a, 1, 6, 6, 5]);
    expect(blocks[0].body.getUint32(0, true)).toBe(0x1a2b3c4d);
    expect([blocks[1].body.getUint16(0, true), blocks[1].body.getUint32(4, true)]).toEqual([1, 50]);
    const packets = blocks.slice(2, 4).map(({ body }) => ({
      microseconds: body.getUint32(4, true) * 2 ** 32 + body.getUint32(8, true),
      kept: body.getUint32(12, true),
      length: body.getUint32(16, true),
      direction: body.getUint32(20 + 52 + 4, true),
    }));
    expect(packets).toEqual([
      { microseconds: 1_000_000_000, kept: 50, length: 60, direction: 2 },
      { microseconds: 1_001_234_500, kept: 50, length: 60, direction: 1 },
    ]);
  });
});

describe('the line for a frame', () => {
  const ip = (protocol: number, payload: Frame) =>
    encodeEthernet({
      source: mac(1),
      destination: mac(2),
      etherType: ETHERTYPE.ipv4,
      payload: encodeIpv4({ source: '10.0.0.2', destination: '10.0.0.1', protocol, ttl: 64, payload }),
    });
  const dns = (message: DnsMessage, code = 0) =>
    udpFrame(
      { fromMac: mac(1), toMac: mac(2), from: '10.0.0.2', to: '10.0.0.1', sourcePort: 53, destinationPort: 4000 },
      encodeDns({ id: 1, questions: [{ name: 'web1.lab', type: 'A' }], ...message, flags: code }),
    );
  const info = (frame: Frame) => `${summarise(frame).protocol}: ${summarise(frame).info}`;

  it('says who, to whom, and what', () => {
    const arp = { operation: 1, senderMac: mac(1), senderIp: '10.0.0.2', targetMac: mac(0), targetIp: '10.0.0.1' };
    const arpFrame = (changes: object) =>
      encodeEthernet({
        source: mac(1),
        destination: BROADCAST_MAC,
        etherType: ETHERTYPE.arp,
        payload: encodeArp({ ...arp, ...changes }),
      });
    expect(summarise(arpFrame({}))).toEqual({
      source: mac(1),
      destination: BROADCAST_MAC,
      protocol: 'ARP',
      info: 'Who has 10.0.0.1? Tell 10.0.0.2',
    });
    expect(info(arpFrame({ operation: 2 }))).toBe(`ARP: 10.0.0.2 is at ${mac(1)}`);
    expect(info(arpFrame({ targetIp: '10.0.0.2' }))).toBe('ARP: Announcement of 10.0.0.2');
    expect(info(reverseArpAnnouncement(mac(1)))).toBe(`RARP: Who is ${mac(1)}? Tell ${mac(1)}`);
    const echo = encodeIcmp({ type: 8, code: 0, body: Uint8Array.of(0, 5, 0, 6) });
    expect(summarise(ip(PROTOCOL.icmp, echo))).toEqual({
      source: '10.0.0.2',
      destination: '10.0.0.1',
      protocol: 'ICMP',
      info: 'Echo request id=5 seq=6',
    });
    const segment = new Uint8Array(23);
    segment.set([0, 80, 0xc3, 0x50, 0, 0, 0, 9, 0, 0, 0, 7, 0x50, 0x18, 1, 0]);
    expect(info(ip(PROTOCOL.tcp, segment))).toBe('TCP: 80 → 50000 [PSH, ACK] Seq=9 Ack=7 Win=256 Len=3');
    expect(info(ip(89, new Uint8Array(4)))).toBe('IP: Protocol 89, 4 bytes');
    expect(info(withTag(numbered(mac(1), mac(2), 0), 7))).toBe('Ethernet: VLAN 7: EtherType 0x88b5, 46 bytes');
    expect(info(new Uint8Array(5))).toBe('Ethernet: Runt of 5 bytes');
  });

  it('names what DNS and DHCP say', () => {
    expect(info(dns({ type: 'query' }))).toBe('DNS: Query A web1.lab');
    const answers = [{ name: 'web1.lab', type: 'A' as const, data: '10.0.0.100' }];
    expect(info(dns({ type: 'response', answers }))).toBe('DNS: Response A web1.lab: A 10.0.0.100');
    expect(info(dns({ type: 'response' }, 3))).toBe('DNS: Response A web1.lab: no such name');
    const message = {
      op: 'request' as const,
      transaction: 1,
      seconds: 0,
      broadcast: false,
      clientAddress: '0.0.0.0',
      yourAddress: '0.0.0.0',
      relayAddress: '0.0.0.0',
      clientMac: mac(1),
      options: new Map([[53, Uint8Array.of(DHCP_TYPE.discover)]]),
    };
    const ends = {
      fromMac: mac(1),
      toMac: BROADCAST_MAC,
      from: '0.0.0.0',
      to: '255.255.255.255',
      sourcePort: 68,
      destinationPort: 67,
    };
    expect(info(udpFrame(ends, encodeDhcp(message)))).toBe(`DHCP: Discover for ${mac(1)}`);
    const wish = new Map([
      [53, Uint8Array.of(DHCP_TYPE.request)],
      [50, Uint8Array.of(10, 0, 0, 9)],
    ]);
    expect(info(udpFrame(ends, encodeDhcp({ ...message, options: wish })))).toBe(
      `DHCP: Request 10.0.0.9 for ${mac(1)}`,
    );
  });

  it('reads IPv6 and its neighbour discovery', () => {
    const [source, destination] = [linkLocalOf(mac(1)), 'ff02::1:ff00:1'];
    const message = encodeIcmpv6(encodeNeighbourSolicitation({ target: 'fe80::1' }), source, destination);
    const payload = encodeIpv6({ source, destination, protocol: PROTOCOL.icmpv6, hopLimit: 255, payload: message });
    const frame = encodeEthernet({
      source: mac(1),
      destination: ipv6MulticastMac(destination),
      etherType: ETHERTYPE.ipv6,
      payload,
    });
    expect(summarise(frame)).toEqual({
      source,
      destination,
      protocol: 'ICMPv6',
      info: 'Neighbour solicitation for fe80::1',
    });
    frame[60] ^= 1;
    expect(info(frame)).toBe('ICMPv6: Malformed');
  });

  it('can be made for any bytes, and for any damage to a good frame', () => {
    const good = [dns({ type: 'query' }), ip(PROTOCOL.tcp, new Uint8Array(20)), broadcast(mac(1), 1)];
    const damage = fc.record({ seed: fc.constantFrom(...good), at: fc.nat(90), value: fc.nat(255), cut: fc.nat(120) });
    const damaged = damage.map(({ seed, at, value, cut }) => {
      const copy = seed.slice(0, cut);
      if (at < copy.length) copy[at] = value;
      return copy;
    });
    const types = fc.constantFrom(...Object.values(ETHERTYPE));
    const random = fc
      .tuple(types, fc.uint8Array({ maxLength: 120 }))
      .map(([etherType, payload]) =>
        encodeEthernet({ source: mac(1), destination: mac(2), etherType, payload: payload as Frame }),
      );
    fc.assert(
      fc.property(fc.oneof(damaged, random), (frame) => {
        expect(summarise(frame).info).not.toBe('');
      }),
      { numRuns: 3000 },
    );
  });
});
