// For tests: a drive's way to a medium that lies in memory. Requests wait until the test answers them.

import {
  type BlockFailure,
  type BlockPort,
  type BlockRequest,
  type BlockResult,
  type Medium,
  SECTOR,
} from '../../bus/block.ts';

interface Waiting {
  request: BlockRequest;
  done: (result: BlockResult) => void;
}

const DONE: BlockResult = { ok: true, bytes: new Uint8Array(0) };

export class TestDrive implements BlockPort {
  medium: Medium | undefined;
  mediumCount = 1;
  bytes: Uint8Array;
  locked = false;
  /** In the order in which they were submitted. */
  waiting: Waiting[] = [];
  /** All that was ever submitted. */
  readonly log: BlockRequest[] = [];
  /** What the next requests fail with, one for each. */
  failures: BlockFailure[] = [];

  constructor(bytes: Uint8Array | undefined, readOnly = false) {
    this.bytes = bytes ?? new Uint8Array(0);
    this.medium = bytes && { size: bytes.length, readOnly };
  }

  submit(request: BlockRequest, done: (result: BlockResult) => void): void {
    const own = request.kind === 'write' ? { ...request, bytes: request.bytes.slice() } : request;
    this.log.push(own);
    this.waiting.push({ request: own, done });
  }

  abandon(): void {
    this.waiting = [];
  }

  eject(): void {
    this.insert(undefined);
  }

  setLocked(locked: boolean): void {
    this.locked = locked;
  }

  /** The caller notifies the drive. */
  insert(bytes: Uint8Array | undefined, readOnly = true): void {
    this.bytes = bytes ?? new Uint8Array(0);
    this.medium = bytes && { size: bytes.length, readOnly };
    this.mediumCount++;
  }

  /** Answers all that waits, and what is submitted meanwhile. Returns how many requests that were. */
  answerAll(): number {
    let answered = 0;
    for (let next = this.waiting.shift(); next; next = this.waiting.shift(), answered++)
      next.done(this.#carryOut(next.request));
    return answered;
  }

  /** Answers the oldest. */
  answer(): void {
    const next = this.waiting.shift();
    if (!next) throw new Error('no request waits');
    next.done(this.#carryOut(next.request));
  }

  #carryOut(request: BlockRequest): BlockResult {
    const failure = this.failures.shift() ?? this.#refusal(request);
    if (failure) return { ok: false, failure };
    if (request.kind === 'read')
      return { ok: true, bytes: this.bytes.slice(request.offset, request.offset + request.length) };
    if (request.kind === 'write') this.bytes.set(request.bytes, request.offset);
    if (request.kind === 'write-zeroes') this.bytes.fill(0, request.offset, request.offset + request.length);
    return DONE;
  }

  #refusal(request: BlockRequest): BlockFailure | undefined {
    if (!this.medium) return 'gone';
    if (request.kind === 'flush') return undefined;
    const length = request.kind === 'write' ? request.bytes.length : request.length;
    if (request.offset % SECTOR || length % SECTOR) throw new Error('a request that is not of whole sectors');
    if (request.offset + length > this.medium.size) return 'out-of-range';
    return request.kind !== 'read' && this.medium.readOnly ? 'read-only' : undefined;
  }
}
