// UDP datagrams (RFC 768).

import { joined, setU16, u16 } from './bytes.ts';
import { internetChecksum, pseudoHeader } from './checksum.ts';
import type { Frame } from './ethernet.ts';
import { PROTOCOL } from './ipv4.ts';

export interface UdpDatagram {
  sourcePort: number;
  destinationPort: number;
  payload: Frame;
}

const HEADER_BYTES = 8;

/** Undefined if it is malformed. The checksum is not verified: a capture sees datagrams whose sender left it to a NIC. */
export function decodeUdp(bytes: Frame): UdpDatagram | undefined {
  const length = u16(bytes, 4);
  if (bytes.length < HEADER_BYTES || length < HEADER_BYTES || length > bytes.length) return undefined;
  return { sourcePort: u16(bytes, 0), destinationPort: u16(bytes, 2), payload: bytes.subarray(HEADER_BYTES, length) };
}

/** `source` and `destination` are the IP addresses, 4 or 16 bytes each. */
export function encodeUdp(datagram: UdpDatagram, source: Uint8Array, destination: Uint8Array): Frame {
  const header = new Uint8Array(HEADER_BYTES);
  const length = HEADER_BYTES + datagram.payload.length;
  setU16(header, 0, datagram.sourcePort);
  setU16(header, 2, datagram.destinationPort);
  setU16(header, 4, length);
  const bytes = joined(header, datagram.payload);
  // Zero means "no checksum": a sum that comes out as zero is sent as its other representation.
  setU16(bytes, 6, internetChecksum(pseudoHeader(source, destination, PROTOCOL.udp, length), bytes) || 0xffff);
  return bytes;
}

/** Is the checksum right? One that the sender left out is. */
export function udpChecksumHolds(bytes: Frame, source: Uint8Array, destination: Uint8Array): boolean {
  const length = u16(bytes, 4);
  if (u16(bytes, 6) === 0) return source.length === 4;
  return internetChecksum(pseudoHeader(source, destination, PROTOCOL.udp, length), bytes.subarray(0, length)) === 0;
}
