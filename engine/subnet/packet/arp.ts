// ARP (RFC 826) and RARP (RFC 903) for IPv4 over Ethernet: one format, two EtherTypes.

import { macBytes, macText } from '../../base/mac-address.ts';
import { ipv4Bytes, ipv4Text } from './address.ts';
import { setU16, u16 } from './bytes.ts';
import type { Frame } from './ethernet.ts';

export const ARP_OPERATION = { request: 1, reply: 2, reverseRequest: 3, reverseReply: 4 } as const;

export interface ArpPacket {
  operation: number;
  senderMac: string;
  senderIp: string;
  targetMac: string;
  targetIp: string;
}

const BYTES = 28;

/** Undefined if it is too short or not about IPv4 over Ethernet. */
export function decodeArp(payload: Frame): ArpPacket | undefined {
  if (payload.length < BYTES || u16(payload, 0) !== 1 || u16(payload, 2) !== 0x0800) return undefined;
  if (payload[4] !== 6 || payload[5] !== 4) return undefined;
  return {
    operation: u16(payload, 6),
    senderMac: macText(payload, 8),
    senderIp: ipv4Text(payload, 14),
    targetMac: macText(payload, 18),
    targetIp: ipv4Text(payload, 24),
  };
}

export function encodeArp({ operation, senderMac, senderIp, targetMac, targetIp }: ArpPacket): Frame {
  const payload = new Uint8Array(BYTES);
  setU16(payload, 0, 1);
  setU16(payload, 2, 0x0800);
  payload[4] = 6;
  payload[5] = 4;
  setU16(payload, 6, operation);
  payload.set(macBytes(senderMac), 8);
  payload.set(ipv4Bytes(senderIp), 14);
  payload.set(macBytes(targetMac), 18);
  payload.set(ipv4Bytes(targetIp), 24);
  return payload;
}
