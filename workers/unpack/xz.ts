// xz, by xz-decompress (XZ Embedded as WebAssembly), which takes one stream.

import { XzReadableStream } from 'xz-decompress';
import { damaged, truncated, UnpackError } from './unpack-error.ts';
import type { UnpackJob } from './unpack-job.ts';
import { type XzStream, xzStreams } from './xz-streams.ts';

/** Pieces of input that may bring nothing: they are at most 64 KiB, and their first bytes are headers. */
const IDLE_LIMIT = 100;

export async function unpackXz(job: UnpackJob): Promise<void> {
  const streams = await xzStreams(job);
  job.checkSize(streams.reduce((sum, { unpackedSize }) => sum + unpackedSize, 0));
  for (const stream of streams) await unpackStream(job, stream);
}

async function unpackStream(job: UnpackJob, { start, end, unpackedSize }: XzStream): Promise<void> {
  // What it rejects with is the library's; what ended it first says more.
  let reason: unknown;
  const fail = (error: unknown) => {
    reason ??= error;
    return error;
  };
  const pieces = job.pieces(start, end);
  const source = {
    async pull(controller: ReadableStreamDefaultController<Uint8Array>) {
      try {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        controller.error(fail(error));
      }
    },
  };
  // No piece before it is asked for: an error would drop the one that waits.
  const packed = new ReadableStream<Uint8Array>(source, { highWaterMark: 0 });
  let written = 0;
  let idle = 0;
  const reader = new XzReadableStream(packed).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      // At the end of the input the decoder may still have contents, but each call brings some of them.
      idle = next.value.length > 0 ? 0 : idle + 1;
      if (idle > IDLE_LIMIT) throw truncated('xz');
      written += next.value.length;
      job.write(next.value);
    }
  } catch (error) {
    // Lets the library's one decoder go; it has done so itself if the error was its own.
    await reader.cancel().catch(() => {});
    throw reason ?? (error instanceof UnpackError ? error : damaged('xz', 'its contents or their checksum are wrong'));
  }
  if (written !== unpackedSize) throw damaged('xz', 'it does not unpack to the size that it says');
}
