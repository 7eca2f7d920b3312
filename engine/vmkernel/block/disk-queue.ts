// The way of a drive's requests, in shared memory: from the vCPU's worker to the block worker and back.
//
// A request lies in one of SLOTS slots, each with room for SLOT_BYTES of data. The guest's end owns a slot until it submits it, the
// block worker until it has completed it, then the guest's end again, which frees it. So a read fills the slot's data in place.
//
//   words    0 BELL          waited on by the block worker; changed when it must wake
//            1 WORKER_WAITS  the block worker has found nothing and wants the bell
//            2 SUBMITTED     slots ever submitted (the guest's; modulo 2^32)    3 TAKEN      (the block worker's)
//            4 COMPLETED     slots ever completed (the block worker's)          5 COLLECTED  (the guest's)
//            6 LOCKED        the guest has locked the tray                      7 EJECTS     how often the user asked for the medium
//            8 SEQUENCE      odd while 9 to 12 are being written (the block worker's)
//            9 MEDIUM_COUNT  10 MEDIUM_FLAGS  11, 12 sectors of the medium, low and high word
//   u64      6 counters from byte 64 on, as DriveCounters and the overlay's size
//   words    submission ring, completion ring: SLOTS numbers of slots each
//   slots    kind, medium count, offset (f64), length (f64), status
//   data     SLOTS × SLOT_BYTES
//
// A position is published (Atomics.store) only when what it covers is complete. Before the block worker waits it sets WORKER_WAITS and
// looks once more; the guest's end takes that away after each submission, and rings if it was set. Completions ring the vCPU's
// doorbell.

import { type BlockFailure, type Medium, SECTOR } from '../../pc/bus/block.ts';
import { Doorbell } from '../shared/doorbell.ts';
import { waitForChange } from '../shared/shared-wait.ts';
import type { YieldTask } from '../shared/yield-task.ts';

export const SLOTS = 16;
export const SLOT_BYTES = 64 * 1024;

const BELL = 0;
const WORKER_WAITS = 1;
const SUBMITTED = 2;
const TAKEN = 3;
const COMPLETED = 4;
const COLLECTED = 5;
const LOCKED = 6;
const EJECTS = 7;
const SEQUENCE = 8;
const MEDIUM_COUNT = 9;
const MEDIUM_FLAGS = 10;
const SECTORS = 11;
const COUNTERS = 64;
const COUNTER_NAMES = ['reads', 'writes', 'bytesRead', 'bytesWritten', 'errors', 'overlayBytes'] as const;
const SUBMISSIONS = 128 / 4;
const COMPLETIONS = SUBMISSIONS + SLOTS;
const RECORDS = 128 + 2 * SLOTS * 4;
const RECORD_BYTES = 32;
const DATA = RECORDS + SLOTS * RECORD_BYTES;

const PRESENT = 1;
const READ_ONLY = 2;

const KINDS = ['read', 'write', 'flush', 'discard', 'write-zeroes', 'eject'] as const;
/** What a slot may ask for. `eject`: the guest takes the medium out. */
export type SlotKind = (typeof KINDS)[number];
const STATUSES: readonly (BlockFailure | undefined)[] = [undefined, 'gone', 'read-only', 'out-of-range', 'failed'];

export interface SlotRequest {
  kind: SlotKind;
  /** Of the medium that it is meant for. */
  mediumCount: number;
  /** Bytes. */
  offset: number;
  length: number;
}

export interface MediumState {
  count: number;
  medium: Medium | undefined;
}

/** Since the VM was created in this tab. */
export interface DriveCounters {
  reads: number;
  writes: number;
  bytesRead: number;
  bytesWritten: number;
  /** Requests that failed. */
  errors: number;
}

/** What the block worker shows of a drive. */
export type DriveFigures = DriveCounters & {
  /** What the guest has written and the tab keeps in memory. */
  overlayBytes: number;
};

