import { describe, expect, it } from 'vitest';
import { expectedDowntime, precopyIsOver } from './convergence.ts';
import { PAGE_BYTES } from './ports.ts';
import type { MigrationRound } from './statistics.ts';

/** Rounds at 100 pages a ms, that left so many dirty pages. */
function rounds(...dirty: number[]): MigrationRound[] {
  return dirty.map((pages, i) => {
    const sent = i === 0 ? 100_000 : dirty[i - 1];
    return { pages: sent, dirty: pages, ms: sent / 100, bytes: sent * PAGE_BYTES };
  });
}

const LIMITS = { downtimeGoalMs: 30, maxRounds: 10 };

describe('the end of pre-copy', () => {
  it('comes when what is left fits into the downtime goal at the measured rate', () => {
    expect(precopyIsOver(rounds(3000), LIMITS)).toBe(false);
    expect(precopyIsOver(rounds(3000, 2400), LIMITS)).toBe(true);
    expect(expectedDowntime(rounds(2400), 2400)).toBeCloseTo(29, 6);
  });

  it('comes after the greatest number of rounds', () => {
    const shrinking = Array.from({ length: 10 }, (_, i) => 1_000_000 * 0.8 ** i);
    expect(precopyIsOver(rounds(...shrinking.slice(0, 9)), LIMITS)).toBe(false);
    expect(precopyIsOver(rounds(...shrinking), LIMITS)).toBe(true);
  });

  it('comes when three rounds in a row hardly shrink', () => {
    expect(precopyIsOver(rounds(9000, 9000, 9000), LIMITS)).toBe(false);
    expect(precopyIsOver(rounds(9000, 9000, 9000, 9000), LIMITS)).toBe(true);
    expect(precopyIsOver(rounds(9000, 9000, 7000, 7000, 7000), LIMITS)).toBe(false);
  });

  it('does not judge the rate by a round too short to tell', () => {
    const tiny = { pages: 1, dirty: 1, ms: 100, bytes: PAGE_BYTES };
    expect(expectedDowntime([...rounds(1000), tiny], 1000)).toBe(expectedDowntime(rounds(1000), 1000));
  });
});
