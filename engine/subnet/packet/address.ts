// IP addresses as text and as bytes. Packets hold MAC and IP addresses as canonical text (base/mac-address.ts; IPv4 in
// dotted decimal, IPv6 as RFC 5952 has it), so that two addresses are equal exactly when their texts are.

import { macBytes, macText } from '../../base/mac-address.ts';

export const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff';

export function ipv4Text(bytes: Uint8Array, offset = 0): string {
  return bytes.subarray(offset, offset + 4).join('.');
}

/** @throws RangeError */
export function ipv4Bytes(text: string): Uint8Array<ArrayBuffer> {
  const parts = text.split('.');
  const valid = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
  if (!valid) throw new RangeError(`${text} is not an IPv4 address`);
  return Uint8Array.from(parts, Number);
}

/** As an unsigned 32-bit number, in which the addresses of a range follow each other. @throws RangeError */
export function ipv4Number(text: string): number {
  return ipv4Bytes(text).reduce((number, byte) => number * 256 + byte, 0);
}

export function ipv4FromNumber(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}

/** RFC 5952, section 4: lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
export function ipv6Text(bytes: Uint8Array, offset = 0): string {
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[offset + 2 * i] << 8) | bytes[offset + 2 * i + 1]);
  let [start, length] = [0, 0];
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > length) [start, length] = [i, end - i];
  }
  const texts = groups.map((group) => group.toString(16));
  if (length < 2) return texts.join(':');
  return `${texts.slice(0, start).join(':')}::${texts.slice(start + length).join(':')}`;
}

/** @throws RangeError */
export function ipv6Bytes(text: string): Uint8Array<ArrayBuffer> {
  const halves = text.split('::');
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - (tail?.length ?? 0);
  const groups = tail ? [...head, ...Array<string>(Math.max(missing, 0)).fill('0'), ...tail] : head;
  const complete = halves.length === 1 ? missing === 0 : halves.length === 2 && missing > 0;
  if (!complete || !groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) {
    throw new RangeError(`${text} is not an IPv6 address`);
  }
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
  );
}

/** Multicast and broadcast addresses have the group bit (IEEE 802-2014, 8.2). */
export function isGroupMac(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}

/** The interface identifier that SLAAC makes of a MAC address (modified EUI-64; RFC 4291, appendix A). Eight bytes. */
export function interfaceId(mac: string): Uint8Array<ArrayBuffer> {
  const m = macBytes(mac);
  return Uint8Array.of(m[0] ^ 2, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]);
}

export function linkLocalOf(mac: string): string {
  return ipv6Text(Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, ...interfaceId(mac)));
}

/** The multicast MAC of an IPv6 multicast address (RFC 2464, section 7). */
export function ipv6MulticastMac(address: string): string {
  return macText(Uint8Array.of(0x33, 0x33, ...ipv6Bytes(address).subarray(12)));
}
