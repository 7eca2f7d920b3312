// Fetches a file whole, as long as something comes: a server that accepts and never answers, or stops in the middle, ends it.
// How long the whole takes is limited only by the caller, which may abort it by a signal.

import { systemTimebase, type Timebase } from '../engine/base/timebase.ts';

/** A fetch is aborted when the server sends nothing for so long, ms. */
export const STALL_LIMIT_MS = 20_000;

export interface FetchOptions {
  init?: RequestInit;
  /** Checks status and headers before the body is read: throws to refuse it. */
  check?(response: Response): void;
  /** Bytes: what is longer is refused while it comes. */
  limit?: number;
  signal?: AbortSignal;
  timebase?: Timebase;
}

/** @throws a user-facing Error when the server stalls, the signal's reason when it is aborted, else as fetch and `check`. */
export async function fetchBytes(url: URL | string, options: FetchOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const { init, check, limit = Number.POSITIVE_INFINITY, signal, timebase = systemTimebase } = options;
  signal?.throwIfAborted();
  const give = new AbortController();
  const stalled = () =>
    give.abort(
      new Error(
        `the server has sent nothing for ${STALL_LIMIT_MS / 1000} seconds. Check that it works, and try again.`,
      ),
    );
  const abort = () => give.abort(signal?.reason);
  signal?.addEventListener('abort', abort);
  let forget = timebase.after(STALL_LIMIT_MS, stalled);
  const alive = () => {
    forget();
    forget = timebase.after(STALL_LIMIT_MS, stalled);
  };
  try {
    const response = await fetch(url, { ...init, signal: give.signal });
    check?.(response);
    const chunks: Uint8Array[] = [];
    let length = 0;
    // Without a body there is nothing to wait for.
    const reader = response.body?.getReader();
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      alive();
      length += next.value.length;
      if (length > limit) throw new Error(`the file is larger than ${Math.floor(limit / 2 ** 20)} MiB`);
      chunks.push(next.value);
    }
    return joined(chunks);
  } catch (error) {
    // What ended it says more than that it was ended.
    throw give.signal.aborted ? give.signal.reason : error;
  } finally {
    forget();
    signal?.removeEventListener('abort', abort);
    // Of a refused answer nothing more is wanted.
    give.abort();
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
