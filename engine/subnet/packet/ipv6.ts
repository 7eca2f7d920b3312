// IPv6 packets (RFC 8200), with the extension headers walked through to the protocol above.

import { ipv6Bytes, ipv6Text } from './address.ts';
import { setU16, u16 } from './bytes.ts';
import type { Frame } from './ethernet.ts';

export interface Ipv6Packet {
  source: string;
  destination: string;
  /** The protocol after the extension headers; FRAGMENT for a packet that is not the first of its fragments. */
  protocol: number;
  hopLimit: number;
  payload: Frame;
}

export const FRAGMENT = 44;
const HEADER_BYTES = 40;
const HOP_BY_HOP = 0;
const ROUTING = 43;
const DESTINATION_OPTIONS = 60;

/** Undefined if it is malformed. */
export function decodeIpv6(bytes: Frame): Ipv6Packet | undefined {
  if (bytes.length < HEADER_BYTES || bytes[0] >> 4 !== 6) return undefined;
  const end = HEADER_BYTES + u16(bytes, 4);
  if (end > bytes.length) return undefined;
  const upper = skipExtensions(bytes[6], bytes.subarray(HEADER_BYTES, end));
  if (!upper) return undefined;
  return { source: ipv6Text(bytes, 8), destination: ipv6Text(bytes, 24), hopLimit: bytes[7], ...upper };
}

/** RFC 8200, section 4. Each header is at least 8 bytes long, so it ends. */
function skipExtensions(next: number, rest: Frame): Pick<Ipv6Packet, 'protocol' | 'payload'> | undefined {
  let [protocol, payload] = [next, rest];
  while (protocol === HOP_BY_HOP || protocol === ROUTING || protocol === DESTINATION_OPTIONS || protocol === FRAGMENT) {
    if (payload.length < 8) return undefined;
    if (protocol === FRAGMENT && u16(payload, 2) >> 3 !== 0) break;
    const length = protocol === FRAGMENT ? 8 : (payload[1] + 1) * 8;
    if (length > payload.length) return undefined;
    protocol = payload[0];
    payload = payload.subarray(length);
  }
  return { protocol, payload };
}

/** Without extension headers. */
export function encodeIpv6({ source, destination, protocol, hopLimit, payload }: Ipv6Packet): Frame {
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  bytes[0] = 0x60;
  setU16(bytes, 4, payload.length);
  bytes[6] = protocol;
  bytes[7] = hopLimit;
  bytes.set(ipv6Bytes(source), 8);
  bytes.set(ipv6Bytes(destination), 24);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}
