// What an IP packet carries, in a few words: ICMP, ICMPv6, UDP with DHCP and DNS, TCP.

import { ipv4Text } from '../packet/address.ts';
import { DHCP_CLIENT_PORT, DHCP_OPTION, DHCP_SERVER_PORT, DHCP_TYPE, decodeDhcp, dhcpTypeOf } from '../packet/dhcp.ts';
import { DNS_PORT, type DnsRecord, decodeDns } from '../packet/dns.ts';
import type { Frame } from '../packet/ethernet.ts';
import { decodeIcmp, echoOf, ICMP_TYPE } from '../packet/icmp.ts';
import { advertisedPrefix, decodeIcmpv6, decodeNeighbour, ICMPV6_TYPE } from '../packet/icmpv6.ts';
import { PROTOCOL } from '../packet/ipv4.ts';
import { decodeTcp } from '../packet/tcp.ts';
import { decodeUdp, type UdpDatagram } from '../packet/udp.ts';

export interface TransportSummary {
  protocol: string;
  info: string;
}

interface IpPacket {
  source: string;
  destination: string;
  protocol: number;
  payload: Frame;
}

/** @param complete false for the first of several fragments, whose lengths and checksums are those of the whole. */
export function transportSummary(packet: IpPacket, complete: boolean): TransportSummary {
  const name = PROTOCOL_NAMES.get(packet.protocol);
  if (!name) return { protocol: 'IP', info: `Protocol ${packet.protocol}, ${packet.payload.length} bytes` };
  if (!complete) return { protocol: name, info: 'First fragment' };
  switch (packet.protocol) {
    case PROTOCOL.tcp:
      return { protocol: name, info: tcp(packet.payload) };
    case PROTOCOL.udp:
      return udp(packet.payload);
    case PROTOCOL.icmp:
      return { protocol: name, info: icmp(packet.payload) };
    default:
      return { protocol: name, info: icmpv6(packet) };
  }
}

const PROTOCOL_NAMES = new Map<number, string>([
  [PROTOCOL.icmp, 'ICMP'],
  [PROTOCOL.tcp, 'TCP'],
  [PROTOCOL.udp, 'UDP'],
  [PROTOCOL.icmpv6, 'ICMPv6'],
]);

const MALFORMED = 'Malformed';

function tcp(bytes: Frame): string {
  const segment = decodeTcp(bytes);
  if (!segment) return MALFORMED;
  const { sourcePort, destinationPort, flags, sequence, acknowledgement, window, payload } = segment;
  const acknowledges = flags.includes('ACK') ? ` Ack=${acknowledgement}` : '';
  const ports = `${sourcePort} → ${destinationPort}`;
  return `${ports} [${flags.join(', ')}] Seq=${sequence}${acknowledges} Win=${window} Len=${payload.length}`;
}

function udp(bytes: Frame): TransportSummary {
  const datagram = decodeUdp(bytes);
  if (!datagram) return { protocol: 'UDP', info: MALFORMED };
  const ports = [datagram.sourcePort, datagram.destinationPort];
  if (ports.includes(DNS_PORT)) return { protocol: 'DNS', info: dns(datagram) };
  if (ports.includes(DHCP_SERVER_PORT) || ports.includes(DHCP_CLIENT_PORT)) {
    return { protocol: 'DHCP', info: dhcp(datagram) };
  }
  return { protocol: 'UDP', info: `${ports.join(' → ')} Len=${datagram.payload.length}` };
}

const DHCP_NAMES = new Map<number, string>(Object.entries(DHCP_TYPE).map(([name, type]) => [type, name]));

function dhcp({ payload }: UdpDatagram): string {
  const message = decodeDhcp(payload);
  if (!message) return MALFORMED;
  const type = dhcpTypeOf(message);
  const name = DHCP_NAMES.get(type) ?? `type ${type}`;
  const wish = message.options.get(DHCP_OPTION.requestedAddress);
  const address = wish?.length === 4 ? ipv4Text(wish) : message.yourAddress;
  const about = address === '0.0.0.0' ? '' : ` ${address}`;
  return `${name[0].toUpperCase()}${name.slice(1)}${about} for ${message.clientMac}`;
}

function dns({ payload }: UdpDatagram): string {
  const message = decodeDns(payload);
  if (!message) return MALFORMED;
  const asked = (message.questions ?? []).map(({ name, type }) => `${type} ${name}`).join(', ');
  if (message.type === 'query') return `Query ${asked}`;
  const code = (message.flags ?? 0) & 15;
  const answers = (message.answers ?? []).map(recordText).join(', ');
  return `Response ${asked}: ${code === 0 ? answers || 'no records' : (DNS_CODES.get(code) ?? `code ${code}`)}`;
}

const DNS_CODES = new Map([
  [1, 'format error'],
  [2, 'server failure'],
  [3, 'no such name'],
  [4, 'not implemented'],
  [5, 'refused'],
]);

function recordText(record: DnsRecord): string {
  return typeof record.data === 'string' ? `${record.type} ${record.data}` : record.type;
}

const ICMP_NAMES = new Map<number, string>([
  [ICMP_TYPE.echoRequest, 'Echo request'],
  [ICMP_TYPE.echoReply, 'Echo reply'],
  [ICMP_TYPE.unreachable, 'Destination unreachable'],
  [ICMP_TYPE.timeExceeded, 'Time exceeded'],
]);

function icmp(bytes: Frame): string {
  const message = decodeIcmp(bytes);
  if (!message) return MALFORMED;
  const name = ICMP_NAMES.get(message.type) ?? `Type ${message.type}`;
  if (message.type !== ICMP_TYPE.echoRequest && message.type !== ICMP_TYPE.echoReply) {
    return `${name}, code ${message.code}`;
  }
  const { identifier, sequence } = echoOf(message);
  return `${name} id=${identifier} seq=${sequence}`;
}

function icmpv6({ payload, source, destination }: IpPacket): string {
  const message = decodeIcmpv6(payload, source, destination);
  if (!message) return MALFORMED;
  switch (message.type) {
    case ICMPV6_TYPE.echoRequest:
    case ICMPV6_TYPE.echoReply: {
      const { identifier, sequence } = echoOf(message);
      const name = message.type === ICMPV6_TYPE.echoRequest ? 'Echo request' : 'Echo reply';
      return `${name} id=${identifier} seq=${sequence}`;
    }
    case ICMPV6_TYPE.neighbourSolicitation:
      return `Neighbour solicitation for ${decodeNeighbour(message.body)?.target ?? MALFORMED}`;
    case ICMPV6_TYPE.neighbourAdvertisement:
      return `Neighbour advertisement of ${decodeNeighbour(message.body)?.target ?? MALFORMED}`;
    case ICMPV6_TYPE.routerSolicitation:
      return 'Router solicitation';
    case ICMPV6_TYPE.routerAdvertisement:
      return `Router advertisement of ${advertisedPrefix(message.body) ?? 'no prefix'}`;
    default:
      return `Type ${message.type}, code ${message.code}`;
  }
}
