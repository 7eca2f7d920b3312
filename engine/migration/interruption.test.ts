// Whatever a migration waits for before the commit, it stops waiting the moment the guest ends by itself or a person cancels.

import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../base/sizes.ts';
import { MigrationCancelled, MigrationError } from './interruption.ts';
import type { OutgoingMigration } from './source.ts';
import type { MigrationStatistics } from './statistics.ts';
import { TestCluster } from './testing/cluster.ts';

const PAGES = 4096;
/** Between the interruption and the end: messages on the wire, and what the source does to leave things in order. */
const AT_ONCE_MS = 1;

interface Posted {
  kind: string;
  body: { payload?: { type: string } };
}

/** Loses all of the target's messages of a kind. */
function lose(cluster: TestCluster, lost: (message: Posted) => boolean): void {
  cluster.wire.onPost = (from, message) => (from === 'b' && lost(message as Posted) ? 'drop' : undefined);
}

const isAcknowledgement = ({ kind }: Posted) => kind === 'stream-acknowledge';

interface Wait {
  wait: string;
  bandwidthMbits: number;
  /** Makes it last. */
  hang: (cluster: TestCluster) => void;
  /** Is it in that wait now? */
  reached: (now: MigrationStatistics) => boolean;
}

const WAITS: Wait[] = [
  {
    bandwidthMbits: 100,
    wait: 'an answer from the target',
    hang: (cluster) => lose(cluster, ({ kind }) => kind === 'stream-accept'),
    reached: ({ stage }) => stage === 'preflight',
  },
  {
    bandwidthMbits: 100,
    wait: 'the reservation',
    hang: (cluster) => {
      cluster.b.target.deaf = true;
    },
    reached: ({ stage }) => stage === 'reservation',
  },
  {
    bandwidthMbits: 100,
    wait: 'the first shootdown',
    hang: (cluster) => {
      cluster.vm.deaf = true;
    },
    reached: ({ stage }) => stage === 'precopy',
  },
  {
    // The memory takes 13 s, one batch most of a second.
    bandwidthMbits: 10,
    wait: 'the link, in a round',
    hang: () => {},
    reached: ({ stage, round, bytes }) => stage === 'precopy' && round === 1 && bytes > 1 << 20,
  },
  {
    bandwidthMbits: 100,
    wait: 'room in the stream’s window',
    hang: (cluster) => lose(cluster, isAcknowledgement),
    reached: ({ stage, bytes }) => stage === 'precopy' && bytes > 7 << 20,
  },
  {
    bandwidthMbits: 100,
    wait: 'the target’s state',
    hang: (cluster) => lose(cluster, ({ body }) => body.payload?.type === 'prepared'),
    reached: ({ stage }) => stage === 'stop-and-copy',
  },
];

async function interrupted(
  { bandwidthMbits, hang, reached }: Wait,
  interrupt: (migration: OutgoingMigration, cluster: TestCluster) => void,
) {
  const cluster = await TestCluster.start({ pages: PAGES, link: { bandwidthMbits, latencyMs: 0 } });
  const { time } = cluster.wire;
  for (let page = 0; page < PAGES; page++) cluster.vm.memory.fill(page | 1, page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
  hang(cluster);
  const reports: MigrationStatistics[] = [];
  const migration = cluster.migration((report) => reports.push(report));
  const ended = migration.run().catch((error: Error) => error);
  await time.until(() => reports.some(reached));
  // Into the wait.
  await time.pass(200);
  const at = time.now();
  interrupt(migration, cluster);
  const error = await time.wait(ended);
  return { cluster, error, ms: time.now() - at, statistics: reports[reports.length - 1] };
}

describe.each(WAITS)('while it waits for $wait', (wait) => {
  it('the guest’s end ends it at once, with the reason', async () => {
    const { cluster, error, ms, statistics } = await interrupted(wait, (_migration, { vm }) =>
      vm.end('web has reset itself.'),
    );
    expect(error).toBeInstanceOf(MigrationError);
    expect((error as Error).message).toBe('web stays on a: web has reset itself.');
    expect(statistics).toMatchObject({ stage: 'failed', error: 'web stays on a: web has reset itself.' });
    expect(ms).toBeLessThanOrEqual(AT_ONCE_MS);
    await cluster.wire.time.pass(20_000);
    expect(cluster.where.places).toEqual([]);
    expect(cluster.vm).toMatchObject({ paused: false, logging: false, released: false });
    expect(cluster.b.target.incoming?.end ?? 'discarded').toBe('discarded');
  });

  it('a person’s word ends it at once', async () => {
    const { cluster, error, ms } = await interrupted(wait, (migration) => migration.cancel());
    expect(error).toBeInstanceOf(MigrationCancelled);
    expect(ms).toBeLessThanOrEqual(AT_ONCE_MS);
    await cluster.wire.time.pass(20_000);
    expect(cluster.where.places).toEqual(['a']);
    expect(cluster.vm).toMatchObject({ paused: false, logging: false, released: false });
  });
});

it('a guest that ends in the very moment of its stop is not moved', async () => {
  const cluster = await TestCluster.start({ pages: 32 });
  const migration = cluster.migration((report) => {
    if (report.stage === 'stop-and-copy') cluster.vm.end('web has crashed.');
  });
  const error = await cluster.wire.time.wait(migration.run().catch((e: Error) => e));
  expect((error as Error).message).toContain('web has crashed.');
  await cluster.wire.time.pass(5000);
  expect(cluster.where.places).toEqual([]);
  expect(cluster.b.target.incoming?.end).toBe('discarded');
});
