// ICMPv6 (RFC 4443) and what neighbour discovery (RFC 4861) and SLAAC (RFC 4862) need of it: solicitations, neighbour and
// router advertisements with their options.

import { macBytes, macText } from '../../base/mac-address.ts';
import { ipv6Bytes, ipv6Text } from './address.ts';
import { joined, setU16, setU32 } from './bytes.ts';
import { internetChecksum, pseudoHeader } from './checksum.ts';
import type { Frame } from './ethernet.ts';
import type { IcmpMessage } from './icmp.ts';
import { PROTOCOL } from './ipv4.ts';

export const ICMPV6_TYPE = {
  unreachable: 1,
  echoRequest: 128,
  echoReply: 129,
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighbourSolicitation: 135,
  neighbourAdvertisement: 136,
} as const;

export const ALL_NODES = 'ff02::1';

/** Undefined if it is too short or its checksum, which covers the addresses too, is wrong. */
export function decodeIcmpv6(bytes: Frame, source: string, destination: string): IcmpMessage | undefined {
  if (bytes.length < 8 || checksum(bytes, source, destination) !== 0) return undefined;
  return { type: bytes[0], code: bytes[1], body: bytes.subarray(4) };
}

export function encodeIcmpv6({ type, code, body }: IcmpMessage, source: string, destination: string): Frame {
  const bytes = joined(Uint8Array.of(type, code, 0, 0), body);
  setU16(bytes, 2, checksum(bytes, source, destination));
  return bytes;
}

function checksum(bytes: Frame, source: string, destination: string): number {
  const header = pseudoHeader(ipv6Bytes(source), ipv6Bytes(destination), PROTOCOL.icmpv6, bytes.length);
  return internetChecksum(header, bytes);
}

const OPTION_SOURCE_LINK_ADDRESS = 1;
const OPTION_TARGET_LINK_ADDRESS = 2;
const OPTION_PREFIX = 3;
const OPTION_MTU = 5;
/** RFC 8106, section 5.1. */
const OPTION_RDNSS = 25;

/** A neighbour solicitation or advertisement. */
export interface NeighbourMessage {
  target: string;
  /** The sender's link address, or in an advertisement the target's, if the message has it. */
  linkAddress?: string;
}

/** The body of a solicitation or advertisement. Undefined if it or its options are malformed. */
export function decodeNeighbour(body: Frame): NeighbourMessage | undefined {
  if (body.length < 20) return undefined;
  const message: NeighbourMessage = { target: ipv6Text(body, 4) };
  for (let at = 20; at < body.length; at += body[at + 1] * 8) {
    const length = body[at + 1] * 8;
    if (!(length > 0) || at + length > body.length) return undefined;
    const isAddress = body[at] === OPTION_SOURCE_LINK_ADDRESS || body[at] === OPTION_TARGET_LINK_ADDRESS;
    if (isAddress) message.linkAddress = macText(body, at + 2);
  }
  return message;
}

/** Asks who has `target`; `linkAddress` is the asker's, left out while its own address is still tentative. */
export function encodeNeighbourSolicitation({ target, linkAddress }: NeighbourMessage): IcmpMessage {
  const option = linkAddress === undefined ? [] : [OPTION_SOURCE_LINK_ADDRESS, 1, ...macBytes(linkAddress)];
  const body = joined(new Uint8Array(4), ipv6Bytes(target), Uint8Array.from(option));
  return { type: ICMPV6_TYPE.neighbourSolicitation, code: 0, body };
}

/** From a router, overriding what the receiver had cached. */
export function encodeNeighbourAdvertisement(
  { target, linkAddress }: Required<NeighbourMessage>,
  solicited: boolean,
): IcmpMessage {
  const flags = 0x80 | (solicited ? 0x40 : 0) | 0x20;
  const option = Uint8Array.of(OPTION_TARGET_LINK_ADDRESS, 1, ...macBytes(linkAddress));
  const body = joined(Uint8Array.of(flags, 0, 0, 0), ipv6Bytes(target), option);
  return { type: ICMPV6_TYPE.neighbourAdvertisement, code: 0, body };
}

export interface RouterAdvertisement {
  linkAddress: string;
  mtu: number;
  /** A /64 from which hosts make addresses for themselves; its last eight bytes are zero. */
  prefix: string;
  /** Resolvers, if any. */
  dnsServers: string[];
  /** Seconds for which prefix and resolvers hold. */
  lifetime: number;
  /** Seconds for which the sender is a default router; 0 = it is none. */
  routerLifetime: number;
}

export function encodeRouterAdvertisement(advertisement: RouterAdvertisement): IcmpMessage {
  const { linkAddress, mtu, prefix, dnsServers, lifetime, routerLifetime } = advertisement;
  const fixed = new Uint8Array(12);
  fixed[0] = 64;
  setU16(fixed, 2, routerLifetime);
  const link = Uint8Array.of(OPTION_SOURCE_LINK_ADDRESS, 1, ...macBytes(linkAddress));
  const mtuOption = Uint8Array.of(OPTION_MTU, 1, 0, 0, 0, 0, 0, 0);
  setU32(mtuOption, 4, mtu);
  const prefixOption = new Uint8Array(32);
  // Flags: on-link, autonomous address configuration.
  prefixOption.set([OPTION_PREFIX, 4, 64, 0xc0]);
  setU32(prefixOption, 4, lifetime);
  setU32(prefixOption, 8, lifetime);
  prefixOption.set(ipv6Bytes(prefix), 16);
  const body = joined(fixed, link, mtuOption, prefixOption, resolvers(dnsServers, lifetime));
  return { type: ICMPV6_TYPE.routerAdvertisement, code: 0, body };
}

function resolvers(addresses: string[], lifetime: number): Uint8Array {
  if (addresses.length === 0) return new Uint8Array(0);
  const option = new Uint8Array(8);
  option.set([OPTION_RDNSS, 1 + 2 * addresses.length]);
  setU32(option, 4, lifetime);
  return joined(option, ...addresses.map(ipv6Bytes));
}

/** The prefix of a router advertisement with its length in bits, the first if there are several. */
export function advertisedPrefix(body: Frame): string | undefined {
  for (let at = 12; at + 1 < body.length; at += body[at + 1] * 8) {
    const length = body[at + 1] * 8;
    if (length === 0 || at + length > body.length) return undefined;
    if (body[at] === OPTION_PREFIX && length === 32) return `${ipv6Text(body, at + 16)}/${body[at + 2]}`;
  }
  return undefined;
}
