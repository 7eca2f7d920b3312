// The Internet checksum (RFC 1071) and the pseudo-headers over which UDP, TCP (RFC 9293, 3.1) and ICMPv6 (RFC 8200, 8.1)
// compute it.

/** The ones' complement sum of the 16-bit words, not complemented; an odd last byte is padded with zero. */
function wordSum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i + 1 < bytes.length; i += 2) sum += (bytes[i] << 8) | bytes[i + 1];
  if (bytes.length % 2 === 1) sum += bytes[bytes.length - 1] << 8;
  return sum;
}

/** Over several pieces one after the other, of which all but the last have an even length. Zero over data that holds its checksum. */
export function internetChecksum(...pieces: Uint8Array[]): number {
  let sum = pieces.reduce((total, piece) => total + wordSum(piece), 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** `source` and `destination` are 4 bytes long each, or 16. */
export function pseudoHeader(
  source: Uint8Array,
  destination: Uint8Array,
  protocol: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  const tail = source.length === 4 ? 4 : 8;
  const header = new Uint8Array(2 * source.length + tail);
  header.set(source);
  header.set(destination, source.length);
  const view = new DataView(header.buffer, 2 * source.length);
  if (tail === 4) {
    view.setUint16(0, protocol);
    view.setUint16(2, length);
  } else {
    view.setUint32(0, length);
    view.setUint32(4, protocol);
  }
  return header;
}
