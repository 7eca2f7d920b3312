// TCP over IPv4 or IPv6 in an Ethernet frame, as far as a network card that computes checksums and cuts or joins segments must
// know it (RFC 791, RFC 8200, RFC 9293, RFC 1071). Offsets count from the frame's first byte.

const ETHERTYPE = 12;
const VLAN_TAG = 0x8100;
const VLAN_BYTES = 4;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const PROTOCOL_TCP = 6;
const TCP_MINIMUM = 20;

const V4_MINIMUM = 20;
const V4_LENGTH = 2; // of the packet
const V4_ID = 4;
const V4_FRAGMENT = 6;
const V4_PROTOCOL = 9;
const V4_CHECKSUM = 10;
const V4_ADDRESSES = 12;
const MORE_FRAGMENTS_AND_OFFSET = 0x3fff;

const V6_HEADER = 40;
const V6_LENGTH = 4; // of what follows the header
const V6_NEXT_HEADER = 6;
const V6_ADDRESSES = 8;

export const TCP_SEQUENCE = 4;
const TCP_DATA_OFFSET = 12;
export const TCP_FLAGS = 13;
export const TCP_CHECKSUM = 16;

export const FIN = 0x01;
export const PSH = 0x08;
export const ACK = 0x10;

export interface TcpLayout {
  version: 4 | 6;
  /** Where the IP header begins. */
  ip: number;
  tcp: number;
  payload: number;
}

export function get16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

export function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = (value >> 8) & 0xff;
  bytes[at + 1] = value & 0xff;
}

export function get32(bytes: Uint8Array, at: number): number {
  return get16(bytes, at) * 0x10000 + get16(bytes, at + 2);
}

export function put32(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, value >>> 16);
  put16(bytes, at + 2, value & 0xffff);
}

/** Undefined for what is not TCP, not whole, or a fragment. The lengths in its headers are not checked. */
export function tcpLayout(frame: Uint8Array): TcpLayout | undefined {
  const type = get16(frame, ETHERTYPE) === VLAN_TAG ? ETHERTYPE + VLAN_BYTES : ETHERTYPE;
  const ip = type + 2;
  const version = versionOf(frame, type);
  const tcp = ip + (version === 4 ? (frame[ip] & 15) * 4 : V6_HEADER);
  if (!version || tcp + TCP_MINIMUM > frame.length || !carriesTcp(frame, version, ip, tcp)) return undefined;
  const payload = tcp + (frame[tcp + TCP_DATA_OFFSET] >> 4) * 4;
  return payload >= tcp + TCP_MINIMUM && payload <= frame.length ? { version, ip, tcp, payload } : undefined;
}

function versionOf(frame: Uint8Array, type: number): 4 | 6 | undefined {
  const version = frame[type + 2] >> 4;
  if (get16(frame, type) === ETHERTYPE_IPV4 && version === 4) return 4;
  return get16(frame, type) === ETHERTYPE_IPV6 && version === 6 ? 6 : undefined;
}

function carriesTcp(frame: Uint8Array, version: 4 | 6, ip: number, tcp: number): boolean {
  if (version === 6) return frame[ip + V6_NEXT_HEADER] === PROTOCOL_TCP;
  const fragment = get16(frame, ip + V4_FRAGMENT) & MORE_FRAGMENTS_AND_OFFSET;
  return tcp >= ip + V4_MINIMUM && frame[ip + V4_PROTOCOL] === PROTOCOL_TCP && fragment === 0;
}

/** Where the IP packet ends by its own account; the frame may be padded. */
export function packetEnd(frame: Uint8Array, { version, ip, tcp }: TcpLayout): number {
  return version === 4 ? ip + get16(frame, ip + V4_LENGTH) : tcp + get16(frame, ip + V6_LENGTH);
}

/** Makes the IP header that of a packet which ends where `frame` does; its identification is moved on by `step`. */
export function setIpHeader(frame: Uint8Array, { version, ip, tcp }: TcpLayout, step: number): void {
  if (version === 6) {
    put16(frame, ip + V6_LENGTH, frame.length - tcp);
    return;
  }
  put16(frame, ip + V4_LENGTH, frame.length - ip);
  put16(frame, ip + V4_ID, (get16(frame, ip + V4_ID) + step) & 0xffff);
  put16(frame, ip + V4_CHECKSUM, 0);
  put16(frame, ip + V4_CHECKSUM, ~fold(sum(frame, ip, tcp)) & 0xffff);
}

/** Are the Ethernet and IP headers the same but for length, identification and checksum? */
export function sameIpHeaders(a: Uint8Array, b: Uint8Array, { version, ip, tcp }: TcpLayout): boolean {
  if (version === 6) return same(a, b, 0, ip + V6_LENGTH) && same(a, b, ip + V6_LENGTH + 2, tcp);
  return (
    same(a, b, 0, ip + V4_LENGTH) &&
    same(a, b, ip + V4_FRAGMENT, ip + V4_CHECKSUM) &&
    same(a, b, ip + V4_ADDRESSES, tcp)
  );
}

export function same(a: Uint8Array, b: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** Sum of 16-bit words, big-endian, an odd last byte padded with zero; carries are not folded yet. */
export function sum(bytes: Uint8Array, start: number, end: number): number {
  let total = 0;
  const even = start + ((end - start) & ~1);
  for (let at = start; at < even; at += 2) total += (bytes[at] << 8) | bytes[at + 1];
  return even < end ? total + (bytes[even] << 8) : total;
}

/** Ones' complement sum of 16 bits. */
export function fold(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return folded;
}

/** Of the pseudo header: addresses, protocol, and the length of TCP header and payload up to `end`. */
export function pseudoHeaderSum(frame: Uint8Array, { version, ip, tcp }: TcpLayout, end: number): number {
  const [start, bytes] = version === 4 ? [ip + V4_ADDRESSES, 8] : [ip + V6_ADDRESSES, 32];
  return sum(frame, start, start + bytes) + PROTOCOL_TCP + end - tcp;
}

/** Are the checksums of the IP header and of TCP, up to `end`, right? */
export function checksumsRight(frame: Uint8Array, layout: TcpLayout, end: number): boolean {
  const { version, ip, tcp } = layout;
  const total = pseudoHeaderSum(frame, layout, end) + sum(frame, tcp, end);
  return fold(total) === 0xffff && (version === 6 || fold(sum(frame, ip, tcp)) === 0xffff);
}
