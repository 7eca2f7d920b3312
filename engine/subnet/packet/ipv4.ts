// IPv4 packets (RFC 791). Fragments are recognised, not put together.

import { ipv4Bytes, ipv4Text } from './address.ts';
import { setU16, u16 } from './bytes.ts';
import { internetChecksum } from './checksum.ts';
import type { Frame } from './ethernet.ts';

export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;

export interface Ipv4Packet {
  source: string;
  destination: string;
  protocol: number;
  ttl: number;
  /** In bytes; a packet with an offset has no header of the protocol above. */
  fragmentOffset: number;
  moreFragments: boolean;
  payload: Frame;
}

const HEADER_BYTES = 20;

/** Undefined if it is malformed or its header checksum is wrong. Ethernet's padding after the packet is cut off. */
export function decodeIpv4(bytes: Frame): Ipv4Packet | undefined {
  if (bytes.length < HEADER_BYTES || bytes[0] >> 4 !== 4) return undefined;
  const headerBytes = (bytes[0] & 15) * 4;
  const length = u16(bytes, 2);
  if (headerBytes < HEADER_BYTES || length < headerBytes || length > bytes.length) return undefined;
  if (internetChecksum(bytes.subarray(0, headerBytes)) !== 0) return undefined;
  const fragment = u16(bytes, 6);
  return {
    source: ipv4Text(bytes, 12),
    destination: ipv4Text(bytes, 16),
    protocol: bytes[9],
    ttl: bytes[8],
    fragmentOffset: (fragment & 0x1fff) * 8,
    moreFragments: (fragment & 0x2000) !== 0,
    payload: bytes.subarray(headerBytes, length),
  };
}

/** Unfragmented, without options. */
export function encodeIpv4({
  source,
  destination,
  protocol,
  ttl,
  payload,
}: Pick<Ipv4Packet, 'source' | 'destination' | 'protocol' | 'ttl' | 'payload'>): Frame {
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  bytes[0] = 0x45;
  setU16(bytes, 2, bytes.length);
  bytes[8] = ttl;
  bytes[9] = protocol;
  bytes.set(ipv4Bytes(source), 12);
  bytes.set(ipv4Bytes(destination), 16);
  setU16(bytes, 10, internetChecksum(bytes.subarray(0, HEADER_BYTES)));
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}
