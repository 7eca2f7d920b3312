// gzip (RFC 1952), by fflate. A file may be several members one after the other; each ends with the checksum and the length of its
// contents, which the library does not look at.

import { Gunzip } from 'fflate';
import { crc32 } from '../../engine/pc/firmware/crc32.ts';
import { damaged, truncated, UnpackError } from './unpack-error.ts';
import type { UnpackJob } from './unpack-job.ts';

interface Member {
  crc: number;
  /** Modulo 2^32. */
  length: number;
  /** Where its last byte was, plus one. */
  end: number;
}

const TRAILER = 8;
/** What fflate reports when the data ends too early (its FlateErrorCode). */
const UNEXPECTED_END = 0;

export async function unpackGzip(job: UnpackJob): Promise<void> {
  const members: Member[] = [];
  let current: Member = { crc: 0, length: 0, end: job.file.size };
  const gunzip = new Gunzip((bytes) => {
    current.crc = crc32(bytes, current.crc);
    current.length = (current.length + bytes.length) >>> 0;
    job.write(bytes);
  });
  gunzip.onmember = (end) => {
    members.push({ ...current, end });
    current = { crc: 0, length: 0, end: job.file.size };
  };
  const push = (bytes: Uint8Array, last: boolean) => {
    try {
      gunzip.push(bytes, last);
    } catch (error) {
      if (error instanceof UnpackError) throw error;
      throw (error as { code?: number }).code === UNEXPECTED_END ? truncated('gzip') : damaged('gzip');
    }
  };
  for await (const piece of job.pieces()) {
    push(piece, false);
    await checkAll(job, members.splice(0));
  }
  push(new Uint8Array(0), true);
  await checkAll(job, [...members, current]);
}

async function checkAll(job: UnpackJob, members: readonly Member[]): Promise<void> {
  for (const { crc, length, end } of members) {
    const trailer = await job.bytes(Math.max(0, end - TRAILER), end);
    if (trailer.length < TRAILER) throw truncated('gzip');
    const view = new DataView(trailer.buffer, trailer.byteOffset);
    // A file that is cut off in its last eight bytes looks like this, too.
    if (view.getUint32(0, true) !== crc || view.getUint32(4, true) !== length)
      throw damaged('gzip', 'the checksum of its contents is wrong, or its end is missing');
  }
}
