// Frames for tests.

import { macText } from '../../base/mac-address.ts';
import { BROADCAST_MAC, ipv4Bytes } from '../packet/address.ts';
import { ETHERTYPE, encodeEthernet, type Frame } from '../packet/ethernet.ts';
import { encodeIpv4, PROTOCOL } from '../packet/ipv4.ts';
import { encodeUdp } from '../packet/udp.ts';

/** The MAC address of guest `n`. */
export function mac(n: number): string {
  return macText(Uint8Array.of(0x52, 0x54, 0, 0, n >> 8, n));
}

/** A frame of an experimental EtherType that carries a number. */
export function numbered(source: string, destination: string, number: number, vlan?: number): Frame {
  const payload = new Uint8Array(46);
  new DataView(payload.buffer).setUint32(0, number);
  return encodeEthernet({ source, destination, vlan, etherType: 0x88b5, payload });
}

/** The number in a frame of `numbered`, without a tag. */
export function numberIn(frame: Frame): number {
  return new DataView(frame.buffer, frame.byteOffset + 14).getUint32(0);
}

export function broadcast(source: string, number: number): Frame {
  return numbered(source, BROADCAST_MAC, number);
}

export interface UdpEnds {
  fromMac: string;
  toMac: string;
  from: string;
  to: string;
  sourcePort: number;
  destinationPort: number;
}

export function udpFrame({ fromMac, toMac, from, to, ...ports }: UdpEnds, payload: Frame): Frame {
  const datagram = encodeUdp({ ...ports, payload }, ipv4Bytes(from), ipv4Bytes(to));
  const packet = encodeIpv4({ source: from, destination: to, protocol: PROTOCOL.udp, ttl: 64, payload: datagram });
  return encodeEthernet({ source: fromMac, destination: toMac, etherType: ETHERTYPE.ipv4, payload: packet });
}
