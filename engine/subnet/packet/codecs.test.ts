import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { macText } from '../../base/mac-address.ts';
import { ipv4Bytes, ipv4Text, ipv6Bytes, ipv6Text } from './address.ts';
import { decodeArp, encodeArp } from './arp.ts';
import { internetChecksum } from './checksum.ts';
import { decodeDhcp, encodeDhcp } from './dhcp.ts';
import { decodeDns, encodeDns } from './dns.ts';
import { decodeEthernet, encodeEthernet, type Frame, vlanOf, withoutTag, withTag } from './ethernet.ts';
import { decodeIcmp, encodeIcmp } from './icmp.ts';
import { decodeIcmpv6, decodeNeighbour, encodeIcmpv6, encodeNeighbourSolicitation } from './icmpv6.ts';
import { decodeIpv4, encodeIpv4 } from './ipv4.ts';
import { decodeIpv6, encodeIpv6, FRAGMENT } from './ipv6.ts';
import { decodeTcp } from './tcp.ts';
import { decodeUdp, encodeUdp, udpChecksumHolds } from './udp.ts';

const hex = (text: string) => Uint8Array.from(text.match(/[0-9a-f]{2}/g)!, (byte) => Number.parseInt(byte, 16));
const frame = fc.uint8Array({ maxLength: 200 }) as fc.Arbitrary<Frame>;
const fixed = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const macs = fixed(6).map((bytes) => macText(bytes));
const ip4 = fixed(4).map((bytes) => ipv4Text(bytes));
const ip6 = fixed(16).map((bytes) => ipv6Text(bytes));
const u16 = fc.nat(0xffff);
const u8 = fc.nat(0xff);

