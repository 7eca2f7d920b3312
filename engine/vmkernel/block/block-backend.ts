// What keeps a medium's contents. Everything is asynchronous; offsets and lengths are bytes. Requests that overlap come one after
// another, each when the one before it has been answered (served-drive.ts); others may be under way together.

import type { BlockFailure } from '../../pc/bus/block.ts';

/**
 * Awaited before the first step that changes anything: it waits while the drive is stopped for a move, and rejects when the request
 * is not to be done any more. What a backend has begun it carries out.
 */
export type Begin = () => Promise<void>;

export interface BlockBackend {
  /** Bytes. Not necessarily whole sectors: what lies behind the end of the last one reads as zeros. */
  readonly size: number;
  readonly readOnly: boolean;
  /** Bytes of memory that what was written takes; 0 where it is elsewhere. */
  readonly overlayBytes: number;
  /** Fills `into`, which may be shared memory. Rejects with MediumError. */
  read(offset: number, into: Uint8Array): Promise<void>;
  write(offset: number, bytes: Uint8Array, begin: Begin): Promise<void>;
  writeZeroes(offset: number, length: number, begin: Begin): Promise<void>;
  /** What was there need not be kept. */
  discard(offset: number, length: number, begin: Begin): Promise<void>;
  /** Resolves when everything that was answered before is where it is kept. */
  flush(begin: Begin): Promise<void>;
  /** Nothing is asked of it any more. */
  close(): Promise<void>;
}

/**
 * A medium cannot be read or written. `gone`: it was changed or has vanished, and nothing will mend that. The message is for the user:
 * what happened, as a sentence without its end.
 */
export class MediumError extends Error {
  override name = 'MediumError';
  readonly failure: Extract<BlockFailure, 'gone' | 'failed'>;

  constructor(failure: 'gone' | 'failed', message: string) {
    super(message);
    this.failure = failure;
  }
}

/** A backend that is never written to. */
export abstract class ReadOnlyBackend implements BlockBackend {
  abstract readonly size: number;
  readonly readOnly = true;
  readonly overlayBytes = 0;

  abstract read(offset: number, into: Uint8Array): Promise<void>;

  write(): Promise<void> {
    return this.#refuse();
  }

  writeZeroes(): Promise<void> {
    return this.#refuse();
  }

  discard(): Promise<void> {
    return this.#refuse();
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}

  async #refuse(): Promise<void> {
    throw new MediumError('failed', 'it is read-only');
  }
}
