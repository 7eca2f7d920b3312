// Unpacks what a user has dropped: gzip, xz and zstd files, and a file of a ZIP archive. What comes out is a Blob. Checksums are checked, a
// limit is kept, and it can be cancelled. It takes as long as the file is large, so it is meant for a worker (unpack.worker.ts).

import type { PackedFormat } from '../../engine/pc/images/recognized.ts';
import { unpackGzip } from './gzip.ts';
import { UnpackError } from './unpack-error.ts';
import { UnpackJob, type UnpackOptions } from './unpack-job.ts';
import { unpackXz } from './xz.ts';
import { imageAmong, unpackZip, type ZipMember, zipMembers } from './zip.ts';
import { unpackZstd } from './zstd.ts';

export interface Unpacked {
  /** Of the file that came out. */
  name: string;
  contents: Blob;
}

/** An archive of which the user has to say which file is wanted. */
export interface Choice {
  members: ZipMember[];
}

const UNPACKERS: Partial<Record<PackedFormat, (job: UnpackJob) => Promise<void>>> = {
  gzip: unpackGzip,
  xz: unpackXz,
  zstd: unpackZstd,
};
const SUFFIX = /\.(gz|gzip|xz|zst|zstd)$/i;

/**
 * @param file with its name @param member of an archive; without it the one image in it is taken, or the choice returned.
 * Rejects with UnpackError, whose message is user-facing, or with the signal's reason.
 */
export async function unpack(
  file: { name: string; contents: Blob },
  format: PackedFormat,
  options: UnpackOptions = {},
  member?: string,
): Promise<Unpacked | Choice> {
  options.signal?.throwIfAborted();
  const job = new UnpackJob(file.contents, options);
  if (format === 'zip') {
    const members = await zipMembers(job);
    if (members.length === 0) throw new UnpackError('The ZIP archive is empty.');
    const name = member ?? imageAmong(members)?.name;
    if (name === undefined) return { members };
    await unpackZip(job, name);
    return { name: name.split('/').at(-1) ?? name, contents: job.result() };
  }
  const unpacker = UNPACKERS[format];
  if (!unpacker) throw new UnpackError(`A ${format} file cannot be unpacked here. Unpack it first.`);
  await unpacker(job);
  return { name: file.name.replace(SUFFIX, ''), contents: job.result() };
}

/** The first bytes of a compressed file's contents; undefined if there are none, or it is damaged. */
export async function peek(contents: Blob, format: PackedFormat): Promise<Uint8Array | undefined> {
  const job = new PeekJob(contents, {});
  try {
    await UNPACKERS[format]?.(job);
  } catch (error) {
    if (!(error instanceof UnpackError)) throw error;
  }
  return job.first.length > 0 ? Uint8Array.from(job.first) : undefined;
}

/** Enough to see what a compressed file has in it. */
const PEEK = 512;

class PeekJob extends UnpackJob {
  readonly first: number[] = [];

  override checkSize(): void {}

  override write(bytes: Uint8Array): void {
    this.first.push(...bytes.subarray(0, PEEK - this.first.length));
    if (this.first.length === PEEK) throw new UnpackError('That was enough.');
  }
}