describe('packet codecs', () => {
  it('decode what they encoded', () => {
    const vlan = fc.option(fc.nat(4095), { nil: undefined });
    const etherType = fc.constantFrom(0x0800, 0x86dd);
    fc.assert(
      fc.property(fc.record({ destination: macs, source: macs, vlan, etherType, payload: frame }), (packet) => {
        const decoded = decodeEthernet(encodeEthernet(packet))!;
        expect({ ...packet, ...decoded }).toEqual(packet);
        expect(vlanOf(encodeEthernet(packet))).toBe(packet.vlan);
      }),
    );
    const arp = fc.record({ operation: u16, senderMac: macs, senderIp: ip4, targetMac: macs, targetIp: ip4 });
    fc.assert(fc.property(arp, (packet) => void expect(decodeArp(encodeArp(packet))).toEqual(packet)));
    const packet4 = fc.record({ source: ip4, destination: ip4, protocol: u8, ttl: u8, payload: frame });
    fc.assert(
      fc.property(packet4, (packet) => {
        expect(decodeIpv4(encodeIpv4(packet))).toEqual({ ...packet, fragmentOffset: 0, moreFragments: false });
      }),
    );
    const protocol = fc.constantFrom(6, 17, 58);
    const packet6 = fc.record({ source: ip6, destination: ip6, protocol, hopLimit: u8, payload: frame });
    fc.assert(fc.property(packet6, (packet) => void expect(decodeIpv6(encodeIpv6(packet))).toEqual(packet)));
    const body = fc.uint8Array({ minLength: 4, maxLength: 100 }) as fc.Arbitrary<Frame>;
    const icmp = fc.record({ type: u8, code: u8, body });
    fc.assert(fc.property(icmp, (message) => void expect(decodeIcmp(encodeIcmp(message))).toEqual(message)));
    fc.assert(
      fc.property(icmp, ip6, ip6, (message, from, to) => {
        expect(decodeIcmpv6(encodeIcmpv6(message, from, to), from, to)).toEqual(message);
      }),
    );
    const udp = fc.record({ sourcePort: u16, destinationPort: u16, payload: frame });
    fc.assert(
      fc.property(
        udp,
        fc.oneof(fc.tuple(fixed(4), fixed(4)), fc.tuple(fixed(16), fixed(16))),
        (datagram, [from, to]) => {
          const bytes = encodeUdp(datagram, from, to);
          expect(decodeUdp(bytes)).toEqual(datagram);
          expect(udpChecksumHolds(bytes, from, to)).toBe(true);
        },
      ),
    );
    const dhcp = fc.record({
      op: fc.constantFrom('request' as const, 'reply' as const),
      transaction: fc.nat(0xffffffff),
      seconds: u16,
      broadcast: fc.boolean(),
      clientAddress: ip4,
      yourAddress: ip4,
      relayAddress: ip4,
      clientMac: macs,
      options: fc
        .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 254 }), fc.uint8Array({ maxLength: 40 })), {
          selector: ([code]) => code,
        })
        .map((options) => new Map<number, Uint8Array>([...options, [53, Uint8Array.of(1)]])),
    });
    fc.assert(fc.property(dhcp, (message) => void expect(decodeDhcp(encodeDhcp(message))).toEqual(message)));
  });

  it('never throw, whatever they are given', () => {
    const decoders: ((bytes: Frame) => unknown)[] = [
      decodeEthernet,
      decodeArp,
      decodeIpv4,
      decodeIpv6,
      decodeIcmp,
      (bytes) => decodeIcmpv6(bytes, '::', '::'),
      decodeNeighbour,
      decodeUdp,
      decodeTcp,
      decodeDhcp,
      decodeDns,
    ];
    // Random bytes, and well-formed packets cut off or with a byte changed.
    const seeds = [
      new Uint8Array(0),
      encodeIpv4({ source: '1.2.3.4', destination: '5.6.7.8', protocol: 17, ttl: 1, payload: new Uint8Array(30) }),
      encodeIpv6({
        source: '::1',
        destination: '::2',
        protocol: 0,
        hopLimit: 1,
        payload: hex('2b00000000000000 3a01000000000000'),
      }),
      encodeNeighbourSolicitation({ target: 'fe80::1', linkAddress: '52:54:00:00:00:01' }).body,
      encodeDns({ type: 'query', id: 1, questions: [{ name: 'web1.lab', type: 'A' }] }),
    ];
    const changed = fc.record({ seed: fc.constantFrom(...seeds), at: fc.nat(60), value: u8, cut: fc.nat(300) });
    const damaged = changed.map(({ seed, at, value, cut }) => {
      const copy = seed.slice(0, cut);
      if (at < copy.length) copy[at] = value;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(frame, damaged), (bytes) => {
        for (const decode of decoders) decode(bytes);
      }),
      { numRuns: 3000 },
    );
  });

  it('know a packet of a real stack: an IPv4 header with the checksum that it had', () => {
    // The example of RFC 1071's arithmetic that every textbook has: checksum b861.
    const header = hex('4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7');
    expect(internetChecksum(header)).toBe(0);
    header[10] = 0;
    header[11] = 0;
    expect(internetChecksum(header)).toBe(0xb861);
  });

  it('refuse a wrong checksum, and take padding away', () => {
    const packet = encodeIpv4({
      source: '10.0.0.2',
      destination: '10.0.0.3',
      protocol: 17,
      ttl: 64,
      payload: hex('0102'),
    });
    expect(decodeIpv4(Uint8Array.from([...packet, 0, 0, 0, 0]))?.payload).toEqual(hex('0102'));
    packet[8] ^= 1;
    expect(decodeIpv4(packet)).toBeUndefined();
    const [from, to] = [ipv4Bytes('10.0.0.2'), ipv4Bytes('10.0.0.3')];
    const datagram = encodeUdp({ sourcePort: 1, destinationPort: 2, payload: hex('aabb') }, from, to);
    datagram[9] ^= 1;
    expect(udpChecksumHolds(datagram, from, to)).toBe(false);
    const message = encodeIcmpv6({ type: 128, code: 0, body: hex('00010001') }, 'fe80::1', 'fe80::2');
    expect(decodeIcmpv6(message, 'fe80::1', 'fe80::3')).toBeUndefined();
  });

  it('leave out a UDP checksum in IPv4 only', () => {
    const bytes = hex('0035 0035 0008 0000');
    expect(udpChecksumHolds(bytes, ipv4Bytes('1.1.1.1'), ipv4Bytes('1.1.1.2'))).toBe(true);
    expect(udpChecksumHolds(bytes, ipv6Bytes('::1'), ipv6Bytes('::2'))).toBe(false);
  });

  it('put tags on and take them off', () => {
    const untagged = encodeEthernet({
      destination: 'ff:ff:ff:ff:ff:ff',
      source: '52:54:00:00:00:01',
      etherType: 0x0806,
      payload: hex('01020304'),
    });
    const tagged = withTag(untagged, 100);
    expect(vlanOf(tagged)).toBe(100);
    expect(vlanOf(untagged)).toBeUndefined();
    expect(withoutTag(tagged)).toEqual(untagged);
    expect(tagged.subarray(12)).toEqual(hex('8100 0064 0806 01020304'));
  });

  it('walk through IPv6 extension headers to the protocol above', () => {
    const payload = hex('3c00000000000000 1100000000000000 aabb');
    const packet = { source: '::1', destination: '::2', hopLimit: 64 };
    expect(decodeIpv6(encodeIpv6({ ...packet, protocol: 0, payload }))).toMatchObject({
      protocol: 17,
      payload: hex('aabb'),
    });
    const later = hex('11000008 00000001 aabb');
    expect(decodeIpv6(encodeIpv6({ ...packet, protocol: FRAGMENT, payload: later }))?.protocol).toBe(FRAGMENT);
  });

  it('read a TCP header with options', () => {
    const segment = decodeTcp(hex('0050 c350 00000001 00000002 6012 7210 0000 0000 020405b4 4142'))!;
    expect(segment).toMatchObject({
      sourcePort: 80,
      destinationPort: 50000,
      sequence: 1,
      acknowledgement: 2,
      window: 0x7210,
    });
    expect([segment.flags, segment.payload]).toEqual([['SYN', 'ACK'], hex('4142')]);
  });

  it('put a DHCP option together that comes in parts, and refuse one that runs over the end', () => {
    const message = encodeDhcp({
      op: 'request',
      transaction: 1,
      seconds: 0,
      broadcast: false,
      clientAddress: '0.0.0.0',
      yourAddress: '0.0.0.0',
      relayAddress: '0.0.0.0',
      clientMac: '52:54:00:00:00:01',
      options: new Map([[53, Uint8Array.of(1)]]),
    });
    message.set(hex('0c0161 0c0162 ff'), 243);
    expect(decodeDhcp(message)?.options.get(12)).toEqual(hex('6162'));
    message.set([12, 255], 243);
    expect(decodeDhcp(message)).toBeUndefined();
  });

  it('take no DNS message that announces thousands of records', () => {
    const bytes = encodeDns({ type: 'query', id: 1, questions: [{ name: 'a.lab', type: 'A' }] });
    expect(decodeDns(bytes)?.questions).toMatchObject([{ name: 'a.lab', type: 'A' }]);
    bytes[6] = 0xff;
    expect(decodeDns(bytes)).toBeUndefined();
  });
});
