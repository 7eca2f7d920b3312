// A VM's screen in the host's worker: readers, which draw it elsewhere, are given its state and those pages of its video memory that
// they have not had.
//
// A reader asks, and is given at most so much; one that has had all is notified once there is more, and again only after it has had all
// again. So a reader that is slow or looks away delays and costs nothing. While a reader waits for more, the bits of the dirty log are
// looked at: no more often than a screen shows, less often when nothing has changed for a while. Only if some are set are write tags
// withdrawn. Pages are copied after the shootdown (memory/dirty-log.ts).
//
// The display's state is in the vCPU's worker. It says once that there is another one after it was asked for it.

import { PAGE_SIZE } from '../../base/sizes.ts';
import type { Timebase } from '../../base/timebase.ts';
import type { DisplayState } from '../../pc/bus/display.ts';
import { shownPages } from '../../pc/display/shown-pages.ts';
import type { DirtyLogClient } from '../memory/dirty-log.ts';
import type { GuestMemory } from '../memory/guest-memory.ts';

/** What a reader is given. Structured-cloneable. */
export interface ScreenUpdate {
  /** If it is another one than the reader has. */
  state?: DisplayState;
  /** Numbers of pages of the video memory, ascending. */
  pages: Uint32Array<ArrayBuffer>;
  /** Their contents, one behind the other, 4 KiB each. They hold until the reader reads again. */
  bytes: Uint8Array;
  /** There is more to be read at once. */
  more: boolean;
  /** The VM is off: what was read of it before is no more. */
  off?: true;
}

/** What a powered-on VM provides. */
export interface ScreenPorts {
  memory: GuestMemory;
  timebase: Timebase;
  /** Asks the vCPU's worker. */
  displayState(): Promise<DisplayState | undefined>;
  shootdown(): Promise<void>;
  /** Readers that wait are to be notified. */
  onNews(): void;
}

/**
 * Between the start of a reading, or a look, and the next look, ms: a little less than a frame of a display takes, so that the news of it is there when
 * a reader may show the next one.
 */
const FRAME_MS = 12;
/** A look comes no sooner after a reading that took long. */
const SHORTEST_MS = 2;
/** Between two looks at a screen that has not changed, nor its VM been given input, for so long. */
const SLOW_LOOKS = [
  { stillMs: 5000, everyMs: 250 },
  { stillMs: 1000, everyMs: 66 },
];
/** Bytes of pages in one update. */
export const UPDATE_BYTES = 4 << 20;

interface Reader {
  /** By page of the video memory. */
  readonly pending: Uint32Array;
  /** DisplayState.changes of the state that it has; -1: none. */
  state: number;
  /** What it is given lies here: memory that is new costs more than the copy into it. */
  buffer: SharedArrayBuffer;
}

/** Made anew each time: its buffers may be transferred. */
export function nothingNew(): ScreenUpdate {
  return { pages: new Uint32Array(0), bytes: new Uint8Array(0), more: false };
}

/** A key for a reader: whoever reads, by identity. */
export type ScreenReader = object;

export class VmScreen {
  readonly #ports: ScreenPorts;
  readonly #readers = new Map<ScreenReader, Reader>();
  /** How often each has left. */
  readonly #departures = new WeakMap<ScreenReader, number>();
  /** Readings under way: they need the log. */
  #reading = 0;
  /** Those that have had all. */
  readonly #waiting = new Set<ScreenReader>();
  #state: DisplayState | undefined;
  #asked: Promise<DisplayState | undefined> | undefined;
  #stateStale = true;
  #log: DirtyLogClient | undefined;
  /** Resolves when no write tag is left from before the log was opened. */
  #logged: Promise<void> | undefined;
  #cancelLook: (() => void) | undefined;
  /** A change, or input, from which one may come. */
  #lastChange = 0;
  #frameStart = 0;
  #closed = false;

  constructor(ports: ScreenPorts) {
    this.#ports = ports;
  }

