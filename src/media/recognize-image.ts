// Recognition of a file of the browser: slices of it are read, and a worker looks into what is compressed.

import { recognize } from '../../engine/pc/images/recognize.ts';
import type { RecognizedImage } from '../../engine/pc/images/recognized.ts';
import { peekIn } from '../../workers/unpack/unpack-service.ts';
import { startUnpackWorker } from '../../workers/unpack-worker.ts';

export type { RecognizedImage };

/** What cannot be read is `unusable` and says so. */
export function recognizeImage(name: string, contents: Blob): Promise<RecognizedImage> {
  const read = async (offset: number, length: number) =>
    new Uint8Array(await contents.slice(offset, offset + length).arrayBuffer());
  return recognize({ name, size: contents.size, read }, (format) => peekIn(startUnpackWorker(), contents, format));
}
