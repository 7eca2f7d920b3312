// Timer coalescing: while a guest does nothing but serve its own clock tick, its timers may be late by what their devices
// tolerate, so that several ticks come as one. A kernel without tickless idle (Debian's i386 kernel ticks 250 times a
// second) would otherwise wake its vCPU's worker for each of them and find nothing to do.
//
// Restlessness measures how much else the guest does: every stretch of execution between two halts that is longer than a
// tick's work counts, and decays within seconds. A guest that sleeps and wakes often is restless and gets its timers on time.

/** A stretch of up to as many instructions is a clock tick: Linux 6.1 takes 3,700, with its housekeeping 4,700. */
const TICK_INSTRUCTIONS = 6000;
/** After a stretch of as many the guest has really been at work. */
const WORK_INSTRUCTIONS = 100_000;

const DECAY_MS = 1000;
/** Stretches longer than a tick, per DECAY_MS, up to which a guest counts as idle: Linux has about five. */
const IDLE_LIMIT = 10;
/** Of a guest that was just at work or was woken from outside: idle again after DECAY_MS × ln 2. */
const ACTIVE = 20;

export class TimerCoalescing {
  private restlessness = ACTIVE;
  /** ms at which it was that. */
  private at: number;

  /** `now`: monotonic ms, as in all that follows. */
  constructor(now: number) {
    this.at = now;
  }

  /** The guest has halted after this many instructions. */
  ran(now: number, instructions: number): void {
    if (instructions > WORK_INSTRUCTIONS) this.disturbed(now);
    else if (instructions > TICK_INSTRUCTIONS) this.set(now, this.level(now) + 1);
  }

  /** Something other than a timer has woken the guest, or wants something of it. */
  disturbed(now: number): void {
    this.set(now, ACTIVE);
  }

  idle(now: number): boolean {
    return this.level(now) < IDLE_LIMIT;
  }

  private set(now: number, restlessness: number): void {
    this.restlessness = Math.min(ACTIVE, restlessness);
    this.at = now;
  }

  private level(now: number): number {
    return this.restlessness * Math.exp((this.at - now) / DECAY_MS);
  }
}