export function createDiskQueue(): SharedArrayBuffer {
  return new SharedArrayBuffer(DATA + SLOTS * SLOT_BYTES);
}

/** What both ends, and the host's worker, may read. */
export class DiskQueueView {
  protected readonly words: Int32Array;
  protected readonly counters: BigUint64Array;
  readonly #buffer: SharedArrayBuffer;

  constructor(buffer: SharedArrayBuffer) {
    this.#buffer = buffer;
    this.words = new Int32Array(buffer, 0, RECORDS / 4);
    this.counters = new BigUint64Array(buffer, COUNTERS, COUNTER_NAMES.length);
  }

  get mediumState(): MediumState {
    const { words } = this;
    for (;;) {
      const sequence = Atomics.load(words, SEQUENCE);
      const [count, flags, low, high] = [MEDIUM_COUNT, MEDIUM_FLAGS, SECTORS, SECTORS + 1].map((word) =>
        Atomics.load(words, word),
      );
      if (sequence & 1 || Atomics.load(words, SEQUENCE) !== sequence) continue;
      if (!(flags & PRESENT)) return { count, medium: undefined };
      const size = ((high >>> 0) * 2 ** 32 + (low >>> 0)) * SECTOR;
      return { count, medium: { size, readOnly: (flags & READ_ONLY) !== 0 } };
    }
  }

  get locked(): boolean {
    return Atomics.load(this.words, LOCKED) === 1;
  }

  get figures(): DriveFigures {
    const values = COUNTER_NAMES.map((name, n) => [name, Number(Atomics.load(this.counters, n))]);
    return Object.fromEntries(values) as unknown as DriveFigures;
  }