  /** The vCPU's worker says that the state is another one. */
  stateChanged(): void {
    this.#stateStale = true;
    this.#lastChange = this.#ports.timebase.now();
    this.#notify();
  }

  /**
   * What the reader has not had, up to `limit` bytes of pages. `fresh`: it has nothing (any more). Resolves with undefined if the machine
   * has no screen; rejects when the vCPU does not answer.
   */
  async read(reader: ScreenReader, fresh: boolean, limit = UPDATE_BYTES): Promise<ScreenUpdate | undefined> {
    this.#waiting.delete(reader);
    this.#frameStart = this.#ports.timebase.now();
    if (this.#closed) return undefined;
    this.#reading++;
    try {
      return await this.#readOn(reader, fresh, limit);
    } finally {
      this.#reading--;
      this.#closeUnusedLog();
    }
  }

  async #readOn(reader: ScreenReader, fresh: boolean, limit: number): Promise<ScreenUpdate | undefined> {
    const departures = this.#departures.get(reader);
    await this.#openLog();
    await this.#lookForChanges();
    const state = await this.#currentState();
    if (!state || this.#closed) return undefined;
    if (this.#departures.get(reader) !== departures) return nothingNew();
    const known = this.#readerOf(reader, state, fresh);
    const pages = takePages(known.pending, shownPages(state.picture), Math.max(1, Math.floor(limit / PAGE_SIZE)));
    const update: ScreenUpdate = { pages, bytes: this.#copy(known, state, pages), more: false };
    if (known.state !== state.changes) update.state = state;
    known.state = state.changes;
    update.more = this.#stateStale || anyPending(known.pending, shownPages(state.picture));
    if (!update.more) this.#wait(reader);
    return update;
  }

  /** The VM is given input: what the guest makes of it is to be seen soon. */
  stirred(): void {
    const slow = this.#lookInterval() !== undefined;
    this.#lastChange = this.#ports.timebase.now();
    if (!slow || !this.#cancelLook) return;
    this.#cancelLook();
    this.#lookAfter(SHORTEST_MS);
  }

  /** The reader is gone. */
  forget(reader: ScreenReader): void {
    this.#departures.set(reader, (this.#departures.get(reader) ?? 0) + 1);
    this.#readers.delete(reader);
    this.#waiting.delete(reader);
    this.#closeUnusedLog();
  }

  /** The VM is off, or has left. Readers that wait are notified. */
  close(): void {
    this.#closed = true;
    this.#notify();
    this.#closeLog();
    this.#readers.clear();
  }

  /** Before anything is copied: a page that the guest may write unseen would stay as it was read. */
  async #openLog(): Promise<void> {
    this.#log ??= this.#ports.memory.log.open();
    this.#logged ??= this.#ports.shootdown();
    try {
      await this.#logged;
    } catch (error) {
      this.#logged = undefined;
      throw error;
    }
  }

  #closeUnusedLog(): void {
    if (this.#readers.size === 0 && this.#reading === 0) this.#closeLog();
  }

  #closeLog(): void {
    this.#log?.close();
    this.#log = undefined;
    this.#logged = undefined;
  }

  /** Readers that come meanwhile wait for the same answer. */
  #currentState(): Promise<DisplayState | undefined> {
    if (this.#asked && !this.#stateStale) return this.#asked;
    this.#stateStale = false;
    const asked = this.#ports.displayState();
    this.#asked = asked;
    asked.then(
      (state) => {
        this.#state = state;
      },
      () => {
        this.#stateStale = true;
      },
    );
    return asked;
  }

  #readerOf(key: ScreenReader, { memory }: DisplayState, fresh: boolean): Reader {
    const known = this.#readers.get(key);
    if (known && !fresh) return known;
    const made: Reader = {
      pending: new Uint32Array(Math.ceil(memory.pages / 32)).fill(0xffffffff),
      state: -1,
      buffer: new SharedArrayBuffer(0),
    };
    this.#readers.set(key, made);
    return made;
  }

  #copy(reader: Reader, { memory }: DisplayState, pages: Uint32Array): Uint8Array {
    const size = pages.length * PAGE_SIZE;
    if (reader.buffer.byteLength < size) reader.buffer = new SharedArrayBuffer(size);
    const bytes = new Uint8Array(reader.buffer, 0, size);
    for (const [n, page] of pages.entries())
      this.#ports.memory.readPage(memory.firstPage + page, bytes.subarray(n * PAGE_SIZE, (n + 1) * PAGE_SIZE));
    return bytes;
  }

