// ZIP archives, by zip.js: what is in them, and one of their files unpacked.

import {
  BlobReader,
  configure,
  ERR_ENCRYPTED,
  ERR_INVALID_CRC32,
  ERR_SPLIT_ZIP_FILE,
  ERR_UNSUPPORTED_COMPRESSION,
  ERR_UNSUPPORTED_ENCRYPTION,
  type FileEntry,
  ZipReader,
} from '@zip.js/zip.js';
import { damaged, UnpackError } from './unpack-error.ts';
import type { UnpackJob } from './unpack-job.ts';

// This runs in a worker already.
configure({ useWebWorkers: false });

export interface ZipMember {
  /** With its folders. */
  name: string;
  /** Unpacked, bytes. */
  size: number;
}

/** Files of an archive that are looked at. */
const MOST_MEMBERS = 100_000;
const IMAGE_NAME = /\.(iso|img|ima|flp|vfd|dsk|raw|bin|hdd|qcow2?|vmdk|vdi|vhdx?)(\.(gz|xz|zst))?$/i;
/** What Macintoshes add. */
const NOISE = /^__MACOSX\/|(^|\/)\._|(^|\/)\.DS_Store$/;

const REASONS: readonly [error: string, problem: UnpackError][] = [
  [ERR_ENCRYPTED, new UnpackError('The ZIP archive is encrypted. Unpack it first.')],
  [ERR_UNSUPPORTED_ENCRYPTION, new UnpackError('The ZIP archive is encrypted. Unpack it first.')],
  [
    ERR_UNSUPPORTED_COMPRESSION,
    new UnpackError('The ZIP archive has a kind of compression that is not known here. Unpack it first.'),
  ],
  [ERR_SPLIT_ZIP_FILE, new UnpackError('The ZIP archive is one part of several. Put them together first.')],
  [ERR_INVALID_CRC32, damaged('ZIP', 'the checksum of its contents is wrong')],
];

/** Without folders and what Macintoshes add. Throws UnpackError for what is no whole archive. */
export async function zipMembers(job: UnpackJob): Promise<ZipMember[]> {
  return (await entriesOf(job)).map(({ filename, uncompressedSize }) => ({ name: filename, size: uncompressedSize }));
}

/** The one image among them, where it is clear which: the only file, or the only one that is named as an image. */
export function imageAmong(members: readonly ZipMember[]): ZipMember | undefined {
  const named = members.filter(({ name }) => IMAGE_NAME.test(name));
  if (named.length === 1) return named[0];
  return members.length === 1 ? members[0] : undefined;
}

/** @param name a member's */
export async function unpackZip(job: UnpackJob, name: string): Promise<void> {
  const entry = (await entriesOf(job)).find(({ filename }) => filename === name);
  if (!entry) throw new UnpackError(`The ZIP archive has no file named ${name}.`);
  job.checkSize(entry.uncompressedSize);
  const out = new WritableStream<Uint8Array>({ write: (bytes) => job.write(bytes) });
  const { signal } = job;
  await explained(
    job,
    entry.getData(out, {
      checkSignature: true,
      signal,
      onprogress: async (read: number, total: number) => job.progress(total ? (read / total) * job.file.size : 0),
    }),
  );
}

async function entriesOf(job: UnpackJob): Promise<FileEntry[]> {
  const entries: FileEntry[] = [];
  const reading = async () => {
    for await (const entry of new ZipReader(new BlobReader(job.file)).getEntriesGenerator()) {
      job.signal?.throwIfAborted();
      if (entries.length === MOST_MEMBERS)
        throw new UnpackError('The ZIP archive has too many files. Unpack it first.');
      if (!entry.directory && !NOISE.test(entry.filename)) entries.push(entry);
    }
  };
  await explained(job, reading());
  return entries;
}

/** An error of the library in words for the user. */
async function explained(job: UnpackJob, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    job.signal?.throwIfAborted();
    const cause = rootCause(error);
    if (cause instanceof UnpackError) throw cause;
    const message = cause instanceof Error ? cause.message : '';
    throw (
      REASONS.find(([text]) => message === text)?.[1] ?? damaged('ZIP', 'it is truncated, or its structure is wrong')
    );
  }
}

function rootCause(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof UnpackError ? cause : error;
}
