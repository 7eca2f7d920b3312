// What a chain asks of a virtio disk (virtio 1.2, §5.2.6): a header (type u32, reserved u32, sector u64), data, and a status byte at
// the end of the writable part. Nothing here changes anything; it throws PageAbsentError as guest memory does.

import { type BlockRequest, type Medium, SECTOR } from '../../bus/block.ts';
import type { DmaMemory } from '../../bus/device.ts';
import { type Chain, cut, gather } from '../virtio/descriptor-chain.ts';
import { MAXIMUM_RANGE_SECTORS, MAXIMUM_RANGES, MAXIMUM_REQUEST_BYTES } from './configuration.ts';

export const OK = 0;
export const IOERR = 1;
export const UNSUPPORTED = 2;

const HEADER_BYTES = 16;
const IN = 0;
const OUT = 1;
const FLUSH = 4;
const GET_ID = 8;
const DISCARD = 11;
const WRITE_ZEROES = 13;

const RANGE_BYTES = 16;
const UNMAP = 1;

export type Asked =
  /** Answered without the medium; `bytes`: data for the driver. */
  { status: number; bytes?: Uint8Array } | { requests: BlockRequest[] };

/** `id`: the disk's serial number, 20 bytes. */
export function readRequest(memory: DmaMemory, chain: Chain, medium: Medium | undefined, id: Uint8Array): Asked {
  const header = new Uint8Array(HEADER_BYTES);
  const complete = chain.readableBytes >= HEADER_BYTES && gather(memory, cut(chain.readable, 0, HEADER_BYTES), header);
  if (!complete) return { status: IOERR };
  const view = new DataView(header.buffer);
  const offset = (view.getUint32(12, true) * 2 ** 32 + view.getUint32(8, true)) * SECTOR;
  const sent = chain.readableBytes - HEADER_BYTES;
  const wanted = chain.writableBytes - 1;
  switch (view.getUint32(0, true)) {
    case IN:
      return inside(medium, offset, wanted) && wanted <= MAXIMUM_REQUEST_BYTES
        ? { requests: wanted === 0 ? [] : [{ kind: 'read', offset, length: wanted }] }
        : { status: IOERR };
    case OUT: {
      if (!writable(medium, offset, sent) || sent > MAXIMUM_REQUEST_BYTES) return { status: IOERR };
      const bytes = readData(memory, chain, sent);
      return bytes ? { requests: sent === 0 ? [] : [{ kind: 'write', offset, bytes }] } : { status: IOERR };
    }
    case FLUSH:
      return { requests: [{ kind: 'flush' }] };
    case GET_ID:
      return { status: OK, bytes: id.subarray(0, wanted) };
    case DISCARD:
      return readRanges(memory, chain, medium, sent, 'discard');
    case WRITE_ZEROES:
      return readRanges(memory, chain, medium, sent, 'write-zeroes');
    default:
      return { status: UNSUPPORTED };
  }
}

function readRanges(
  memory: DmaMemory,
  chain: Chain,
  medium: Medium | undefined,
  sent: number,
  kind: 'discard' | 'write-zeroes',
): Asked {
  const count = sent / RANGE_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > MAXIMUM_RANGES) return { status: IOERR };
  const bytes = readData(memory, chain, sent);
  if (!bytes) return { status: IOERR };
  const view = new DataView(bytes.buffer);
  const requests: BlockRequest[] = [];
  for (let at = 0; at < sent; at += RANGE_BYTES) {
    const offset = (view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true)) * SECTOR;
    const sectors = view.getUint32(at + 8, true);
    const flags = view.getUint32(at + 12, true);
    // Only writing zeros may unmap (§5.2.6.2).
    if (flags & ~(kind === 'write-zeroes' ? UNMAP : 0)) return { status: UNSUPPORTED };
    const length = sectors * SECTOR;
    if (sectors > MAXIMUM_RANGE_SECTORS || !writable(medium, offset, length)) return { status: IOERR };
    if (length > 0) requests.push({ kind, offset, length });
  }
  return { requests };
}

function readData(memory: DmaMemory, chain: Chain, length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length);
  return gather(memory, cut(chain.readable, HEADER_BYTES, length), bytes) ? bytes : undefined;
}

function inside(medium: Medium | undefined, offset: number, length: number): boolean {
  return medium !== undefined && length % SECTOR === 0 && offset + length <= medium.size;
}

function writable(medium: Medium | undefined, offset: number, length: number): boolean {
  return inside(medium, offset, length) && !medium?.readOnly;
}
