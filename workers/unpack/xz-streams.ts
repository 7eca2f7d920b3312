// Finds the streams of an xz file (The .xz File Format 1.1.0, §2 to §4), from the end: a stream's footer says where its index is, and the
// index where the stream begins and what it unpacks to. So a file that is cut off is known before anything is unpacked.

import { crc32 } from '../../engine/pc/firmware/crc32.ts';
import { damaged, truncated, UnpackError } from './unpack-error.ts';
import type { UnpackJob } from './unpack-job.ts';

export interface XzStream {
  /** In the file, bytes. */
  start: number;
  end: number;
  unpackedSize: number;
}

const HEADER = 12;
const FOOTER = 12;
/** An index of more than a million blocks is none that someone makes. */
const INDEX_LIMIT = 16 << 20;
const LZMA2 = 0x21;
const BLOCK_HEADER_LIMIT = 1024;
const MORE_FILTERS = 0x03;
const HAS_PACKED_SIZE = 0x40;
const HAS_UNPACKED_SIZE = 0x80;
/** What the decoder checks (§2.1.1.2): nothing, CRC32, CRC64. */
const CHECKS = [0, 1, 4];

/** In the file's order. Throws UnpackError for what is no whole xz file. */
export async function xzStreams(job: UnpackJob): Promise<XzStream[]> {
  const streams: XzStream[] = [];
  for (let end = job.file.size; end > 0; ) {
    const stream = await streamBefore(job, await withoutPadding(job, end));
    streams.unshift(stream);
    end = stream.start;
  }
  if (streams.length === 0) throw truncated('xz');
  return streams;
}

/** §2.2: fours of zeros may follow a stream. */
async function withoutPadding(job: UnpackJob, from: number): Promise<number> {
  let end = from;
  for (;;) {
    const tail = await job.bytes(Math.max(0, end - 4), end);
    if (tail.length < 4 || tail.some(Boolean)) return end;
    end -= 4;
  }
}

async function streamBefore(job: UnpackJob, end: number): Promise<XzStream> {
  const footer = await job.bytes(Math.max(0, end - FOOTER), end);
  const view = new DataView(footer.buffer, footer.byteOffset, footer.byteLength);
  if (footer.length < FOOTER || footer[10] !== 0x59 || footer[11] !== 0x5a) throw truncated('xz');
  if (crc32(footer.subarray(4, 10)) !== view.getUint32(0, true))
    throw damaged('xz', 'the checksum of its end is wrong');
  if (!CHECKS.includes(footer[9] & 0xf))
    throw new UnpackError('The xz file has a kind of checksum that is not known here. Unpack it first: unxz FILE');
  const indexSize = (view.getUint32(4, true) + 1) * 4;
  if (indexSize > INDEX_LIMIT || end - FOOTER - indexSize < HEADER)
    throw damaged('xz', 'the size of its index is wrong');
  const index = await job.bytes(end - FOOTER - indexSize, end - FOOTER);
  const { packedSize, unpackedSize } = readIndex(index);
  const start = end - FOOTER - indexSize - packedSize - HEADER;
  if (!Number.isSafeInteger(start) || start < 0) throw damaged('xz', 'its index names more than the file has');
  if (packedSize > 0) checkFilters(await job.bytes(start + HEADER, start + HEADER + BLOCK_HEADER_LIMIT));
  return { start, end, unpackedSize };
}

/** Block header, §3.1: the filters that its contents went through. The decoder knows no others than LZMA2 alone. */
function checkFilters(block: Uint8Array): void {
  const size = ((block[0] ?? 0) + 1) * 4;
  const header = block.subarray(0, size - 4);
  if (block.length < size || crc32(header) !== new DataView(block.buffer, block.byteOffset).getUint32(size - 4, true))
    throw damaged('xz', 'the checksum of its beginning is wrong');
  const flags = header[1];
  const number = numbersOf(header, 2);
  if (flags & HAS_PACKED_SIZE) number();
  if (flags & HAS_UNPACKED_SIZE) number();
  if ((flags & MORE_FILTERS) !== 0 || number() !== LZMA2)
    throw new UnpackError('The xz file uses a filter that is not known here. Unpack it first: unxz FILE');
}

/** §1.2: seven bits a byte, the lowest first. @returns what gives the next one, 0 beyond the end */
function numbersOf(bytes: Uint8Array, start: number): () => number {
  let at = start;
  return () => {
    let value = 0;
    for (let shift = 0; shift < 63; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
}

function readIndex(index: Uint8Array): { packedSize: number; unpackedSize: number } {
  const body = index.subarray(0, -4);
  const declared = new DataView(index.buffer, index.byteOffset).getUint32(body.length, true);
  if (index[0] !== 0 || crc32(body) !== declared) throw damaged('xz', 'the checksum of its index is wrong');
  const number = numbersOf(body, 1);
  const records = number();
  let packedSize = 0;
  let unpackedSize = 0;
  // Each record has two bytes at least.
  for (let i = 0; i < Math.min(records, body.length / 2); i++) {
    packedSize += Math.ceil(number() / 4) * 4;
    unpackedSize += number();
  }
  return { packedSize, unpackedSize };
}
