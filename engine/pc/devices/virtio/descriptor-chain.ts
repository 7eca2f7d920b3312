// Walks a chain of virtqueue descriptors (virtio 1.2, §2.7.5): 16 bytes each, address u64, length u32, flags u16, next u16.
// What comes out is checked in shape: no loop, no index out of range, no longer than allowed, device-readable parts before
// device-writable ones. Whether the addresses lie in RAM shows when they are used.
//
// All of these throw PageAbsentError; gather and readChain change nothing but what they return, and scatter does not throw it
// after canScatter.
import type { DmaMemory } from '../../bus/device.ts';

const DESCRIPTOR_SIZE = 16;
const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;

export interface Segment {
  /** Guest-physical. */
  address: number;
  length: number;
}

export interface Chain {
  /** Index of its first descriptor: what the used ring names it by. */
  head: number;
  readable: Segment[];
  readableBytes: number;
  writable: Segment[];
  writableBytes: number;
}

interface Descriptor extends Segment {
  flags: number;
  next: number;
}

/** `table`: guest-physical address of `size` descriptors. Undefined when the chain is malformed. */
export function readChain(memory: DmaMemory, table: number, size: number, head: number): Chain | undefined {
  const chain: Chain = { head, readable: [], readableBytes: 0, writable: [], writableBytes: 0 };
  let index = head;
  for (let count = 0; count < size; count++) {
    const descriptor = index < size ? readDescriptor(memory, table, index) : undefined;
    if (!descriptor) return undefined;
    if (descriptor.flags & INDIRECT) return addIndirect(memory, chain, descriptor, size) ? chain : undefined;
    if (!addSegment(chain, descriptor)) return undefined;
    if (!(descriptor.flags & NEXT)) return chain;
    index = descriptor.next;
  }
  return undefined;
}

/** The table that an indirect descriptor names ends the chain (§2.7.5.3). */
function addIndirect(memory: DmaMemory, chain: Chain, descriptor: Descriptor, limit: number): boolean {
  const { address: table, length, flags } = descriptor;
  const size = length / DESCRIPTOR_SIZE;
  if (flags & NEXT || !Number.isInteger(size) || size === 0 || size > limit) return false;
  let index = 0;
  for (let count = 0; count < size; count++) {
    const entry = index < size ? readDescriptor(memory, table, index) : undefined;
    if (!entry || entry.flags & INDIRECT || !addSegment(chain, entry)) return false;
    if (!(entry.flags & NEXT)) return true;
    index = entry.next;
  }
  return false;
}

function addSegment(chain: Chain, { address, length, flags }: Descriptor): boolean {
  if (flags & WRITE) {
    chain.writable.push({ address, length });
    chain.writableBytes += length;
    return true;
  }
  if (chain.writable.length > 0) return false;
  chain.readable.push({ address, length });
  chain.readableBytes += length;
  return true;
}

function readDescriptor(memory: DmaMemory, table: number, index: number): Descriptor | undefined {
  const bytes = new Uint8Array(DESCRIPTOR_SIZE);
  if (!memory.read(table + index * DESCRIPTOR_SIZE, bytes)) return undefined;
  const view = new DataView(bytes.buffer);
  return {
    address: view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true),
    length: view.getUint32(8, true),
    flags: view.getUint16(12, true),
    next: view.getUint16(14, true),
  };
}

/** `length` bytes of what the segments are together, from byte `from` on; less if they are. */
export function cut(segments: readonly Segment[], from: number, length: number): Segment[] {
  const pieces: Segment[] = [];
  let at = 0;
  for (const segment of segments) {
    const start = Math.max(from - at, 0);
    const size = Math.min(from + length - at, segment.length) - start;
    if (size > 0) pieces.push({ address: segment.address + start, length: size });
    at += segment.length;
  }
  return pieces;
}

/** Copies the readable part of a chain to `into`, which is as long. False when some of it is not in RAM. */
export function gather(memory: DmaMemory, segments: readonly Segment[], into: Uint8Array): boolean {
  let done = 0;
  for (const { address, length } of segments) {
    if (!memory.read(address, into.subarray(done, done + length))) return false;
    done += length;
  }
  return true;
}

/** Would `scatter` write as many bytes wholly? False: it would meet what is not RAM. */
export function canScatter(memory: DmaMemory, segments: readonly Segment[], bytes: number): boolean {
  let left = bytes;
  for (const { address, length } of segments) {
    if (left === 0) break;
    const piece = Math.min(left, length);
    if (!memory.require(address, piece)) return false;
    left -= piece;
  }
  return true;
}

/** Copies `bytes` into the segments, as far as both go. Returns how many bytes, or undefined when it met what is not RAM. */
export function scatter(memory: DmaMemory, segments: readonly Segment[], bytes: Uint8Array): number | undefined {
  let done = 0;
  for (const { address, length } of segments) {
    if (done === bytes.length) break;
    const piece = bytes.subarray(done, done + length);
    if (!memory.write(address, piece)) return undefined;
    done += piece.length;
  }
  return done;
}
