// Both ends of a worker that unpacks one file: a request goes in, progress and one answer come out. Whoever no longer wants it ends the worker.

import type { PackedFormat } from '../../engine/pc/images/recognized.ts';
import { type Choice, peek, type Unpacked, unpack } from './unpack.ts';
import { UnpackError } from './unpack-error.ts';
import type { UnpackOptions, UnpackProgress } from './unpack-job.ts';

export type UnpackRequest = { format: PackedFormat } & (
  | { kind: 'unpack'; file: { name: string; contents: Blob }; member?: string; limit?: number }
  | { kind: 'peek'; contents: Blob }
);

type Result = Unpacked | Choice | Uint8Array | undefined;

type Message =
  | { progress: UnpackProgress }
  | { result: Result }
  /** `expected`: an UnpackError, whose class does not survive the way. */
  | { problem: string; expected: boolean };

/** ms between reports of progress: the first is at once. */
const REPORT_INTERVAL_MS = 100;

/** In the worker. @param port whose first message is the request */
export function serveUnpacking(port: MessagePort): void {
  const tell = (message: Message) => port.postMessage(message);
  port.onmessage = async ({ data }: MessageEvent<UnpackRequest>) => {
    try {
      tell({ result: await carryOut(data, tell) });
    } catch (error) {
      tell({ problem: (error as Error).message, expected: error instanceof UnpackError });
    }
  };
}

function carryOut(request: UnpackRequest, tell: (message: Message) => void): Promise<Result> {
  if (request.kind === 'peek') return peek(request.contents, request.format);
  let reported = Number.NEGATIVE_INFINITY;
  const onProgress = (progress: UnpackProgress) => {
    if (performance.now() - reported < REPORT_INTERVAL_MS) return;
    reported = performance.now();
    tell({ progress });
  };
  const { file, format, limit, member } = request;
  return unpack(file, format, { limit, onProgress }, member);
}

/** A worker that `serveUnpacking` runs in, seen from outside. */
export interface UnpackWorker {
  port: MessagePort;
  /** Once, when the worker cannot go on. */
  onError(listener: (reason: string) => void): void;
  terminate(): void;
}

/** What `unpack` does, in a worker. Rejects as it does, and with an Error when the worker fails. */
export async function unpackIn(
  worker: UnpackWorker,
  request: Extract<UnpackRequest, { kind: 'unpack' }>,
  { signal, onProgress }: Omit<UnpackOptions, 'limit'> = {},
): Promise<Unpacked | Choice> {
  return (await ask(worker, request, signal, onProgress)) as Unpacked | Choice;
}

/** What `peek` does, in a worker. */
export async function peekIn(
  worker: UnpackWorker,
  contents: Blob,
  format: PackedFormat,
): Promise<Uint8Array | undefined> {
  return (await ask(worker, { kind: 'peek', contents, format })) as Uint8Array | undefined;
}

async function ask(
  { port, onError, terminate }: UnpackWorker,
  request: UnpackRequest,
  signal?: AbortSignal,
  onProgress?: (progress: UnpackProgress) => void,
): Promise<Result> {
  let abort = () => {};
  try {
    return await new Promise<Result>((resolve, reject) => {
      abort = () => reject(signal?.reason);
      signal?.throwIfAborted();
      signal?.addEventListener('abort', abort);
      onError((reason) => reject(new Error(`The file could not be unpacked: ${reason}`)));
      port.onmessage = ({ data }: MessageEvent<Message>) => {
        if ('progress' in data) onProgress?.(data.progress);
        else if ('result' in data) resolve(data.result);
        else reject(data.expected ? new UnpackError(data.problem) : new Error(data.problem));
      };
      port.postMessage(request);
    });
  } finally {
    signal?.removeEventListener('abort', abort);
    port.close();
    terminate();
  }
}
