// What a driver leaves to the card when it sends (virtio 1.2, §5.1.6.2): completing a checksum, and cutting a TCP packet of up
// to 64 KiB into segments that fit into frames.
import { ETHERNET_HEADER, MAXIMUM_FRAME } from '../../bus/nic.ts';
import { GSO_NONE, GSO_TCPV4, GSO_TCPV6, NEEDS_CHECKSUM, type PacketHeader } from './header.ts';
import * as T from './tcp-layout.ts';

/** An IP packet of full length. */
export const MAXIMUM_PACKET = ETHERNET_HEADER + 4 + 65535;

/** Why a packet cannot be sent. */
export type Refusal = 'runts' | 'oversize' | 'malformed';

/**
 * The frames of a packet: itself with its checksum completed, or its segments. It may be written to; frames after the
 * first are valid one at a time, each until the next is asked for.
 */
export function* framesOf(packet: Uint8Array, header: PacketHeader): Generator<Uint8Array, Refusal | undefined> {
  if (packet.length < ETHERNET_HEADER) return 'runts';
  if (header.gsoType === GSO_TCPV4 || header.gsoType === GSO_TCPV6) return yield* segments(packet, header);
  if (header.gsoType !== GSO_NONE) return 'malformed';
  if (packet.length > MAXIMUM_FRAME) return 'oversize';
  if (header.flags & NEEDS_CHECKSUM && !completeChecksum(packet, header)) return 'malformed';
  yield packet;
  return undefined;
}

/** False when there is no room for the checksum where the header says. */
function completeChecksum(packet: Uint8Array, { checksumStart, checksumOffset }: PacketHeader): boolean {
  const at = checksumStart + checksumOffset;
  if (at + 2 > packet.length) return false;
  // A checksum of zero means "none" in UDP; all ones is the same number in ones' complement.
  T.put16(packet, at, ~T.fold(T.sum(packet, checksumStart, packet.length)) & 0xffff || 0xffff);
  return true;
}

function* segments(packet: Uint8Array, { gsoType, gsoSize }: PacketHeader): Generator<Uint8Array, Refusal | undefined> {
  const layout = T.tcpLayout(packet);
  const announced = gsoType === GSO_TCPV4 ? 4 : 6;
  if (layout?.version !== announced || gsoSize === 0 || packet.length > MAXIMUM_PACKET) return 'malformed';
  const { tcp, payload } = layout;
  if (payload + gsoSize > MAXIMUM_FRAME) return 'oversize';
  const frame = new Uint8Array(payload + gsoSize);
  const sequence = T.get32(packet, tcp + T.TCP_SEQUENCE);
  const flags = packet[tcp + T.TCP_FLAGS];
  let at = payload;
  for (let n = 0; n === 0 || at < packet.length; n++) {
    const piece = packet.subarray(at, at + gsoSize);
    const last = at + piece.length === packet.length;
    frame.set(packet.subarray(0, payload));
    frame.set(piece, payload);
    const segment = frame.subarray(0, payload + piece.length);
    T.setIpHeader(segment, layout, n);
    T.put32(segment, tcp + T.TCP_SEQUENCE, (sequence + at - payload) >>> 0);
    segment[tcp + T.TCP_FLAGS] = last ? flags : flags & ~(T.FIN | T.PSH);
    setTcpChecksum(segment, layout);
    yield segment;
    at += piece.length;
  }
  return undefined;
}

function setTcpChecksum(frame: Uint8Array, layout: T.TcpLayout): void {
  const at = layout.tcp + T.TCP_CHECKSUM;
  T.put16(frame, at, 0);
  const total = T.pseudoHeaderSum(frame, layout, frame.length) + T.sum(frame, layout.tcp, frame.length);
  T.put16(frame, at, ~T.fold(total) & 0xffff);
}
