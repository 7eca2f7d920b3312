// One drive's queue in the block worker: carries out what is submitted. Requests run together; one that overlaps another that was
// submitted before it, with a write among the two, waits for that one, and a flush for all before it. So what a guest sees is as if
// they had been done in order, also after it has reset the drive and forgotten some of them.
//
// While it is held, for a move, nothing is begun that changes the medium: what has not begun waits, and is done if the VM stays. When it is
// closed, what waits is dropped.

import type { BlockFailure, Medium } from '../../pc/bus/block.ts';
import type { YieldTask } from '../shared/yield-task.ts';
import { type Begin, type BlockBackend, MediumError } from './block-backend.ts';
import type { SlotRequest, WorkerDiskQueue } from './disk-queue.ts';

/** What lies in the drive, and what happens to it. */
export interface DriveBay {
  readonly mediumCount: number;
  readonly medium: Medium | undefined;
  readonly backend: BlockBackend | undefined;
  /** A request of this kind has been answered; `bytes` moved. */
  count(request: SlotRequest, failure: BlockFailure | undefined): void;
  /** Why it could not be read or written. */
  failed(error: unknown): void;
  /** The guest takes the medium of that count out. */
  ejectedByGuest(mediumCount: number): void;
}

/** The drive was closed: the request is not done. */
class Dropped extends Error {}

/** The medium that the request was meant for lies in the drive no more. */
class MediumTaken extends Error {}

interface Running {
  request: SlotRequest;
  over: Promise<void>;
}

export class ServedDrive {
  readonly queue: WorkerDiskQueue;
  readonly #bay: DriveBay;
  readonly #running = new Set<Running>();
  /** Requests that have begun to change the medium. */
  readonly #begun = new Set<Running>();
  #state: 'served' | 'held' | 'closed';
  /** Called when that changes. */
  #waiting: (() => void)[] = [];

  constructor(queue: WorkerDiskQueue, bay: DriveBay, held: boolean, yieldTask: YieldTask) {
    this.queue = queue;
    this.#bay = bay;
    this.#state = held ? 'held' : 'served';
    void queue.run((slot, request) => this.#start(slot, request), yieldTask);
  }

  /** Resolves when nothing of what has begun is unfinished. */
  async hold(): Promise<void> {
    if (this.#state === 'served') this.#state = 'held';
    await this.settled();
  }

  /** Resolves when what has begun by now is finished. */
  async settled(): Promise<void> {
    await Promise.all([...this.#begun].map(({ over }) => over));
  }

  resume(): void {
    if (this.#state === 'held') this.#enter('served');
  }

  /** Resolves as hold(); nothing is answered any more. */
  async close(): Promise<void> {
    this.queue.close();
    this.#enter('closed');
    await this.hold();
  }

  #enter(state: 'served' | 'closed'): void {
    this.#state = state;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #start(slot: number, request: SlotRequest): void {
    const before = [...this.#running].filter((other) => mustFollow(request, other.request));
    const running: Running = { request, over: Promise.resolve() };
    running.over = Promise.all(before.map(({ over }) => over))
      .then(() => this.#carryOut(slot, running))
      .finally(() => {
        this.#running.delete(running);
        this.#begun.delete(running);
      });
    this.#running.add(running);
  }

  async #carryOut(slot: number, running: Running): Promise<void> {
    const { request } = running;
    let failure: BlockFailure | undefined;
    try {
      failure = this.#refusal(request);
      if (!failure) await this.#perform(slot, request, () => this.#begin(running));
    } catch (error) {
      if (error instanceof Dropped) return;
      failure = this.#failureOf(request, error);
    }
    this.#bay.count(request, failure);
    this.queue.complete(slot, failure);
  }

  #failureOf({ mediumCount }: SlotRequest, error: unknown): BlockFailure {
    if (error instanceof MediumTaken || mediumCount !== this.#bay.mediumCount) return 'gone';
    this.#bay.failed(error);
    return error instanceof MediumError ? error.failure : 'failed';
  }

  #refusal({ kind, mediumCount, offset, length }: SlotRequest): BlockFailure | undefined {
    if (kind === 'eject') return undefined;
    const { medium } = this.#bay;
    if (!medium || mediumCount !== this.#bay.mediumCount) return 'gone';
    if (kind === 'flush') return undefined;
    const inside = offset >= 0 && length >= 0 && offset + length <= medium.size;
    if (!inside) return 'out-of-range';
    return kind !== 'read' && medium.readOnly ? 'read-only' : undefined;
  }

  async #perform(slot: number, { kind, mediumCount, offset, length }: SlotRequest, begin: Begin): Promise<void> {
    const { backend } = this.#bay;
    if (kind === 'eject') {
      await begin();
      this.#bay.ejectedByGuest(mediumCount);
    } else if (kind === 'read') await backend?.read(offset, this.queue.data(slot, length));
    else if (kind === 'write') await backend?.write(offset, this.queue.data(slot, length), begin);
    else if (kind === 'flush') await backend?.flush(begin);
    else if (kind === 'discard') await backend?.discard(offset, length, begin);
    else await backend?.writeZeroes(offset, length, begin);
  }

  async #begin(running: Running): Promise<void> {
    while (this.#state === 'held') await new Promise<void>((wake) => this.#waiting.push(wake));
    if (this.#state === 'closed') throw new Dropped();
    const { kind, mediumCount } = running.request;
    if (kind !== 'eject' && mediumCount !== this.#bay.mediumCount) throw new MediumTaken();
    this.#begun.add(running);
  }
}

function mustFollow(request: SlotRequest, earlier: SlotRequest): boolean {
  if (request.kind === 'flush' || request.kind === 'eject' || earlier.kind === 'eject') return true;
  if (request.kind === 'read' && earlier.kind === 'read') return false;
  if (earlier.kind === 'flush') return false;
  return request.offset < earlier.offset + earlier.length && earlier.offset < request.offset + request.length;
}
