// Guest time and the timers that run on it.
//
// Guest time goes forward with real time, also over a stop of the vCPU, if the stop lasts up to FORWARD_LIMIT_MS: a switch-over
// to another host, a worker that was not scheduled, a tab that was frozen for a moment. So a guest needs no driver to keep
// the right time. Over a longer stop (suspend, sleep of the machine, a frozen tab) it stands still, and `stoodStill` is called:
// a guest that jumped by hours would take its own locks, leases and watchdogs for expired.
//
// A stop needs no announcement: it is a span in which the clock was not read. So a running clock must be read
// more often than every STEP_MS; the run loop does so (LOOK_MS). A clock that was paused on one host and is resumed on
// another takes the length of the stop from the time of day, which all workers of a machine share; their monotonic clocks
// begin at different moments, and drift apart when the machine sleeps.
//
// It never runs backwards, and goes forward by STEP_MS at most at once. What is left after that follows in further steps, with
// SETTLE_NS of guest time between them, in which the guest serves the timers that fell due: Linux cannot distinguish a jump of
// 4.7 s of the ACPI timer (24 bits) from none, and would take the TSC, which it compares with it, for unstable.
//
// Timers are callbacks and cannot be saved. The saved form is the time alone; each device schedules its own timers again when
// its state is restored.
import type { Clock, TimerHandle } from './device.ts';
import { requireForm } from './saved-form.ts';
import { TimerQueue } from './timer-queue.ts';

/** The longest stop after which guest time goes forward. */
export const FORWARD_LIMIT_MS = 5000;
const STEP_MS = 1000;
const SETTLE_NS = 20e6;
/**
 * In ns: by how much single shots may be late while the guest is idle (docs/decisions/008-timer-coalescing.md). 50 ticks of a kernel with 250
 * a second.
 */
export const SHOT_TOLERANCE = 200e6;
/** A running clock is to be read this often. */
export const LOOK_MS = 500;

export interface ClockState {
  version: 2;
  /** Nanoseconds since power-on. */
  now: number;
  /** By how many ms guest time is behind because it may not go forward at once. */
  behindMs: number;
  /** When it stopped there: time of day, ms since 1970. */
  stoppedAt: number;
}

export interface ClockWiring {
  /** Monotonic milliseconds, fractions included (performance.now). */
  hostNow(): number;
  /** ms since 1970, UTC. May be set by the machine's administrator. */
  wallClock(): number;
  /** Guest time has stood still while `ms` of real time passed. */
  stoodStill?(ms: number): void;
}

export class GuestClock implements Clock {
  readonly #wiring: ClockWiring;
  readonly #timers = new TimerQueue();
  /** Guest time, in ns, at the host's time #startedAt. */
  #base = 0;
  /** Host time in ms; undefined while paused. Moved on by what guest time does not take part in. */
  #startedAt: number | undefined;
  /** Host time of the last reading. */
  #seenAt = 0;
  /** Host time at which it was paused; undefined if it never ran. */
  #pausedAt: number | undefined;
  #behindMs = 0;
  /** Guest time from which it may go forward again. */
  #stepAt = 0;
  /** The latest value given out: now() never falls behind it. */
  #last = 0;

  /** The clock starts paused at 0. */
  constructor(wiring: ClockWiring) {
    this.#wiring = wiring;
  }

  get running(): boolean {
    return this.#startedAt !== undefined;
  }

  /** Guest time as it will be when it has caught up, in ns. */
  get settled(): number {
    return this.now() + this.#behindMs * 1e6;
  }

  now(): number {
    if (this.#startedAt !== undefined) {
      this.#look();
      const now = this.#base + Math.round((this.#seenAt - this.#startedAt) * 1e6);
      if (now > this.#last) this.#last = now;
    }
    return this.#last;
  }

  pause(): void {
    if (this.#startedAt === undefined) return;
    this.#base = this.now();
    this.#pausedAt = this.#seenAt;
    this.#startedAt = undefined;
  }

  /** Goes on; the pause counts as a stop. */
  resume(): void {
    if (this.#startedAt !== undefined) return;
    this.#startedAt = this.#pausedAt ?? this.#wiring.hostNow();
    this.#seenAt = this.#startedAt;
    this.now();
  }

  /** The machine was reset while the clock was paused, or its user paused it: the time until now is not the guest's. */
  forgetPause(): void {
    this.#pausedAt = undefined;
    this.#behindMs = 0;
  }

  schedule(deadline: number, callback: () => void, tolerance = 0): TimerHandle {
    const timer = this.#timers.push(deadline, callback, tolerance);
    return { cancel: () => this.#timers.remove(timer) };
  }

  /** Guest time in ns at which runDue has something to do, undefined if it has not. */
  nextDeadline(): number | undefined {
    return this.#orStep(this.#timers.first?.deadline);
  }

  /** As nextDeadline, but with the lateness that the timers tolerate while the guest is idle. */
  nextIdleDeadline(): number | undefined {
    return this.#orStep(this.#timers.latest());
  }

  /** Runs the timers that were due when it was called, the earliest first. Returns how many. */
  runDue(): number {
    this.#catchUp();
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
    const now = this.now();
    const { hostNow, wallClock } = this.#wiring;
    const stopped = this.#startedAt === undefined && this.#pausedAt !== undefined ? hostNow() - this.#pausedAt : 0;
    return { version: 2, now, behindMs: this.#behindMs, stoppedAt: wallClock() - stopped };
  }

  /** Leaves the clock paused at the saved time. Timers already scheduled stay. */
  restore(state: ClockState): void {
    const { now, behindMs, stoppedAt } = requireForm('clock', state, this.save());
    const { hostNow, wallClock } = this.#wiring;
    this.#base = now;
    this.#last = now;
    this.#startedAt = undefined;
    this.#behindMs = Math.min(Math.max(behindMs, 0), FORWARD_LIMIT_MS);
    this.#stepAt = now + SETTLE_NS;
    // A time of day that was set back meanwhile does not make the stop negative.
    this.#pausedAt = hostNow() - Math.max(wallClock() - stoppedAt, 0);
  }

  /** Takes notice of the host's time, and of a stop since the last look. */
  #look(): void {
    const host = this.#wiring.hostNow();
    const passed = host - this.#seenAt;
    this.#seenAt = host;
    if (passed < 0) this.#withhold(passed);
    else if (passed > FORWARD_LIMIT_MS) {
      this.#withhold(passed);
      this.#wiring.stoodStill?.(passed);
    } else if (passed > STEP_MS) {
      this.#behindMs += passed - STEP_MS;
      this.#withhold(passed - STEP_MS);
      this.#stepAt = this.now() + SETTLE_NS;
    }
  }

  /** Guest time takes no part in these ms of the host's. */
  #withhold(ms: number): void {
    this.#startedAt = (this.#startedAt ?? 0) + ms;
  }

  /** The next step of what it is behind, if it is time. */
  #catchUp(): void {
    if (this.#startedAt === undefined || this.now() < this.#stepAt || this.#behindMs === 0) return;
    const step = Math.min(this.#behindMs, STEP_MS);
    this.#behindMs -= step;
    this.#withhold(-step);
    this.#stepAt = this.now() + SETTLE_NS;
  }

  #orStep(deadline: number | undefined): number | undefined {
    if (this.#behindMs === 0) return deadline;
    return Math.min(deadline ?? Number.POSITIVE_INFINITY, this.#stepAt);
  }
}
