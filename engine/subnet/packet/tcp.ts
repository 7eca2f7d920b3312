// TCP segment headers (RFC 9293, 3.1), for those who watch: no end of a connection is here.

import { u16, u32 } from './bytes.ts';
import type { Frame } from './ethernet.ts';

export interface TcpSegment {
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgement: number;
  /** Of FLAG_NAMES, in the order of the bits. */
  flags: string[];
  window: number;
  payload: Frame;
}

const HEADER_BYTES = 20;
const FLAG_NAMES = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'];

/** Undefined if it is malformed. */
export function decodeTcp(bytes: Frame): TcpSegment | undefined {
  const headerBytes = (bytes[12] >> 4) * 4;
  if (bytes.length < HEADER_BYTES || headerBytes < HEADER_BYTES || headerBytes > bytes.length) return undefined;
  return {
    sourcePort: u16(bytes, 0),
    destinationPort: u16(bytes, 2),
    sequence: u32(bytes, 4),
    acknowledgement: u32(bytes, 8),
    flags: FLAG_NAMES.filter((_, bit) => (bytes[13] >> bit) & 1),
    window: u16(bytes, 14),
    payload: bytes.subarray(headerBytes),
  };
}
