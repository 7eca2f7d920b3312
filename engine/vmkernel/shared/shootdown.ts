// TLB shootdown: another thread takes away what a vCPU may do with pages by its TLB, and knows when it is gone. It says of which pages in
// the state itself, however many they are: it changes their p2m entries, or takes their bits of the dirty log, and then asks once.
//
//   asking thread                              vCPU's worker
//   SHOOTDOWN_REQUEST += 1
//   DOORBELL |= STOP, notify        ──►        reaches its safe point (or wakes from HLT)
//                                              DOORBELL &= ~STOP
//   waits for DONE - request >= 0              r = SHOOTDOWN_REQUEST; compares its TLBs with that state
//                                   ◄──        SHOOTDOWN_DONE = r, notify
//
// A vCPU that is stopped is not waited for: it answers before its first instruction when it goes on.
//
// STOP is cleared before the request is read: a request that comes in between leaves STOP set for the next safe point, so
// none is lost. Counters wrap; they are compared by signed difference.

import type { Timebase } from '../../base/timebase.ts';
import { SHOOTDOWN_DONE, SHOOTDOWN_REQUEST, VCPU_STOPPED } from '../../cpu/abi/layout.ts';
import { Doorbell } from './doorbell.ts';
import { waitForChange } from './shared-wait.ts';

/** A vCPU that does not come to a safe point within this time is broken. */
const TIMEOUT_MS = 5000;

export class ShootdownError extends Error {
  override name = 'ShootdownError';
}

/** Resolves when the vCPU holds nothing in its TLBs that p2m and dirty log did not grant at the call. Rejects with ShootdownError when it does not answer. */
export async function requestShootdown(
  memory: WebAssembly.Memory,
  cpu: number,
  timebase: Timebase,
  timeoutMs = TIMEOUT_MS,
): Promise<void> {
  const words = new Int32Array(memory.buffer);
  const done = (cpu + SHOOTDOWN_DONE) / 4;
  const stopped = (cpu + VCPU_STOPPED) / 4;
  const request = (Atomics.add(words, (cpu + SHOOTDOWN_REQUEST) / 4, 1) + 1) | 0;
  new Doorbell(memory, cpu).requestStop();
  let late = false;
  const cancel = timebase.after(timeoutMs, () => {
    late = true;
    Atomics.notify(words, done);
  });
  try {
    for (;;) {
      const seen = Atomics.load(words, done);
      if (((seen - request) | 0) >= 0 || Atomics.load(words, stopped) === 1) return;
      if (late) throw new ShootdownError(`A vCPU did not acknowledge a TLB shootdown within ${timeoutMs} ms.`);
      await waitForChange(words, done, seen, Number.POSITIVE_INFINITY);
    }
  } finally {
    cancel();
  }
}

/** The vCPU's half, called at its safe points with STOP already cleared. `reconcile` compares the TLBs with p2m and dirty log. */
export class ShootdownResponder {
  readonly #words: Int32Array;
  readonly #request: number;
  readonly #done: number;
  readonly #stopped: number;

  constructor(memory: WebAssembly.Memory, cpu: number) {
    this.#words = new Int32Array(memory.buffer);
    this.#request = (cpu + SHOOTDOWN_REQUEST) / 4;
    this.#done = (cpu + SHOOTDOWN_DONE) / 4;
    this.#stopped = (cpu + VCPU_STOPPED) / 4;
  }

  /** Instructions will run, but not before `answer` has been called. */
  start(): void {
    Atomics.store(this.#words, this.#stopped, 0);
  }

  /** No instruction runs any more. */
  stop(): void {
    Atomics.store(this.#words, this.#stopped, 1);
    Atomics.notify(this.#words, this.#done);
  }

  /** Answers what was asked; true if anything was. */
  answer(reconcile: () => void): boolean {
    const request = Atomics.load(this.#words, this.#request);
    if (request === Atomics.load(this.#words, this.#done)) return false;
    reconcile();
    Atomics.store(this.#words, this.#done, request);
    Atomics.notify(this.#words, this.#done);
    return true;
  }
}
