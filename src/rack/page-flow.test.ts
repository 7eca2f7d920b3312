import { describe, expect, it } from 'vitest';
import type { MigrationStatistics } from '../../engine/host/api.ts';
import { DOTS_PER_REPORT, FLIGHT_MS, PAGES_PER_DOT, PageFlow } from './page-flow.ts';

const report = (zeroPages: number, normalPages: number, round = 1) =>
  ({ zeroPages, normalPages, round }) as MigrationStatistics;

/** Kinds of all the dots that are in flight within a report's spread. */
function kinds(flow: PageFlow, from: number): string[] {
  return flow.inFlight(from + 600).map(({ dot }) => dot.kind);
}

describe('page flow', () => {
  it('sends one dot for each MiB that went over, and keeps the rest for later', () => {
    const flow = new PageFlow();
    flow.report(report(0, PAGES_PER_DOT * 2 + 200), 0);
    expect(kinds(flow, 0)).toEqual(['normal', 'normal']);
    flow.report(report(0, PAGES_PER_DOT * 2 + 256), 2000);
    expect(kinds(flow, 2000)).toEqual(['normal']);
  });

  it('tells zero, first-sent and re-sent pages apart', () => {
    const flow = new PageFlow();
    flow.report(report(PAGES_PER_DOT, PAGES_PER_DOT * 2), 0);
    flow.report(report(PAGES_PER_DOT, PAGES_PER_DOT * 3, 2), 10);
    expect(kinds(flow, 0).sort()).toEqual(['normal', 'normal', 'resent', 'zero']);
  });

  it('spreads a report over the time between reports', () => {
    const flow = new PageFlow();
    flow.report(report(0, 0), 0);
    flow.report(report(0, PAGES_PER_DOT * 4), 400);
    expect(flow.inFlight(400)).toHaveLength(1);
    expect(flow.inFlight(399 + 400)).toHaveLength(4);
    expect(flow.isQuiet()).toBe(false);
    expect(flow.inFlight(400 + 400 + FLIGHT_MS)).toHaveLength(0);
    expect(flow.isQuiet()).toBe(true);
  });

  it('draws a flood with a bounded number of dots of the same mixture', () => {
    const flow = new PageFlow();
    flow.report(report(PAGES_PER_DOT * 900, PAGES_PER_DOT * 300), 0);
    const drawn = kinds(flow, 0);
    expect(drawn).toHaveLength(DOTS_PER_REPORT);
    expect(drawn.filter((kind) => kind === 'zero')).toHaveLength((DOTS_PER_REPORT * 3) / 4);
  });
});
