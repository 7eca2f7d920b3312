// When does pre-copy end? When what is left fits into the downtime goal at the measured rate; or when further rounds would
// not help: too many of them, or the guest dirties pages as fast as they are sent (Clark et al., NSDI 2005, section 5.1;
// Nelson et al., USENIX ATC 2005, section 3). The guest is not stopped, though, if it would then stand still for longer
// than the limit.

import { PAGE_SIZE } from '../base/sizes.ts';
import type { MigrationRound } from './statistics.ts';

export interface PrecopyLimits {
  /** ms the guest should stand still at most: rounds go on to come there, as long as they help. */
  downtimeGoalMs: number;
  /** ms the guest may stand still at most: it is not stopped for longer. */
  downtimeLimitMs: number;
  maxRounds: number;
}

export const DEFAULT_LIMITS: PrecopyLimits = { downtimeGoalMs: 10, downtimeLimitMs: 1000, maxRounds: 30 };

/** What the switch-over costs beside the pages. */
export interface SwitchOver {
  /** Size of the saved CPU and devices. */
  stateBytes: number;
  /** One way. */
  latencyMs: number;
  /** Mbit/s that the link should carry, 0 if that is not known: used until something large was sent. */
  bandwidthMbits: number;
}

/** Pause, saved state, restore and commit, apart from what is sent: ms. */
const HANDOVER_MS = 5;
/** The last pages, the state and ACTIVATE are on their way one after another. */
const WAYS = 3;
/** A round that leaves more than this share of what the one before left does not converge. */
const SHRINKING = 0.9;
const PATIENCE_ROUNDS = 3;
/** Shorter rounds say more about latency than about the rate. */
const MEASURABLE_BYTES = 256 << 10;
/** The link's rate is estimated from so many of the last rounds. */
const RECENT_ROUNDS = 3;

/** Bytes per ms over the last rounds large enough to measure; 0 if there is none yet. */
export function measuredRate(rounds: readonly MigrationRound[]): number {
  const telling = rounds.filter((round) => round.bytes >= MEASURABLE_BYTES).slice(-RECENT_ROUNDS);
  const ms = telling.reduce((sum, round) => sum + round.ms, 0);
  const bytes = telling.reduce((sum, round) => sum + round.bytes, 0);
  return ms > 0 ? bytes / ms : 0;
}

/** ms that the `dirty` pages left cost, and what cannot be avoided. */
function pagesMs(rounds: readonly MigrationRound[], dirty: number): number {
  const rate = measuredRate(rounds);
  return HANDOVER_MS + (rate > 0 ? (dirty * PAGE_SIZE) / rate : 0);
}

/** ms the guest would stand still if it were stopped now with `dirty` pages left. */
export function expectedDowntime(
  rounds: readonly MigrationRound[],
  dirty: number,
  { stateBytes, latencyMs, bandwidthMbits }: SwitchOver,
): number {
  const rate = measuredRate(rounds) || bandwidthMbits * 125;
  return HANDOVER_MS + WAYS * latencyMs + (rate > 0 ? (dirty * PAGE_SIZE + stateBytes) / rate : 0);
}

export type Verdict =
  | 'go on'
  | 'stop'
  /** Further rounds would not help, and the guest would stand still for longer than it may. */
  | 'over the limit';

/** What now? `rounds` are those finished, at least one; `downtimeMs`: expected if the guest were stopped now. */
export function decide(rounds: readonly MigrationRound[], downtimeMs: number, limits: PrecopyLimits): Verdict {
  const { dirty } = rounds[rounds.length - 1];
  const done = pagesMs(rounds, dirty) <= limits.downtimeGoalMs || isFutile(rounds, limits.maxRounds);
  if (!done) return 'go on';
  return downtimeMs <= limits.downtimeLimitMs ? 'stop' : 'over the limit';
}

function isFutile(rounds: readonly MigrationRound[], maxRounds: number): boolean {
  if (rounds.length >= maxRounds) return true;
  const recent = rounds.slice(-PATIENCE_ROUNDS - 1);
  return (
    recent.length > PATIENCE_ROUNDS &&
    recent.every((round, i) => i === 0 || round.dirty > recent[i - 1].dirty * SHRINKING)
  );
}
