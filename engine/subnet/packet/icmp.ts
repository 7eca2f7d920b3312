// ICMP (RFC 792): the common header, which ICMPv6 has too, and what follows it, unread.

import { setU16, u16 } from './bytes.ts';
import { internetChecksum } from './checksum.ts';
import type { Frame } from './ethernet.ts';

export const ICMP_TYPE = { echoReply: 0, unreachable: 3, echoRequest: 8, timeExceeded: 11 } as const;

export interface IcmpMessage {
  type: number;
  code: number;
  /** From the fifth byte on: for an echo two bytes of identifier, two of sequence number, and the data. */
  body: Frame;
}

/** Undefined if it is too short or its checksum is wrong. */
export function decodeIcmp(bytes: Frame): IcmpMessage | undefined {
  if (bytes.length < 8 || internetChecksum(bytes) !== 0) return undefined;
  return { type: bytes[0], code: bytes[1], body: bytes.subarray(4) };
}

export function encodeIcmp({ type, code, body }: IcmpMessage): Frame {
  const bytes = new Uint8Array(4 + body.length);
  bytes[0] = type;
  bytes[1] = code;
  bytes.set(body, 4);
  setU16(bytes, 2, internetChecksum(bytes));
  return bytes;
}

/** Identifier and sequence number of an echo request or reply. */
export function echoOf({ body }: IcmpMessage): { identifier: number; sequence: number } {
  return { identifier: u16(body, 0), sequence: u16(body, 2) };
}
