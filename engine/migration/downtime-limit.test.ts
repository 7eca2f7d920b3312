// The limit of the standstill: it is checked before the guest is stopped, asked about, and kept while the guest is stopped.

import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../base/sizes.ts';
import { MigrationError } from './interruption.ts';
import type { MigrationStatistics } from './statistics.ts';
import { TestCluster } from './testing/cluster.ts';

const PAGES = 4096;

/** A guest of 16 MiB that writes a page every `ms`, over a link that carries one in 0.33 ms. */
async function writer(ms: number) {
  const cluster = await TestCluster.start({ pages: PAGES, link: { bandwidthMbits: 100, latencyMs: 0 } });
  for (let page = 0; page < PAGES; page++) cluster.vm.memory.fill(page | 1, page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
  const state = { writes: 0, ms };
  const write = () => {
    cluster.wire.time.after(state.ms, () => {
      if (cluster.vm.released) return;
      if (!cluster.vm.paused) cluster.vm.write((state.writes++ % PAGES) * PAGE_SIZE, state.writes % 251);
      write();
    });
  };
  write();
  const reports: MigrationStatistics[] = [];
  const start = (ask: boolean, downtimeLimitMs?: number) => {
    const limits = downtimeLimitMs === undefined ? {} : { downtimeLimitMs };
    const migration = cluster.migration((report) => reports.push(report), limits, ask);
    return { migration, ended: migration.run().catch((error: Error) => error) };
  };
  const last = () => reports[reports.length - 1];
  return { cluster, time: cluster.wire.time, state, reports, last, start };
}

describe('a guest that writes faster than the link carries', () => {
  it('stays, with the figures, without having been stopped', async () => {
    const { cluster, time, start, last, reports } = await writer(0.2);
    const error = await time.wait(start(false).ended);
    expect(error).toBeInstanceOf(MigrationError);
    expect((error as Error).message).toMatch(
      /^web stays on a: web writes 20 MiB\/s, the link carries 12 MiB\/s: the standstill would be about 1\.\d s; the limit is 1 s\.$/,
    );
    expect(reports.some(({ stage }) => stage === 'stop-and-copy')).toBe(false);
    expect(last()).toMatchObject({ stage: 'failed', downtimeGoalMs: 10, downtimeLimitMs: 1000 });
    expect(last().downtimeMs).toBeUndefined();
    expect(cluster.where.places).toEqual(['a']);
    expect(cluster.vm).toMatchObject({ paused: false, logging: false });
  });

  it('moves when the limit allows it', async () => {
    const { cluster, time, start, last } = await writer(0.2);
    await time.wait(start(false, 3000).ended);
    expect(last()).toMatchObject({ stage: 'completed', downtimeLimitMs: 3000 });
    expect(last().downtimeMs).toBeLessThan(3000);
    expect(cluster.where.places).toEqual(['b']);
  });

  it('is asked about while the rounds go on; without an answer it stays', async () => {
    const { cluster, time, start, last } = await writer(0.2);
    const { ended } = start(true);
    await time.until(() => last()?.question !== undefined);
    const { rounds, question } = last();
    expect(question?.limitMs).toBe(1000);
    expect(question?.reason).toContain('web writes 20 MiB/s');
    const asked = time.now();
    await time.pass(10_000);
    expect(last().question).toMatchObject({ answerBy: question?.answerBy });
    expect(last().rounds.length).toBeGreaterThan(rounds.length);
    const error = await time.wait(ended);
    expect(time.now() - asked).toBeCloseTo(30_000, -1);
    expect((error as Error).message).toMatch(/the limit is 1 s\. Nobody agreed to that\.$/);
    expect(last()).toMatchObject({ stage: 'failed', question: undefined });
    expect(cluster.where.places).toEqual(['a']);
  });

  it('moves when somebody agrees', async () => {
    const { cluster, time, start, last } = await writer(0.2);
    const { migration, ended } = start(true);
    await time.until(() => last()?.question !== undefined);
    migration.agree(last().question!.downtimeMs);
    await time.wait(ended);
    expect(last()).toMatchObject({ stage: 'completed', question: undefined });
    expect(last().downtimeMs).toBeGreaterThan(1000);
    expect(last().downtimeMs).toBeLessThan(last().downtimeLimitMs);
    expect(cluster.where.places).toEqual(['b']);
  });

  it('moves by itself when it calms down before anybody answers', async () => {
    const { cluster, time, state, start, last } = await writer(0.2);
    const { ended } = start(true);
    await time.until(() => last()?.question !== undefined);
    state.ms = 50;
    await time.wait(ended);
    expect(last()).toMatchObject({ stage: 'completed', question: undefined, downtimeLimitMs: 1000 });
    expect(last().downtimeMs).toBeLessThan(100);
    expect(cluster.where.places).toEqual(['b']);
  });

  it('can be cancelled while the question stands', async () => {
    const { cluster, time, start, last } = await writer(0.2);
    const { migration, ended } = start(true);
    await time.until(() => last()?.question !== undefined);
    migration.cancel();
    await time.wait(ended);
    expect(last()).toMatchObject({ stage: 'cancelled', question: undefined });
    expect(cluster.where.places).toEqual(['a']);
  });
});

/** The target freezes when the source posts a message of that type. */
function freezeTargetAt({ wire }: TestCluster, type: 'state' | 'activate'): void {
  wire.onPost = (_from, message) => {
    const { payload } = (message as { body: { payload?: { type: string } } }).body;
    if (payload?.type === type) wire.freeze('b');
    return undefined;
  };
}

describe('a switch-over that takes longer than expected', () => {
  it('is taken back when the limit is reached, and the guest runs on', async () => {
    const { cluster, time, start, last } = await writer(2);
    const { context } = cluster.hosts.get('a')!;
    const { ended } = start(false, 500);
    await time.until(() => cluster.vm.paused || last()?.stage === 'stop-and-copy');
    context.link.settings = { bandwidthMbits: 0.1, latencyMs: 0 };
    const error = await time.wait(ended);
    expect((error as Error).message).toMatch(
      /^web stays on a: The switch-over was not done within 500 ms, the limit of its standstill: \d+ ms were expected\.$/,
    );
    expect(last().downtimeMs).toBeGreaterThanOrEqual(500);
    expect(last().downtimeMs).toBeLessThan(502);
    expect(cluster.where.places).toEqual(['a']);
    await time.pass(60_000);
    expect(cluster.where.violations).toEqual([]);
    expect(cluster.b.target.incoming?.end).toBe('discarded');
  });

  it('is taken back when the target freezes in it, which then gives the VM up', async () => {
    const { cluster, time, start, last } = await writer(2);
    freezeTargetAt(cluster, 'state');
    const { ended } = start(false, 500);
    const error = await time.wait(ended);
    expect((error as Error).message).toMatch(/The switch-over was not done within 500 ms/);
    expect(last().downtimeMs).toBeLessThan(502);
    expect(cluster.where.places).toEqual(['a']);
    await time.pass(20_000);
    cluster.wire.thaw('b');
    await time.pass(30_000);
    expect(cluster.where.violations).toEqual([]);
    expect(cluster.where.places).toEqual(['a']);
    expect(cluster.b.target.incoming?.end).toBe('discarded');
  });

  it('is not taken back once the VM is handed over', async () => {
    const { cluster, time, start, last } = await writer(2);
    freezeTargetAt(cluster, 'activate');
    const { ended } = start(false, 500);
    time.after(20_000, () => cluster.wire.thaw('b'));
    await time.until(() => last()?.stage === 'commit');
    await time.pass(1000);
    expect(cluster.where.places).toEqual([]);
    await time.wait(ended);
    await time.pass(30_000);
    expect(cluster.where.violations).toEqual([]);
    expect(cluster.where.places).toHaveLength(1);
  });
});
