// Fields of packets and replies: big-endian, as SCSI has them.

export function be16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

export function be32(bytes: Uint8Array, at: number): number {
  return be16(bytes, at) * 0x10000 + be16(bytes, at + 2);
}

export function be24(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 16) | be16(bytes, at + 1);
}

export function bytesOf16(value: number): number[] {
  return [(value >> 8) & 0xff, value & 0xff];
}

export function bytesOf32(value: number): number[] {
  return [...bytesOf16(value >>> 16), ...bytesOf16(value & 0xffff)];
}

/** A reply that begins with the length, 16 bits, of what follows. */
export function withLength(rest: readonly number[]): Uint8Array {
  return Uint8Array.of(...bytesOf16(rest.length), ...rest);
}
