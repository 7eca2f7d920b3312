// A capture as a pcapng file (IETF draft-ietf-opsawg-pcapng; little-endian): a section header, one interface description for
// each interface, the packets as enhanced packet blocks, and interface statistics.

import type { Frame } from '../packet/ethernet.ts';

export interface CapturedInterface {
  name: string;
  /** Frames that were captured and then dropped for room. */
  dropped: number;
}

export interface CapturedPacket {
  /** Index in the list of interfaces. */
  interfaceIndex: number;
  /** ms since the epoch, with a fraction. */
  timeMs: number;
  /** What was kept of the frame. */
  bytes: Uint8Array;
  /** How long it was. */
  length: number;
  /** Seen from the interface's NIC. */
  direction: 'inbound' | 'outbound';
}

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LINKTYPE_ETHERNET = 1;

const OPTION_END = 0;
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_TSRESOL = 9;
const EPB_FLAGS = 2;
const ISB_IFDROP = 5;

/** Timestamps are in µs: the exponent of if_tsresol. */
const MICROSECONDS = 6;

const utf8 = new TextEncoder();

/** @param snapLength bytes kept of each frame at most; 0 = all. */
export function encodePcapng(
  interfaces: readonly CapturedInterface[],
  packets: Iterable<CapturedPacket>,
  snapLength: number,
): Frame {
  const blocks = [sectionHeader(), ...interfaces.map(({ name }) => interfaceDescription(name, snapLength))];
  let endMs = 0;
  for (const packet of packets) {
    blocks.push(enhancedPacket(packet));
    endMs = packet.timeMs;
  }
  blocks.push(...interfaces.map(({ dropped }, index) => statistics(index, endMs, dropped)));
  const file = new Uint8Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let offset = 0;
  for (const block of blocks) {
    file.set(block, offset);
    offset += block.length;
  }
  return file;
}

function sectionHeader(): Uint8Array {
  const body = new DataView(new ArrayBuffer(16));
  body.setUint32(0, BYTE_ORDER_MAGIC, true);
  body.setUint16(4, 1, true);
  // Section length: not given.
  body.setBigInt64(8, -1n, true);
  return block(SECTION_HEADER, bytesOf(body), option(SHB_USERAPPL, utf8.encode('tabvisor')));
}

function interfaceDescription(name: string, snapLength: number): Uint8Array {
  const body = new DataView(new ArrayBuffer(8));
  body.setUint16(0, LINKTYPE_ETHERNET, true);
  body.setUint32(4, snapLength, true);
  const options = [option(IF_NAME, utf8.encode(name)), option(IF_TSRESOL, Uint8Array.of(MICROSECONDS))];
  return block(INTERFACE_DESCRIPTION, bytesOf(body), ...options);
}

function enhancedPacket({ interfaceIndex, timeMs, bytes, length, direction }: CapturedPacket): Uint8Array {
  const body = new DataView(new ArrayBuffer(20));
  body.setUint32(0, interfaceIndex, true);
  setTimestamp(body, 4, timeMs);
  body.setUint32(12, bytes.length, true);
  body.setUint32(16, length, true);
  const flags = Uint8Array.of(direction === 'inbound' ? 1 : 2, 0, 0, 0);
  return block(ENHANCED_PACKET, bytesOf(body), padded(bytes), option(EPB_FLAGS, flags));
}

function statistics(index: number, timeMs: number, dropped: number): Uint8Array {
  const body = new DataView(new ArrayBuffer(12));
  body.setUint32(0, index, true);
  setTimestamp(body, 4, timeMs);
  const count = new DataView(new ArrayBuffer(8));
  count.setBigUint64(0, BigInt(dropped), true);
  return block(INTERFACE_STATISTICS, bytesOf(body), option(ISB_IFDROP, bytesOf(count)));
}

/** The upper half of the 64 bits first, then the lower. */
function setTimestamp(body: DataView, offset: number, timeMs: number): void {
  const microseconds = Math.round(timeMs * 1000);
  body.setUint32(offset, Math.floor(microseconds / 2 ** 32), true);
  body.setUint32(offset + 4, microseconds % 2 ** 32, true);
}

/** The body is followed by options, if any, and the total length stands at both ends. */
function block(type: number, body: Uint8Array, ...rest: Uint8Array[]): Uint8Array {
  const parts = [body, ...rest, new Uint8Array(4).fill(OPTION_END)];
  const total = 12 + parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, total, true);
  let offset = 8;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  view.setUint32(offset, total, true);
  return bytes;
}

function option(code: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + padded(value).length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, value.length, true);
  bytes.set(value, 4);
  return bytes;
}

/** To a multiple of four bytes. */
function padded(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 4 === 0) return bytes;
  const longer = new Uint8Array(bytes.length + 4 - (bytes.length % 4));
  longer.set(bytes);
  return longer;
}

function bytesOf(view: DataView<ArrayBuffer>): Uint8Array {
  return new Uint8Array(view.buffer);
}
