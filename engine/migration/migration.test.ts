import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { PAGE_SIZE } from '../base/sizes.ts';
import { LINK_LIMITS } from '../subnet/presence/host-settings.ts';
import { MigrationCancelled, MigrationError } from './interruption.ts';
import { PageBatchWriter } from './page-batch.ts';
import type { MigrationStatistics } from './statistics.ts';
import { TestCluster } from './testing/cluster.ts';

// Hundreds of migrations in virtual time: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const PAGES_PER_MIB = 256;

function fill(cluster: TestCluster, pages: Iterable<number>): void {
  for (const page of pages) cluster.vm.memory.fill(1 + (page % 255), page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
}

/** Pages that are not the same at the target. */
function differentPages(cluster: TestCluster): number[] {
  const page = (memory: Uint8Array, n: number) => Buffer.from(memory.buffer, n * PAGE_SIZE, PAGE_SIZE);
  const { memory } = cluster.b.target.incoming!;
  return range(0, cluster.vm.pages).filter((n) => !page(memory, n).equals(page(cluster.vm.memory, n)));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

describe('live migration', () => {
  it('moves a VM: same memory, same saved state, runs only at the target', async () => {
    const cluster = await TestCluster.start({ pages: PAGES_PER_MIB });
    fill(cluster, [0, 1, 100, 255]);
    const stages: string[] = [];
    const result = await cluster.wire.time.wait(cluster.migration((s) => stages.push(s.stage)).run());
    const incoming = cluster.b.target.incoming!;
    expect(cluster.where.places).toEqual(['b']);
    expect(cluster.vm.released).toBe(true);
    expect(differentPages(cluster)).toEqual([]);
    expect(incoming.saved).toEqual(cluster.vm.saved);
    expect([...new Set(stages)]).toEqual([
      'preflight',
      'reservation',
      'precopy',
      'stop-and-copy',
      'commit',
      'activate',
      'completed',
    ]);
    expect(result).toMatchObject({
      stage: 'completed',
      normalPages: 4,
      zeroPages: 252,
      resentPages: 0,
      totalPages: 256,
    });
    expect(result.downtimeMs).toBeGreaterThan(0);
    expect(result.downtimeMs).toBeLessThan(20);
  });

  it.each([400, 700, LINK_LIMITS.latencyMs.most])('moves a VM over a link of %i ms', async (latencyMs) => {
    const cluster = await TestCluster.start({ pages: PAGES_PER_MIB, link: { bandwidthMbits: 1000, latencyMs } });
    fill(cluster, [0, 1, 100, 255]);
    const limits = { downtimeLimitMs: 10_000 };
    const result = await cluster.wire.time.wait(cluster.migration(undefined, limits).run());
    expect(result).toMatchObject({ stage: 'completed', normalPages: 4 });
    expect(result.downtimeMs).toBeGreaterThan(3 * latencyMs);
    expect(cluster.where.places).toEqual(['b']);
  });

  it('sends zero pages as bits', async () => {
    const cluster = await TestCluster.start({ pages: 16 * PAGES_PER_MIB });
    const result = await cluster.wire.time.wait(cluster.migration().run());
    expect(result.zeroPages).toBe(16 * PAGES_PER_MIB);
    expect(result.bytes).toBeLessThan(16 * PAGES_PER_MIB);
  });

  it('is paced by the link', async () => {
    const cluster = await TestCluster.start({ pages: 8 * PAGES_PER_MIB, link: { bandwidthMbits: 100, latencyMs: 0 } });
    fill(cluster, range(0, cluster.vm.pages));
    const result = await cluster.wire.time.wait(cluster.migration().run());
    const ideal = (8 * 2 ** 20 * 8) / 100_000;
    expect(result.totalMs).toBeGreaterThan(ideal);
    expect(result.totalMs).toBeLessThan(ideal * 1.05);
    expect(result.throughputMbits).toBeGreaterThan(95);
  });

  it('sends again what the guest dirties, in rounds that shrink', async () => {
    const cluster = await TestCluster.start({ pages: 32 * PAGES_PER_MIB });
    fill(cluster, range(0, cluster.vm.pages));
    let writes = 0;
    // 64 pages on a slow walk: 5 dirty pages a ms against 30 that the link can carry.
    cluster.guestWrites(0.2, () => cluster.vm.write(((writes++ * 7) % 4096) * PAGE_SIZE, writes % 251));
    const limits = { downtimeGoalMs: 8, maxRounds: 30 };
    const result = await cluster.wire.time.wait(cluster.migration(undefined, limits).run());
    expect(differentPages(cluster)).toEqual([]);
    const dirty = result.rounds.map((round) => round.dirty);
    expect(dirty.length).toBeGreaterThan(2);
    expect(dirty.slice(1).every((pages, i) => pages < dirty[i])).toBe(true);
    expect(result.resentPages).toBe(result.rounds.slice(1).reduce((sum, round) => sum + round.pages, 0));
    expect(result.downtimeMs).toBeLessThan(10);
  });

  it('stops a guest that dirties memory faster than the link carries it', async () => {
    const cluster = await TestCluster.start({ pages: 4 * PAGES_PER_MIB, link: { bandwidthMbits: 50, latencyMs: 0 } });
    fill(cluster, range(0, cluster.vm.pages));
    let writes = 0;
    cluster.guestWrites(0.05, () => cluster.vm.write((writes++ % cluster.vm.pages) * PAGE_SIZE, writes % 251));
    const result = await cluster.wire.time.wait(cluster.migration().run());
    expect(result.stage).toBe('completed');
    expect(result.rounds.length).toBeLessThan(8);
    expect(differentPages(cluster)).toEqual([]);
  });

  it('moves exactly what a random guest wrote, whenever it wrote it', async () => {
    const pages = 64;
    const write = fc.record({ page: fc.nat(pages - 1), offset: fc.nat(PAGE_SIZE - 1), value: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(write, { maxLength: 300 }),
        fc.constantFrom(0.05, 0.2, 1),
        fc.constantFrom(0, 5, 100, 1000),
        async (writes, intervalMs, bandwidthMbits) => {
          const cluster = await TestCluster.start({ pages, link: { bandwidthMbits, latencyMs: 0 } });
          const queue = [...writes];
          cluster.guestWrites(intervalMs, () => {
            const next = queue.shift();
            if (next) cluster.vm.write(next.page * PAGE_SIZE + next.offset, next.value);
          });
          await cluster.wire.time.wait(cluster.migration().run());
          expect(differentPages(cluster)).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('reports progress about ten times a second', async () => {
    const cluster = await TestCluster.start({ pages: 16 * PAGES_PER_MIB, link: { bandwidthMbits: 100, latencyMs: 0 } });
    fill(cluster, range(0, cluster.vm.pages));
    const reports: MigrationStatistics[] = [];
    await cluster.wire.time.wait(cluster.migration((s) => reports.push(s)).run());
    const inRound = reports.filter((s) => s.stage === 'precopy' && s.remainingPages > 0 && s.bytes > 2000);
    expect(inRound.length).toBeGreaterThan(7);
    expect(inRound.length).toBeLessThan(16);
    for (const report of inRound) expect(report.throughputMbits).toBeGreaterThan(80);
  });
});

describe('a migration that does not happen', () => {
  async function refused(
    prepare: (cluster: TestCluster) => void,
  ): Promise<{ cluster: TestCluster; error: MigrationError }> {
    const cluster = await TestCluster.start({ pages: 32 });
    prepare(cluster);
    const error = await cluster.wire.time.wait(cluster.migration().run()).catch((e) => e);
    expect(error).toBeInstanceOf(MigrationError);
    await cluster.wire.time.pass(1000);
    expect(cluster.where.places).toEqual(['a']);
    expect(cluster.vm).toMatchObject({ paused: false, logging: false, released: false });
    expect(cluster.b.target.incoming?.end ?? 'discarded').toBe('discarded');
    return { cluster, error };
  }

  it('says why the target has no room', async () => {
    const { error } = await refused((cluster) => {
      cluster.b.target.refusal = 'b has 40 MB free, the VM needs 64 MB.';
    });
    expect(error.message).toContain('40 MB free');
  });

  it('says why the target could not restore the state', async () => {
    const { error } = await refused((cluster) => {
      cluster.b.target.failPrepare = 'The UART’s state has version 9.';
    });
    expect(error.message).toContain('version 9');
  });

  it('takes the VM back when the vCPU cannot be started', async () => {
    const { error } = await refused((cluster) => {
      cluster.b.target.failActivate = 'No worker could be started.';
    });
    expect(error.message).toContain('No worker');
  });

  it('names a host that is not there', async () => {
    const { error } = await refused((cluster) => {
      cluster.b.context.presence.stop();
      cluster.hosts.get('a')!.context.presence.stop();
    });
    expect(error.message).toContain('no host b');
  });

  it('survives a saved state that cannot be sent', async () => {
    const { error } = await refused((cluster) => {
      cluster.vm.saved = { callback: () => {} };
    });
    expect(error.message).toContain('could not be sent');
  });

  it('refuses damaged pages', async () => {
    const { error } = await refused((cluster) => {
      cluster.wire.onPost = (_from, message) => {
        const { payload } = (message as { body: { payload?: { batch?: Uint8Array } } }).body;
        if (payload?.batch) payload.batch[payload.batch.length - 1] ^= 1;
        return undefined;
      };
    });
    expect(error.message).toContain('checksum');
  });

  it('refuses a VM whose pages have not all arrived', async () => {
    const { error } = await refused((cluster) => {
      cluster.wire.onPost = (_from, message) => {
        const { payload } = (message as { body: { payload?: { batch?: Uint8Array } } }).body;
        if (payload?.batch) {
          const writer = new PageBatchWriter(cluster.b.context.checksum);
          writer.addZero(3);
          payload.batch = writer.take(1);
        }
        return undefined;
      };
    });
    expect(error.message).toContain('31 of 32 pages never arrived');
  });

  it.each(['preflight', 'reservation', 'precopy', 'stop-and-copy'] as const)(
    'can be cancelled in %s',
    async (stage) => {
      const cluster = await TestCluster.start({ pages: 32 });
      const migration = cluster.migration((s) => s.stage === stage && queueMicrotask(() => migration.cancel()));
      const error = await cluster.wire.time.wait(migration.run()).catch((e) => e);
      expect(error).toBeInstanceOf(MigrationCancelled);
      expect(migration.statistics.stage).toBe('cancelled');
      await cluster.wire.time.pass(1000);
      expect(cluster.where.places).toEqual(['a']);
      expect(cluster.b.target.incoming?.end ?? 'discarded').toBe('discarded');
    },
  );

  it('cannot be cancelled once the VM is handed over', async () => {
    const cluster = await TestCluster.start({ pages: 32 });
    let accepted: boolean | undefined;
    const migration = cluster.migration((s) => {
      if (s.stage === 'activate') accepted = migration.cancel();
    });
    await cluster.wire.time.wait(migration.run());
    expect(accepted).toBe(false);
    expect(cluster.where.places).toEqual(['b']);
  });
});
