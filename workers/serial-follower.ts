// Reads one VM's serial output while the VM moves between hosts, each byte once and in order. Every chunk carries the position
// of its first byte in all that the VM ever printed, so the follower goes on at the next host where it stopped at the last.
//
// It pulls: the next chunk is requested when the sink has dealt with the one before, so a sink that is slow or stands still
// delays only itself; what the host no longer keeps by then is skipped and reported. One call is under way at a time.

import type { SerialChunk } from '../engine/vmkernel/vm/serial-history.ts';
import { PullLoop, type PullOutcome } from './pull-loop.ts';

export interface SerialSink {
  /** @param live whether the VM printed it just now, to a follower that had read everything before */
  print(bytes: Uint8Array<ArrayBuffer>, position: number, live: boolean): void | Promise<void>;
  /** Output that the host keeps no more. */
  skipped(bytes: number): void;
}

/** Asks the host where the VM is now. Rejects while it is at none or the host does not answer. */
export type ReadSerial = (position: number | undefined, limit: number) => Promise<SerialChunk>;

const CHUNK_BYTES = 32 * 1024;
export class SerialFollower {
  readonly #read: ReadSerial;
  readonly #sink: SerialSink;
  readonly #loop: PullLoop;
  #next: number | undefined;
  /** What lies before was there when it began to read, or when it had to skip. */
  #liveFrom = 0;

  constructor(
    read: ReadSerial,
    sink: SerialSink,
    delay: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  ) {
    this.#read = read;
    this.#sink = sink;
    this.#loop = new PullLoop({ attempt: () => this.#readOn(), delay });
  }

  /** Position of the next byte to print. */
  get position(): number {
    return this.#next ?? 0;
  }

  /** There is, or may be, something to read: at the start, when the host says so, and after a move. */
  pull(): void {
    this.#loop.pull();
  }

  stop(): void {
    this.#loop.stop();
  }

  async #readOn(): Promise<PullOutcome> {
    const chunk = await this.#read(this.#next, CHUNK_BYTES).catch(() => undefined);
    if (!chunk) return 'failed';
    if (this.#loop.stopped) return 'caught-up';
    await this.#take(chunk);
    return chunk.end > this.position ? 'more' : 'caught-up';
  }

  async #take({ position, bytes, end }: SerialChunk): Promise<void> {
    if (this.#next === undefined) this.#liveFrom = end;
    else if (position > this.#next) {
      this.#sink.skipped(position - this.#next);
      this.#liveFrom = end;
    }
    this.#next = position + bytes.length;
    if (bytes.length > 0) await this.#sink.print(bytes, position, position >= this.#liveFrom);
  }
}
