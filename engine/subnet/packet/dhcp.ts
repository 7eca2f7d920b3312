// DHCP messages (RFC 2131, section 2) and the options (RFC 2132) that the server reads and writes. Options overloaded into
// the `sname` and `file` fields are not read: no client sends them to a server.

import { macBytes, macText } from '../../base/mac-address.ts';
import { ipv4Bytes, ipv4Text } from './address.ts';
import { joined, setU16, setU32, u16, u32 } from './bytes.ts';
import type { Frame } from './ethernet.ts';

export const DHCP_SERVER_PORT = 67;
export const DHCP_CLIENT_PORT = 68;

export const DHCP_TYPE = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;

export const DHCP_OPTION = {
  subnetMask: 1,
  router: 3,
  dnsServer: 6,
  hostName: 12,
  domainName: 15,
  broadcastAddress: 28,
  requestedAddress: 50,
  leaseTime: 51,
  messageType: 53,
  serverIdentifier: 54,
  message: 56,
  renewalTime: 58,
  rebindingTime: 59,
} as const;

const OPTION_PAD = 0;
const OPTION_END = 255;

export interface DhcpMessage {
  /** BOOTP's: a client asks, the server replies. */
  op: 'request' | 'reply';
  transaction: number;
  /** Seconds since the client began. */
  seconds: number;
  /** The client cannot receive unicast before it is configured. */
  broadcast: boolean;
  /** The client's own address, if it has one already: `ciaddr`; else 0.0.0.0, like the others. */
  clientAddress: string;
  /** What the server gives: `yiaddr`. */
  yourAddress: string;
  /** `giaddr`. */
  relayAddress: string;
  clientMac: string;
  options: Map<number, Uint8Array>;
}

const OPTIONS_AT = 240;
const MAGIC_COOKIE = 0x63825363;
const BROADCAST_FLAG = 0x8000;
/** What a BOOTP relay expects at least (RFC 1542, 2.1). */
const MINIMUM_BYTES = 300;

/** Undefined if it is malformed, not about Ethernet, or plain BOOTP. */
export function decodeDhcp(bytes: Frame): DhcpMessage | undefined {
  if (bytes.length < OPTIONS_AT || u32(bytes, 236) !== MAGIC_COOKIE) return undefined;
  if ((bytes[0] !== 1 && bytes[0] !== 2) || bytes[1] !== 1 || bytes[2] !== 6) return undefined;
  const options = decodeOptions(bytes.subarray(OPTIONS_AT));
  if (options?.get(DHCP_OPTION.messageType)?.length !== 1) return undefined;
  return {
    op: bytes[0] === 1 ? 'request' : 'reply',
    transaction: u32(bytes, 4),
    seconds: u16(bytes, 8),
    broadcast: (u16(bytes, 10) & BROADCAST_FLAG) !== 0,
    clientAddress: ipv4Text(bytes, 12),
    yourAddress: ipv4Text(bytes, 16),
    relayAddress: ipv4Text(bytes, 24),
    clientMac: macText(bytes, 28),
    options,
  };
}

function decodeOptions(bytes: Uint8Array): Map<number, Uint8Array> | undefined {
  const options = new Map<number, Uint8Array>();
  let at = 0;
  while (at < bytes.length && bytes[at] !== OPTION_END) {
    if (bytes[at] === OPTION_PAD) {
      at += 1;
      continue;
    }
    const end = at + 2 + bytes[at + 1];
    if (!(end <= bytes.length)) return undefined;
    // An option that comes in parts is one option (RFC 3396).
    const before = options.get(bytes[at]);
    const part = bytes.slice(at + 2, end);
    options.set(bytes[at], before ? joined(before, part) : part);
    at = end;
  }
  return options;
}

/** @throws RangeError for an option of more than 255 bytes. */
export function encodeDhcp(message: DhcpMessage): Frame {
  const head = new Uint8Array(OPTIONS_AT);
  head.set([message.op === 'request' ? 1 : 2, 1, 6]);
  setU32(head, 4, message.transaction);
  setU16(head, 8, message.seconds);
  setU16(head, 10, message.broadcast ? BROADCAST_FLAG : 0);
  head.set(ipv4Bytes(message.clientAddress), 12);
  head.set(ipv4Bytes(message.yourAddress), 16);
  head.set(ipv4Bytes(message.relayAddress), 24);
  head.set(macBytes(message.clientMac), 28);
  setU32(head, 236, MAGIC_COOKIE);
  const options = [...message.options].map(([code, value]) => {
    if (value.length > 255) throw new RangeError(`DHCP option ${code} is longer than 255 bytes`);
    return joined(Uint8Array.of(code, value.length), value);
  });
  const bytes = joined(head, ...options, Uint8Array.of(OPTION_END));
  return bytes.length < MINIMUM_BYTES ? joined(bytes, new Uint8Array(MINIMUM_BYTES - bytes.length)) : bytes;
}

/** One of DHCP_TYPE, or a type that this file does not know. */
export function dhcpTypeOf(message: DhcpMessage): number {
  return message.options.get(DHCP_OPTION.messageType)![0];
}

/** An option that holds one address; undefined if it is missing or of another length. */
export function addressOption(message: DhcpMessage, code: number): string | undefined {
  const value = message.options.get(code);
  return value?.length === 4 ? ipv4Text(value) : undefined;
}

export function textOption(message: DhcpMessage, code: number): string | undefined {
  const value = message.options.get(code);
  return value && new TextDecoder().decode(value).replace(/\0.*$/s, '');
}

export function seconds(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  setU32(bytes, 0, value);
  return bytes;
}
