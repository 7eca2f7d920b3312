// Joins the segments of a TCP connection that arrive one after the other into one packet, which costs the guest as much as
// one segment (virtio 1.2, §5.1.6.4: a card may pass packets of up to 64 KiB if the driver accepted
// VIRTIO_NET_F_GUEST_TSO4 or …TSO6). The guest sees where the segments ended by gso_size, so nothing is lost that routing on would need.
//
// Joined are segments with the right checksum, in sequence, with nothing between them that differs but sequence number, IP
// identification, lengths and checksums, all as long as the first except the last. Everything else passes as it came, in order.
import {
  DATA_VALID,
  GSO_TCPV4,
  GSO_TCPV6,
  HEADER_SIZE,
  NEEDS_CHECKSUM,
  OLD_HEADER_SIZE,
  PLAIN,
  writeHeader,
} from './header.ts';
import { MAXIMUM_PACKET } from './segmentation.ts';
import * as T from './tcp-layout.ts';

/** Total length of an IP packet. */
const MAXIMUM_IP = 65535;

export class Coalescer {
  readonly #joins: (version: 4 | 6) => boolean;
  readonly #buffer = new Uint8Array(HEADER_SIZE + MAXIMUM_PACKET);
  readonly #packet = this.#buffer.subarray(HEADER_SIZE);
  #length = 0;
  /** Of the segments joined so far; undefined when the packet is to pass as it came. */
  #layout: T.TcpLayout | undefined;
  #segmentSize = 0;
  #segments = 0;
  #nextSequence = 0;
  #verified = false;
  /** No segment joins any more. */
  #complete = false;

  /** `joins`: does the driver take joined segments of this IP version? */
  constructor(joins: (version: 4 | 6) => boolean) {
    this.#joins = joins;
  }

  get empty(): boolean {
    return this.#length === 0;
  }

  /**
   * The packet behind its header of `headerSize` bytes, in place: valid until the next change. `checksums`: the driver takes
   * word about checksums (VIRTIO_NET_F_GUEST_CSUM).
   */
  packet(headerSize: number, checksums: boolean): Uint8Array {
    const bytes = this.#buffer.subarray(HEADER_SIZE - headerSize, HEADER_SIZE + this.#length);
    const layout = this.#layout;
    if (layout && this.#segments > 1) {
      this.#finish(layout);
      const header = {
        flags: NEEDS_CHECKSUM,
        gsoType: layout.version === 4 ? GSO_TCPV4 : GSO_TCPV6,
        gsoSize: this.#segmentSize,
        checksumStart: layout.tcp,
        checksumOffset: T.TCP_CHECKSUM,
      };
      writeHeader(bytes, header, layout.payload);
    } else {
      writeHeader(bytes, this.#verified && checksums ? { ...PLAIN, flags: DATA_VALID } : PLAIN, 0);
    }
    // num_buffers is of the packet before; delivery sets it.
    bytes.fill(0, OLD_HEADER_SIZE, headerSize);
    return bytes;
  }

  clear(): void {
    this.#length = 0;
  }

  /** Takes a frame; false when it does not belong to what is held, which must leave first. */
  add(frame: Uint8Array): boolean {
    if (!this.empty) return this.#join(frame);
    const layout = T.tcpLayout(frame);
    const length = layout ? T.packetEnd(frame, layout) : 0;
    const verified = layout !== undefined && intact(frame, layout, length);
    this.#packet.set(frame);
    this.#verified = verified;
    this.#segments = 1;
    this.#complete = false;
    const joinable =
      verified && this.#joins(layout.version) && length > layout.payload && frame[layout.tcp + T.TCP_FLAGS] === T.ACK;
    this.#layout = joinable ? layout : undefined;
    // Padding is not part of a packet that others will be joined to.
    this.#length = joinable ? length : frame.length;
    if (joinable) {
      this.#segmentSize = length - layout.payload;
      this.#nextSequence = (T.get32(frame, layout.tcp + T.TCP_SEQUENCE) + this.#segmentSize) >>> 0;
    }
    return true;
  }

  /** Makes the headers those of the whole: lengths, and in TCP's checksum the pseudo header's sum. */
  #finish(layout: T.TcpLayout): void {
    const packet = this.#packet.subarray(0, this.#length);
    T.setIpHeader(packet, layout, 0);
    T.put16(packet, layout.tcp + T.TCP_CHECKSUM, T.fold(T.pseudoHeaderSum(packet, layout, packet.length)));
  }

  #join(frame: Uint8Array): boolean {
    const layout = this.#layout;
    if (!layout || this.#complete || frame.length <= layout.payload) return false;
    const { ip, tcp, payload } = layout;
    const length = T.packetEnd(frame, layout);
    const size = length - payload;
    const fits =
      size > 0 &&
      size <= this.#segmentSize &&
      this.#length - ip + size <= MAXIMUM_IP &&
      sameHeaders(this.#packet, frame, layout) &&
      T.get32(frame, tcp + T.TCP_SEQUENCE) === this.#nextSequence &&
      intact(frame, layout, length);
    if (!fits) return false;
    this.#packet.set(frame.subarray(payload, length), this.#length);
    this.#length += size;
    this.#segments++;
    this.#nextSequence = (this.#nextSequence + size) >>> 0;
    this.#packet[tcp + T.TCP_FLAGS] |= frame[tcp + T.TCP_FLAGS];
    // A short segment, or one that asks to be handed on, is the last.
    if (size < this.#segmentSize || frame[tcp + T.TCP_FLAGS] !== T.ACK) this.#complete = true;
    return true;
  }
}

/** All but length, identification, sequence number, checksums, and the flag PSH. */
function sameHeaders(a: Uint8Array, b: Uint8Array, layout: T.TcpLayout): boolean {
  const { tcp, payload } = layout;
  const flags = tcp + T.TCP_FLAGS;
  return (
    (b[flags] & ~T.PSH) === T.ACK &&
    T.sameIpHeaders(a, b, layout) &&
    T.same(a, b, tcp, tcp + T.TCP_SEQUENCE) &&
    T.same(a, b, tcp + T.TCP_SEQUENCE + 4, flags) &&
    T.same(a, b, flags + 1, tcp + T.TCP_CHECKSUM) &&
    T.same(a, b, tcp + T.TCP_CHECKSUM + 2, payload)
  );
}

/** Whole, and both checksums right. `end`: of the IP packet. */
function intact(frame: Uint8Array, layout: T.TcpLayout, end: number): boolean {
  return end >= layout.payload && end <= frame.length && T.checksumsRight(frame, layout, end);
}
