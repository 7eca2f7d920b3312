// Notices a vCPU that hangs: its worker is in a turn of the run loop and does not come out of it, because the engine loops or
// the worker has died without an error event. A turn is meant to last 5 ms (run-loop.ts).

/** ms of the watcher's own running time. A machine under heavy load lets a thread wait for seconds. */
const LONGEST_TURN_MS = 30_000;
/** A longer gap between two looks says that the watcher itself did not run: the tab was frozen, the machine asleep. */
const LONGEST_GAP_MS = 3000;

export class VcpuWatch {
  #turns = 0;
  #lastLook: number | undefined;
  #stuckMs = 0;

  /** `turns`: of the CPU block, odd during a turn. To be called about twice a second; true if the vCPU hangs. */
  look(now: number, turns: number): boolean {
    const gap = this.#lastLook === undefined ? 0 : now - this.#lastLook;
    this.#lastLook = now;
    if (turns !== this.#turns || turns % 2 === 0) {
      this.#turns = turns;
      this.#stuckMs = 0;
    } else if (gap <= LONGEST_GAP_MS) {
      this.#stuckMs += gap;
    }
    return this.#stuckMs >= LONGEST_TURN_MS;
  }
}
