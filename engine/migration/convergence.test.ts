import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../base/sizes.ts';
import { decide, expectedDowntime, type SwitchOver } from './convergence.ts';
import type { MigrationRound } from './statistics.ts';

/** Rounds at 100 pages a ms, that left so many dirty pages. */
function rounds(...dirty: number[]): MigrationRound[] {
  return dirty.map((pages, i) => {
    const sent = i === 0 ? 100_000 : dirty[i - 1];
    return { pages: sent, dirty: pages, ms: sent / 100, bytes: sent * PAGE_SIZE };
  });
}

const LIMITS = { downtimeGoalMs: 30, downtimeLimitMs: 200, maxRounds: 10 };
const NOTHING: SwitchOver = { stateBytes: 0, latencyMs: 0, bandwidthMbits: 0 };

function verdict(of: MigrationRound[], switchOver = NOTHING) {
  return decide(of, expectedDowntime(of, of[of.length - 1].dirty, switchOver), LIMITS);
}

describe('the end of pre-copy', () => {
  it('comes when what is left fits into the downtime goal at the measured rate', () => {
    expect(verdict(rounds(3000))).toBe('go on');
    expect(verdict(rounds(3000, 2400))).toBe('stop');
    expect(expectedDowntime(rounds(2400), 2400, NOTHING)).toBeCloseTo(29, 6);
  });

  it('comes after the greatest number of rounds', () => {
    const shrinking = Array.from({ length: 10 }, (_, i) => 100_000 * 0.8 ** i);
    expect(verdict(rounds(...shrinking.slice(0, 9)))).toBe('go on');
    expect(verdict(rounds(...shrinking))).toBe('stop');
  });

  it('comes when three rounds in a row hardly shrink', () => {
    expect(verdict(rounds(9000, 9000, 9000))).toBe('go on');
    expect(verdict(rounds(9000, 9000, 9000, 9000))).toBe('stop');
    expect(verdict(rounds(9000, 9000, 7000, 7000, 7000))).toBe('go on');
  });

  it('does not judge the rate by a round too short to tell', () => {
    const tiny = { pages: 1, dirty: 1, ms: 100, bytes: PAGE_SIZE };
    expect(expectedDowntime([...rounds(1000), tiny], 1000, NOTHING)).toBe(
      expectedDowntime(rounds(1000), 1000, NOTHING),
    );
  });

  it('is no stop when the guest would stand still for longer than it may', () => {
    expect(verdict(rounds(30_000, 30_000, 30_000))).toBe('go on');
    expect(verdict(rounds(30_000, 30_000, 30_000, 30_000))).toBe('over the limit');
    expect(verdict(rounds(19_000, 19_000, 19_000, 19_000))).toBe('stop');
    expect(verdict(rounds(19_000, 19_000, 19_000, 19_000), { ...NOTHING, stateBytes: 1000 * PAGE_SIZE })).toBe(
      'over the limit',
    );
    expect(verdict(rounds(0), { ...NOTHING, latencyMs: 400 })).toBe('over the limit');
  });

  it('judges the link by its last rounds, and by what it should carry before there were any', () => {
    const slower = rounds(1000, 1000, 1000, 1000, 1000, 1000).map((round, i) => ({ ...round, ms: i < 3 ? 10 : 100 }));
    expect(expectedDowntime(slower, 1000, NOTHING)).toBeCloseTo(105, 6);
    const tiny = { pages: 1, dirty: 1000, ms: 100, bytes: PAGE_SIZE };
    expect(expectedDowntime([tiny], 1000, { ...NOTHING, bandwidthMbits: 100 })).toBeCloseTo(332.68, 6);
  });
});
