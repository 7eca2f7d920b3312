// The PIT's clock as a function of guest time.

/** Hz, a twelfth of the PC's 14.31818 MHz. */
export const PIT_HZ = 1193182;

/** Whole ticks that have passed at guest time `ns`. */
export function ticksAt(ns: number): number {
  // A twentieth of a tick absorbs rounding, so that ticksAt(timeOf(n)) is n for years.
  return Math.floor(ns * (PIT_HZ / 1e9) + 0.05);
}

/** Guest time in ns of the tick. */
export function timeOf(tick: number): number {
  return Math.ceil(tick * (1e9 / PIT_HZ));
}
