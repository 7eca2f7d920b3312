// Timer coalescing: while nothing runs in a guest but its kernel's clock tick, its timers may be late by what their devices
// tolerate, so that many ticks come as one. A kernel without tickless idle (Debian's i386 kernel ticks 250 times a second)
// would otherwise wake its vCPU's worker for each of them, with every cache cold, to find nothing to do.
//
// Any process of the guest that runs ends this, and so does what comes from outside (input, a packet, a disk that is done):
// a guest whose processes wake oftener than IDLE_AFTER_MS always gets its timers on time.
// docs/decisions/008-timer-coalescing.md has the figures.

/** As many instructions between two halts are more than a tick: the kernel itself is at work, while it boots for instance. */
const WORK_INSTRUCTIONS = 100_000;

/** How long only ticks must have come. */
const IDLE_AFTER_MS = 2000;

/** What the CPU did between two halts. */
export interface Stretch {
  instructions: number;
  /** Transitions to privilege level 3. */
  userEntries: number;
}

export class TimerCoalescing {
  #activeAt: number;

  /** `now`: monotonic ms, as in all that follows. */
  constructor(now: number) {
    this.#activeAt = now;
  }

  /** The guest has halted. */
  ran(now: number, { instructions, userEntries }: Stretch): void {
    if (userEntries > 0 || instructions > WORK_INSTRUCTIONS) this.disturbed(now);
  }

  /** Something other than a timer has woken the guest, or wants something of it. */
  disturbed(now: number): void {
    this.#activeAt = now;
  }

  idle(now: number): boolean {
    return now - this.#activeAt >= IDLE_AFTER_MS;
  }
}