  /** Enters what has been written for every reader. True: something had been. */
  async #lookForChanges(): Promise<boolean> {
    const log = this.#log;
    const memory = this.#state?.memory;
    if (!log || !memory || !log.any(memory.firstPage, memory.pages)) return false;
    const written = log.take(memory.firstPage, memory.pages);
    // Entered first: a reader that comes meanwhile copies them perhaps too early, and so once more.
    this.#enter(written, memory.firstPage, memory.pages);
    await this.#ports.shootdown();
    this.#enter(written, memory.firstPage, memory.pages);
    this.#lastChange = this.#ports.timebase.now();
    return true;
  }

  #enter(written: Uint32Array, firstPage: number, pages: number): void {
    for (let page = 0; page < pages; page++) {
      const at = firstPage + page;
      if (written[at >> 5] === 0) {
        page += 31 - (at & 31);
        continue;
      }
      if (((written[at >> 5]! >>> (at & 31)) & 1) === 0) continue;
      for (const { pending } of this.#readers.values()) pending[page >> 5]! |= 1 << (page & 31);
    }
  }

  #wait(reader: ScreenReader): void {
    this.#waiting.add(reader);
    if (this.#cancelLook) return;
    const now = this.#ports.timebase.now();
    // A frame begins with a reading, or with the look before.
    const frame = Math.max(SHORTEST_MS, this.#frameStart + FRAME_MS - now);
    this.#frameStart = now;
    this.#lookAfter(this.#lookInterval() ?? frame);
  }

  #lookAfter(ms: number): void {
    this.#cancelLook = this.#ports.timebase.after(ms, () => void this.#look());
  }

  /** ms, of a screen that is still; undefined: it is not. */
  #lookInterval(): number | undefined {
    const still = this.#ports.timebase.now() - this.#lastChange;
    return SLOW_LOOKS.find(({ stillMs }) => still > stillMs)?.everyMs;
  }

  async #look(): Promise<void> {
    this.#cancelLook = undefined;
    if (this.#waiting.size === 0 || this.#closed) return;
    const memory = this.#state?.memory;
    const written = memory && this.#log?.any(memory.firstPage, memory.pages);
    // What has been written is taken when a reader comes for it.
    if (written) this.#notify();
    else for (const reader of [...this.#waiting]) this.#wait(reader);
  }

  #notify(): void {
    if (this.#waiting.size === 0) return;
    this.#waiting.clear();
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    this.#ports.onNews();
  }
}

/** The first `limit` of the range whose bits are set; the bits are no longer set then. */
function takePages(
  pending: Uint32Array,
  { first, count }: { first: number; count: number },
  limit: number,
): Uint32Array<ArrayBuffer> {
  const pages: number[] = [];
  for (let page = first; page < first + count && pages.length < limit; page++) {
    if (!isPending(pending, page)) continue;
    pending[page >> 5]! &= ~(1 << (page & 31));
    pages.push(page);
  }
  return Uint32Array.from(pages);
}

function anyPending(pending: Uint32Array, { first, count }: { first: number; count: number }): boolean {
  for (let page = first; page < first + count; page++) if (isPending(pending, page)) return true;
  return false;
}

/** Pages behind the end of the memory are none. */
function isPending(pending: Uint32Array, page: number): boolean {
  return page >> 5 < pending.length && ((pending[page >> 5]! >>> (page & 31)) & 1) === 1;
}
