// The drives of a VM, in its vCPU's worker: splits what drives ask for into requests that fit the slots of their queue
// (disk-queue.ts), queues what has no room, and answers at safe points.

import type { BlockDrive, BlockFailure, BlockPort, BlockRequest, BlockResult, Medium } from '../../pc/bus/block.ts';
import { GuestDiskQueue, SLOT_BYTES, SLOTS, type SlotKind } from './disk-queue.ts';

export class VcpuDrives {
  /** By index of the drive: what the machine is built with. */
  readonly ports: readonly DrivePort[];

  /** `queues`: made by createDiskQueue, by index of the drive. */
  constructor(queues: readonly SharedArrayBuffer[]) {
    this.ports = queues.map((queue) => new DrivePort(queue));
  }

  /** The machine's drives, by index. */
  connect(drives: readonly BlockDrive[]): void {
    for (const [n, drive] of drives.entries()) this.ports[n].drive = drive;
  }

  /** At a safe point: answers what has been carried out, and notifies drives of their media. */
  poll(): void {
    for (const port of this.ports) port.poll();
  }

  /** The drives are about to be restored: they compare the media with those that they had. */
  lookAtMedia(): void {
    for (const port of this.ports) port.lookAtMedium();
  }
}

const NOTHING = new Uint8Array(0);

/** One request of the drive, on its way in pieces. */
interface Job {
  kind: SlotKind;
  mediumCount: number;
  offset: number;
  length: number;
  /** Of a write, what has no slot yet. */
  bytes: Uint8Array;
  /** Of a read of several pieces. */
  result: Uint8Array | undefined;
  placed: number;
  pieces: number;
  allPlaced: boolean;
  failure: BlockFailure | undefined;
  /** Undefined: nobody waits for the answer. */
  done: ((result: BlockResult) => void) | undefined;
}

class DrivePort implements BlockPort {
  drive: BlockDrive | undefined;
  readonly #queue: GuestDiskQueue;
  /** Not wholly in slots, in order. */
  #waiting: Job[] = [];
  /** By slot: whose piece is there, and where it begins in the job. */
  readonly #slots = new Array<{ job: Job; at: number; length: number } | undefined>(SLOTS);
  #medium: Medium | undefined;
  #mediumCount = 0;
  /** The guest's own that the block worker has not confirmed: the medium is not looked at meanwhile. */
  #ejecting = 0;
  #ejectRequests = 0;

  constructor(queue: SharedArrayBuffer) {
    this.#queue = new GuestDiskQueue(queue);
    this.lookAtMedium();
  }

  get medium(): Medium | undefined {
    return this.#medium;
  }

  get mediumCount(): number {
    return this.#mediumCount;
  }

  submit(request: BlockRequest, done: (result: BlockResult) => void): void {
    const { kind } = request;
    const offset = kind === 'flush' ? 0 : request.offset;
    const bytes = kind === 'write' ? request.bytes : NOTHING;
    const length = kind === 'write' ? bytes.length : kind === 'flush' ? 0 : request.length;
    const job = this.#queueJob(kind, offset, length, bytes, done);
    if (!job.allPlaced && job.bytes.length > 0) job.bytes = job.bytes.slice();
  }

  abandon(): void {
    for (const piece of this.#slots) if (piece && piece.job.kind !== 'eject') piece.job.done = undefined;
    this.#waiting = this.#waiting.filter(({ kind }) => kind === 'eject');
  }

  eject(): void {
    this.#ejecting++;
    this.#queueJob('eject', 0, 0, NOTHING, () => {
      this.#ejecting--;
    });
    this.#medium = undefined;
    this.#mediumCount = (this.#mediumCount + 1) | 0;
  }

  setLocked(locked: boolean): void {
    this.#queue.setLocked(locked);
  }

  poll(): void {
    for (let next = this.#queue.collect(); next; next = this.#queue.collect()) {
      const piece = this.#slots[next.slot];
      this.#slots[next.slot] = undefined;
      if (piece) this.#completed(piece.job, next.failure, this.#queue.data(next.slot, piece.length), piece.at);
      this.#queue.free(next.slot);
    }
    this.#place();
    if (this.#ejecting === 0 && this.lookAtMedium()) this.drive?.mediumChanged();
    const { ejectRequests } = this.#queue;
    if (ejectRequests === this.#ejectRequests) return;
    this.#ejectRequests = ejectRequests;
    this.drive?.ejectRequested?.();
  }

  /** True: it is another one than before. */
  lookAtMedium(): boolean {
    const { count, medium } = this.#queue.mediumState;
    if (count === this.#mediumCount) return false;
    this.#mediumCount = count;
    this.#medium = medium;
    return true;
  }

  #queueJob(kind: SlotKind, offset: number, length: number, bytes: Uint8Array, done: Job['done']): Job {
    const job: Job = {
      ...{ kind, mediumCount: this.#mediumCount, offset, length, bytes, result: undefined },
      ...{ placed: 0, pieces: 0, allPlaced: false, failure: undefined, done },
    };
    this.#waiting.push(job);
    this.#place();
    return job;
  }

  /** Puts into slots what there is room for. */
  #place(): void {
    let placed = false;
    for (let job = this.#waiting.at(0); job && this.#queue.hasRoom; job = this.#waiting.at(0), placed = true) {
      this.#placePiece(job);
      if (job.allPlaced) this.#waiting.shift();
    }
    if (placed) this.#queue.ring();
  }

  #placePiece(job: Job): void {
    const { kind, mediumCount, length, placed: at } = job;
    const moves = kind === 'read' || kind === 'write';
    const size = moves ? Math.min(length - at, SLOT_BYTES) : length;
    const request = { kind, mediumCount, offset: job.offset + at, length: size };
    const slot = this.#queue.submit(request, kind === 'write' ? job.bytes.subarray(0, size) : undefined);
    job.bytes = job.bytes.subarray(size);
    job.placed += size;
    job.pieces++;
    job.allPlaced = job.placed >= length;
    this.#slots[slot] = { job, at, length: moves ? size : 0 };
  }

  #completed(job: Job, failure: BlockFailure | undefined, data: Uint8Array, at: number): void {
    job.pieces--;
    if (failure) this.#fail(job, failure);
    const whole = job.kind === 'read' && data.length === job.length;
    if (job.kind === 'read' && !whole && job.done && !job.failure) {
      job.result ??= new Uint8Array(job.length);
      job.result.set(data, at);
    }
    if (!job.allPlaced || job.pieces > 0) return;
    const bytes = whole ? data : (job.result ?? NOTHING);
    job.done?.(job.failure ? { ok: false, failure: job.failure } : { ok: true, bytes });
  }

  /** What has no slot yet is not done any more. */
  #fail(job: Job, failure: BlockFailure): void {
    job.failure ??= failure;
    if (job.allPlaced) return;
    job.allPlaced = true;
    this.#waiting = this.#waiting.filter((other) => other !== job);
  }
}
