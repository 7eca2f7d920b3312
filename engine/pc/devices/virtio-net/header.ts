// struct virtio_net_hdr (virtio 1.2, §5.1.6), before every packet in the queues, little-endian:
//
//   0 flags u8   1 gso_type u8   2 hdr_len u16   4 gso_size u16   6 csum_start u16   8 csum_offset u16   10 num_buffers u16
//
// num_buffers is missing where the driver has accepted neither VIRTIO_F_VERSION_1 nor VIRTIO_NET_F_MRG_RXBUF.

export const HEADER_SIZE = 12;
export const OLD_HEADER_SIZE = 10;

/** The checksum at csum_start + csum_offset holds the pseudo header's sum alone: the rest is to be added. */
export const NEEDS_CHECKSUM = 1;
/** The checksum has been found right. */
export const DATA_VALID = 2;
export const GSO_NONE = 0;
export const GSO_TCPV4 = 1;
export const GSO_TCPV6 = 4;

export interface PacketHeader {
  flags: number;
  gsoType: number;
  /** Bytes of payload in each segment. */
  gsoSize: number;
  checksumStart: number;
  checksumOffset: number;
}

/** A packet that is one frame, complete. */
export const PLAIN: PacketHeader = { flags: 0, gsoType: GSO_NONE, gsoSize: 0, checksumStart: 0, checksumOffset: 0 };

export function readHeader(bytes: Uint8Array): PacketHeader {
  const u16 = (at: number) => bytes[at] | (bytes[at + 1] << 8);
  return { flags: bytes[0], gsoType: bytes[1], gsoSize: u16(4), checksumStart: u16(6), checksumOffset: u16(8) };
}

/** Writes all but num_buffers. `headerBytes`: of Ethernet, IP and TCP together. */
export function writeHeader(bytes: Uint8Array, header: PacketHeader, headerBytes: number): void {
  bytes[0] = header.flags;
  bytes[1] = header.gsoType;
  for (const [at, value] of [
    [2, headerBytes],
    [4, header.gsoSize],
    [6, header.checksumStart],
    [8, header.checksumOffset],
  ]) {
    bytes[at] = value & 0xff;
    bytes[at + 1] = value >> 8;
  }
}