  /** The data of a slot. */
  data(slot: number, length: number): Uint8Array<SharedArrayBuffer> {
    return new Uint8Array(this.#buffer, DATA + slot * SLOT_BYTES, length);
  }

  protected record(slot: number): DataView {
    return new DataView(this.#buffer, RECORDS + slot * RECORD_BYTES, RECORD_BYTES);
  }
}

/** The vCPU worker's end. */
export class GuestDiskQueue extends DiskQueueView {
  readonly #free = Array.from({ length: SLOTS }, (_, slot) => slot);

  get hasRoom(): boolean {
    return this.#free.length > 0;
  }

  /** Submits a request, for which there must be room. Returns its slot. `bytes`: of a write. */
  submit({ kind, mediumCount, offset, length }: SlotRequest, bytes?: Uint8Array): number {
    const slot = this.#free.pop();
    if (slot === undefined) throw new RangeError('all slots of a drive are in use');
    const record = this.record(slot);
    record.setInt32(0, KINDS.indexOf(kind), true);
    record.setInt32(4, mediumCount, true);
    record.setFloat64(8, offset, true);
    record.setFloat64(16, length, true);
    if (bytes) this.data(slot, length).set(bytes);
    const position = Atomics.load(this.words, SUBMITTED);
    this.words[SUBMISSIONS + (position & (SLOTS - 1))] = slot;
    Atomics.store(this.words, SUBMITTED, (position + 1) | 0);
    return slot;
  }

  /** Wakes the block worker, after submissions. */
  ring(): void {
    if (Atomics.exchange(this.words, WORKER_WAITS, 0) !== 1) return;
    Atomics.add(this.words, BELL, 1);
    Atomics.notify(this.words, BELL);
  }

  /** The next slot that is completed, to be freed; undefined when there is none. */
  collect(): { slot: number; failure: BlockFailure | undefined } | undefined {
    const position = Atomics.load(this.words, COLLECTED);
    if (Atomics.load(this.words, COMPLETED) === position) return undefined;
    const slot = this.words[COMPLETIONS + (position & (SLOTS - 1))];
    Atomics.store(this.words, COLLECTED, (position + 1) | 0);
    return { slot, failure: STATUSES[this.record(slot).getInt32(24, true)] };
  }

  free(slot: number): void {
    this.#free.push(slot);
  }

  setLocked(locked: boolean): void {
    Atomics.store(this.words, LOCKED, locked ? 1 : 0);
  }

  /** How often the user has asked for the medium. */
  get ejectRequests(): number {
    return Atomics.load(this.words, EJECTS);
  }
}

/** The block worker's end. */
export class WorkerDiskQueue extends DiskQueueView {
  readonly #doorbell: Doorbell;
  #closed = false;

  /** `cpu`: machine address of the CPU block of the VM's vCPU. */
  constructor(buffer: SharedArrayBuffer, memory: WebAssembly.Memory, cpu: number) {
    super(buffer);
    this.#doorbell = new Doorbell(memory, cpu);
  }

  /** Passes each slot that is submitted to `take`, in order, until close(). */
  async run(take: (slot: number, request: SlotRequest) => void, yieldTask: YieldTask): Promise<void> {
    while (!this.#closed) {
      const bell = Atomics.load(this.words, BELL);
      if (this.#drain(take)) {
        // Others have their turn.
        await new Promise<void>((resolve) => yieldTask(resolve));
        continue;
      }
      Atomics.store(this.words, WORKER_WAITS, 1);
      if (this.#empty) await waitForChange(this.words, BELL, bell, Number.POSITIVE_INFINITY);
    }
  }

  /** Nothing is taken or completed any more, and the vCPU's doorbell not rung. */
  close(): void {
    this.#closed = true;
    Atomics.add(this.words, BELL, 1);
    Atomics.notify(this.words, BELL);
  }

  complete(slot: number, failure?: BlockFailure): void {
    if (this.#closed) return;
    this.record(slot).setInt32(24, STATUSES.indexOf(failure), true);
    const position = Atomics.load(this.words, COMPLETED);
    this.words[COMPLETIONS + (position & (SLOTS - 1))] = slot;
    Atomics.store(this.words, COMPLETED, (position + 1) | 0);
    this.#doorbell.requestStop();
  }

  showMedium({ count, medium }: MediumState): void {
    const { words } = this;
    const sectors = (medium?.size ?? 0) / SECTOR;
    Atomics.add(words, SEQUENCE, 1);
    Atomics.store(words, MEDIUM_COUNT, count);
    Atomics.store(words, MEDIUM_FLAGS, medium ? PRESENT | (medium.readOnly ? READ_ONLY : 0) : 0);
    Atomics.store(words, SECTORS, (sectors % 2 ** 32) | 0);
    Atomics.store(words, SECTORS + 1, Math.floor(sectors / 2 ** 32));
    Atomics.add(words, SEQUENCE, 1);
    if (!this.#closed) this.#doorbell.requestStop();
  }

  showFigures(figures: DriveFigures): void {
    for (const [n, name] of COUNTER_NAMES.entries()) Atomics.store(this.counters, n, BigInt(figures[name]));
  }

  /** The user asks the guest to let the medium go. */
  requestEject(): void {
    Atomics.add(this.words, EJECTS, 1);
    this.#doorbell.requestStop();
  }

  get #empty(): boolean {
    return Atomics.load(this.words, SUBMITTED) === Atomics.load(this.words, TAKEN);
  }

  #drain(take: (slot: number, request: SlotRequest) => void): boolean {
    let taken = 0;
    for (; !this.#empty && !this.#closed; taken++) {
      const position = Atomics.load(this.words, TAKEN);
      const slot = this.words[SUBMISSIONS + (position & (SLOTS - 1))];
      Atomics.store(this.words, TAKEN, (position + 1) | 0);
      const record = this.record(slot);
      take(slot, {
        kind: KINDS[record.getInt32(0, true)],
        mediumCount: record.getInt32(4, true),
        offset: record.getFloat64(8, true),
        length: record.getFloat64(16, true),
      });
    }
    return taken > 0;
  }
}
