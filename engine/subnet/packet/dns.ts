// DNS messages (RFC 1035), through the library's codec. It is kept from messages that announce more records than any real
// one has, for which it would set memory aside.

import { type Answer, decode, encode, type Packet } from '@dnsquery/dns-packet';
import { u16 } from './bytes.ts';
import type { Frame } from './ethernet.ts';

export type { Answer as DnsRecord, Packet as DnsMessage };

export const DNS_PORT = 53;
const HEADER_BYTES = 12;
const MAXIMUM_RECORDS = 64;

/** Undefined if it is malformed. */
export function decodeDns(bytes: Frame): Packet | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const records = u16(bytes, 4) + u16(bytes, 6) + u16(bytes, 8) + u16(bytes, 10);
  if (records > MAXIMUM_RECORDS) return undefined;
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}

export function encodeDns(message: Packet): Frame {
  return encode(message).slice();
}
