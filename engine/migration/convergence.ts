// When does pre-copy end? When what is left fits into the downtime goal at the measured rate; or when further rounds would
// not help: too many of them, or the guest dirties pages as fast as they are sent (Clark et al., NSDI 2005, section 5.1;
// Nelson et al., USENIX ATC 2005, section 3).

import { PAGE_BYTES } from './ports.ts';
import type { MigrationRound } from './statistics.ts';

export interface PrecopyLimits {
  /** ms the guest may stand still. */
  downtimeGoalMs: number;
  maxRounds: number;
}

export const DEFAULT_LIMITS: PrecopyLimits = { downtimeGoalMs: 10, maxRounds: 30 };

/** Pause, saved state, restore and commit, apart from pages: ms. */
const HANDOVER_MS = 5;
/** A round that leaves more than this share of what the one before left does not converge. */
const SHRINKING = 0.9;
const PATIENCE_ROUNDS = 3;
/** Shorter rounds say more about latency than about the rate. */
const MEASURABLE_BYTES = 256 << 10;

/** Bytes per ms over the rounds large enough to tell; 0 if there is none yet. */
export function measuredRate(rounds: readonly MigrationRound[]): number {
  const telling = rounds.filter((round) => round.bytes >= MEASURABLE_BYTES);
  const ms = telling.reduce((sum, round) => sum + round.ms, 0);
  const bytes = telling.reduce((sum, round) => sum + round.bytes, 0);
  return ms > 0 ? bytes / ms : 0;
}

/** ms the guest would stand still if it were stopped now with `dirty` pages left. */
export function expectedDowntime(rounds: readonly MigrationRound[], dirty: number): number {
  const rate = measuredRate(rounds);
  return HANDOVER_MS + (rate > 0 ? (dirty * PAGE_BYTES) / rate : 0);
}

/** Is it time to stop the guest? `rounds` are those finished, at least one. */
export function precopyIsOver(rounds: readonly MigrationRound[], limits: PrecopyLimits): boolean {
  const { dirty } = rounds[rounds.length - 1];
  if (expectedDowntime(rounds, dirty) <= limits.downtimeGoalMs) return true;
  if (rounds.length >= limits.maxRounds) return true;
  const recent = rounds.slice(-PATIENCE_ROUNDS - 1);
  return (
    recent.length > PATIENCE_ROUNDS &&
    recent.every((round, i) => i === 0 || round.dirty > recent[i - 1].dirty * SHRINKING)
  );
}
