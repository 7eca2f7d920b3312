// Ethernet II frames without preamble and frame check sequence, and the 802.1Q tag (IEEE 802.3, 3.2; 802.1Q, 9.6).
//
// A frame is not written to once it has been handed to the switch: the same bytes may go to several ports.

import { macBytes, macText } from '../../base/mac-address.ts';
import { joined, setU16, u16 } from './bytes.ts';

export type Frame = Uint8Array<ArrayBuffer>;

export const HEADER_BYTES = 14;
export const TAG_BYTES = 4;
/** The shortest frame that IEEE 802.3, 4.2.3.3, lets a station send, without its frame check sequence. */
const MINIMUM_BYTES = 60;

export const ETHERTYPE = {
  ipv4: 0x0800,
  arp: 0x0806,
  rarp: 0x8035,
  vlan: 0x8100,
  ipv6: 0x86dd,
} as const;

export interface EthernetFrame {
  destination: string;
  source: string;
  /** 802.1Q VLAN identifier, if the frame has a tag. */
  vlan?: number;
  etherType: number;
  payload: Frame;
}

/** Undefined if the frame ends within its header. */
export function decodeEthernet(frame: Frame): EthernetFrame | undefined {
  if (frame.length < HEADER_BYTES) return undefined;
  const [destination, source] = [macText(frame, 0), macText(frame, 6)];
  const etherType = u16(frame, 12);
  if (etherType !== ETHERTYPE.vlan) return { destination, source, etherType, payload: frame.subarray(HEADER_BYTES) };
  if (frame.length < HEADER_BYTES + TAG_BYTES) return undefined;
  const payload = frame.subarray(HEADER_BYTES + TAG_BYTES);
  return { destination, source, vlan: u16(frame, 14) & 0xfff, etherType: u16(frame, 16), payload };
}

export function encodeEthernet({ destination, source, vlan, etherType, payload }: EthernetFrame): Frame {
  const header = vlan === undefined ? HEADER_BYTES : HEADER_BYTES + TAG_BYTES;
  const frame = new Uint8Array(header + payload.length);
  frame.set(macBytes(destination), 0);
  frame.set(macBytes(source), 6);
  if (vlan !== undefined) {
    setU16(frame, 12, ETHERTYPE.vlan);
    setU16(frame, 14, vlan);
  }
  setU16(frame, header - 2, etherType);
  frame.set(payload, header);
  return frame;
}

/** Padded with zeros to the length that Ethernet asks for. */
export function padded(frame: Frame): Frame {
  return frame.length < MINIMUM_BYTES ? joined(frame, new Uint8Array(MINIMUM_BYTES - frame.length)) : frame;
}

/** The VLAN identifier of a tagged frame, 0..4095; undefined without a tag. The frame holds at least a header. */
export function vlanOf(frame: Frame): number | undefined {
  return frame.length >= HEADER_BYTES + TAG_BYTES && u16(frame, 12) === ETHERTYPE.vlan
    ? u16(frame, 14) & 0xfff
    : undefined;
}

export function withoutTag(frame: Frame): Frame {
  const untagged = new Uint8Array(frame.length - TAG_BYTES);
  untagged.set(frame.subarray(0, 12));
  untagged.set(frame.subarray(12 + TAG_BYTES), 12);
  return untagged;
}

export function withTag(frame: Frame, vlan: number): Frame {
  const tagged = new Uint8Array(frame.length + TAG_BYTES);
  tagged.set(frame.subarray(0, 12));
  setU16(tagged, 12, ETHERTYPE.vlan);
  setU16(tagged, 14, vlan);
  tagged.set(frame.subarray(12), 12 + TAG_BYTES);
  return tagged;
}
