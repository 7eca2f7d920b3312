// Which frames a DP8390 takes (data sheet, "Receive Configuration Register" and "Multicast Address Registers").
import { RCR_BROADCAST, RCR_MULTICAST, RCR_PROMISCUOUS } from './registers.ts';

const ADDRESS_BYTES = 6;
const POLYNOMIAL = 0x04c11db7;

/** `physical`: 6 bytes; `multicast`: 64 bits, one for each value of the hash. */
export function accepts(
  frame: Uint8Array,
  receiveConfig: number,
  physical: Uint8Array,
  multicast: Uint8Array,
): boolean {
  const destination = frame.subarray(0, ADDRESS_BYTES);
  if (receiveConfig & RCR_PROMISCUOUS) return true;
  if (destination.every((byte) => byte === 0xff)) return (receiveConfig & RCR_BROADCAST) !== 0;
  if (!isGroupAddress(frame)) return destination.every((byte, i) => byte === physical[i]);
  const hash = multicastHash(destination);
  return (receiveConfig & RCR_MULTICAST) !== 0 && ((multicast[hash >> 3] >> (hash & 7)) & 1) === 1;
}

/** Multicast or broadcast? */
export function isGroupAddress(frame: Uint8Array): boolean {
  return (frame[0] & 1) === 1;
}

/** The upper six bits of the address's CRC-32, bits taken as they go over the wire. */
function multicastHash(address: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of address) {
    for (let bit = 0; bit < 8; bit++) {
      const carry = (crc >>> 31) ^ ((byte >> bit) & 1);
      crc = (crc << 1) ^ (carry ? POLYNOMIAL : 0);
    }
  }
  return crc >>> 26;
}
