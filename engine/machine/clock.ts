// Guest time and the timers that run on it. Guest time is the host's monotonic clock minus an offset: it stands still while
// the VM is paused and goes on from the same value on the next host after a migration.
//
// Timers are callbacks and cannot be saved. The saved form is the time alone; each device schedules its own timers anew when
// its state is restored.
import type { Clock, TimerHandle } from './device.ts';
import { requireForm } from './saved-form.ts';
import { TimerQueue } from './timer-queue.ts';

export interface ClockState {
  version: 1;
  /** Nanoseconds since power-on. */
  now: number;
}

export class GuestClock implements Clock {
  readonly #hostNow: () => number;
  readonly #timers = new TimerQueue();
  /** Guest time when the clock was last started or stopped, in ns. */
  #base = 0;
  /** Host time in ms at which guest time was #base; undefined while paused. */
  #startedAt: number | undefined;
  /** The latest value given out: now() never falls behind it. */
  #last = 0;

  /** `hostNow`: monotonic milliseconds, fractions included (performance.now). The clock starts paused at 0. */
  constructor(hostNow: () => number) {
    this.#hostNow = hostNow;
  }

  get running(): boolean {
    return this.#startedAt !== undefined;
  }

  now(): number {
    if (this.#startedAt !== undefined) {
      const now = this.#base + Math.round((this.#hostNow() - this.#startedAt) * 1e6);
      if (now > this.#last) this.#last = now;
    }
    return this.#last;
  }

  pause(): void {
    this.#base = this.now();
    this.#startedAt = undefined;
  }

  resume(): void {
    if (this.#startedAt === undefined) this.#startedAt = this.#hostNow();
  }

  schedule(deadline: number, callback: () => void, tolerance = 0): TimerHandle {
    const timer = this.#timers.push(deadline, callback, tolerance);
    return { cancel: () => this.#timers.remove(timer) };
  }

  /** Guest time in ns of the earliest timer, undefined if there is none. */
  nextDeadline(): number | undefined {
    return this.#timers.first?.deadline;
  }

  /** As nextDeadline, but with the lateness that the timers tolerate while the guest is idle. */
  nextIdleDeadline(): number | undefined {
    return this.#timers.latest();
  }

  /** Runs the timers that were due when it was called, the earliest first. Returns how many. */
  runDue(): number {
    const now = this.now();
    let count = 0;
    for (let timer = this.#timers.first; timer && timer.deadline <= now; timer = this.#timers.first) {
      this.#timers.pop();
      timer.callback();
      count++;
    }
    return count;
  }

  save(): ClockState {
    return { version: 1, now: this.now() };
  }

  /** Leaves the clock paused at the saved time. Timers already scheduled stay. */
  restore(state: ClockState): void {
    this.#base = requireForm('clock', state, this.save()).now;
    this.#last = this.#base;
    this.#startedAt = undefined;
  }
}
