// Finds out what a file is from its content. What is packed is unpacked first, by a worker of its own.

import type { UnpackProgress } from '../../workers/unpack/unpack-job.ts';
import { unpackIn } from '../../workers/unpack/unpack-service.ts';
import type { ZipMember } from '../../workers/unpack/zip.ts';
import { startUnpackWorker } from '../../workers/unpack-worker.ts';
import { type RecognizedImage, recognizeImage } from './recognize-image.ts';

export interface IdentifiedImage {
  /** Of the file that came out, where it was packed. */
  name: string;
  contents: Blob;
  image: RecognizedImage;
}

export interface IdentifyOptions {
  signal?: AbortSignal;
  onProgress?(progress: UnpackProgress): void;
  /** Of an archive with several images: resolves with the name of the one that is wanted. */
  choose(members: readonly ZipMember[]): Promise<string>;
}

/** An archive in an archive in an archive is a bad joke. */
const DEEPEST = 3;

/** Rejects with an Error for the user when it cannot be unpacked, or with the signal's reason. */
export async function identify(
  file: { name: string; contents: Blob },
  options: IdentifyOptions,
): Promise<IdentifiedImage> {
  let { name, contents } = file;
  for (let depth = 0; ; depth++) {
    const image = await recognizeImage(name, contents);
    options.signal?.throwIfAborted();
    if (image.kind !== 'packed' || !image.unpackable || depth === DEEPEST) return { name, contents, image };
    ({ name, contents } = await unpackWhole({ name, contents }, image.format, options));
  }
}

async function unpackWhole(
  file: { name: string; contents: Blob },
  format: Extract<RecognizedImage, { kind: 'packed' }>['format'],
  { signal, onProgress, choose }: IdentifyOptions,
) {
  const ask = (member?: string) =>
    unpackIn(startUnpackWorker(), { kind: 'unpack', file, format, member }, { signal, onProgress });
  const first = await ask();
  if (!('members' in first)) return first;
  const second = await ask(await choose(first.members));
  if ('members' in second) throw new Error(`${file.name} has no such file.`);
  return second;
}
