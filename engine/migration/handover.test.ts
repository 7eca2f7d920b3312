// Every way a host can fail at every message of a migration: the VM never runs in two places, and these tests say where it
// must run in the end.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PAGE_SIZE } from '../base/sizes.ts';
import type { MigrationStage } from './statistics.ts';
import { type ClusterOptions, TestCluster } from './testing/cluster.ts';

// Hundreds of migrations in virtual time: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Every other has contents: two batches. */
const PAGES = 160;
/** A VM that is off has none. */
let pages = PAGES;

interface Posted {
  kind: string;
  body: { payload?: { type: string }; outcome?: string };
}

interface Run {
  cluster: TestCluster;
  /** How the migration ended for the source; undefined if it was dead. */
  ended: 'moved' | 'stayed' | undefined;
  /** What was posted, in order. */
  posted: string[];
}

type Fault = (cluster: TestCluster, position: number, message: Posted, from: string) => 'drop' | undefined;

/** Runs a migration, with `fault` at every message on its way, until nothing can happen any more. */
async function run(witnessed: ClusterOptions['witnessed'], fault: Fault): Promise<Run> {
  const cluster = await TestCluster.start({ pages, witnessed });
  for (let page = 0; page < pages; page += 2) cluster.vm.memory.fill(page, page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
  const result: Run = { cluster, ended: undefined, posted: [] };
  cluster.wire.onPost = (from, message) => {
    const posted = message as Posted;
    result.posted.push(posted.body.payload?.type ?? posted.body.outcome ?? posted.kind);
    return fault(cluster, result.posted.length - 1, posted, from);
  };
  cluster
    .migration()
    .run()
    .then(
      () => {
        result.ended = 'moved';
      },
      () => {
        result.ended = 'stayed';
      },
    );
  await cluster.wire.time.pass(60_000);
  expect(cluster.where.violations, `after ${result.posted.join(' ')}`).toEqual([]);
  return result;
}

function checkEnd({ cluster, ended }: Run): void {
  const { places } = cluster.where;
  const incoming = cluster.b.target.incoming;
  if (cluster.wire.isAlive('a')) {
    expect(ended).toBeDefined();
    expect(places).toContain(cluster.vm.released ? 'b' : 'a');
    expect(cluster.vm.paused).toBe(cluster.vm.released);
  }
  expect(places).toHaveLength(1);
  if (incoming && cluster.wire.isAlive('b')) {
    expect(incoming.end).toBe(places[0] === 'b' ? 'activated' : 'discarded');
  }
}

/** Repeats a faulty run with the fault at message 0, 1, 2, … until the migration has ended before it. */
async function atEveryMessage(
  witnessed: ClusterOptions['witnessed'],
  fault: Fault,
  check: (run: Run) => void,
): Promise<Run[]> {
  const runs: Run[] = [];
  for (let k = 0; ; k++) {
    let migrating = true;
    const done = await run(witnessed, (cluster, position, message, from) => {
      if (position === k) {
        migrating = !cluster.vm.released;
        return fault(cluster, position, message, from);
      }
      return undefined;
    });
    try {
      check(done);
    } catch (error) {
      throw new Error(`With the fault at message ${k}: ${done.posted.slice(0, k + 1).join(' ')}`, { cause: error });
    }
    runs.push(done);
    if (!migrating) return runs;
  }
}

describe.each([
  { locks: true, knowledge: 'deaths are certain', size: PAGES },
  { locks: false, knowledge: 'deaths are inferred from silence', size: PAGES },
  { locks: 'apart', knowledge: 'each host has locks that the other does not see', size: PAGES },
  { locks: true, knowledge: 'deaths are certain and the VM is off', size: 0 },
  { locks: false, knowledge: 'deaths are inferred from silence and the VM is off', size: 0 },
] as const)('when $knowledge', ({ locks, size }) => {
  /** Can one host know that the other is dead? */
  const witnessed = locks === true;

  beforeEach(() => {
    pages = size;
  });
  afterEach(() => {
    pages = PAGES;
  });

  it('target killed after any message: the VM runs at the source unless it had moved', async () => {
    const runs = await atEveryMessage(
      locks,
      (cluster) => void cluster.wire.kill('b'),
      ({ cluster, ended, posted }) => {
        expect(ended).toBeDefined();
        expect(cluster.where.places).toEqual(cluster.vm.released ? [] : ['a']);
        // Lost only with the target that ran it, or had taken it and may have run it.
        if (cluster.vm.released) expect(posted).toContain(witnessed ? 'running' : 'taken');
      },
    );
    expect(runs.length).toBeGreaterThan(size === 0 ? 8 : 15);
    expect(runs.some(({ cluster }) => cluster.vm.released)).toBe(true);
  });

  it('source killed after any message: the VM runs at the target or died with the source', async () => {
    const runs = await atEveryMessage(
      locks,
      (cluster) => void cluster.wire.kill('a'),
      ({ cluster, posted }) => {
        const { places } = cluster.where;
        const incoming = cluster.b.target.incoming;
        if (incoming) expect(incoming.end).toBe(places.length === 1 ? 'activated' : 'discarded');
        // Whatever a target needs to run the VM it had: then it must not be lost with the source.
        if (witnessed && posted.includes('prepared')) expect(places).toEqual(['b']);
        if (posted.includes('activate')) expect(places).toEqual(['b']);
      },
    );
    expect(runs.length).toBeGreaterThan(size === 0 ? 8 : 15);
  });

  it.each(['a', 'b'])('host %s frozen at any message for any time: the VM runs at exactly one place', async (host) => {
    for (const ms of [20, 1_700, 12_000]) {
      await atEveryMessage(
        locks,
        (cluster) => {
          cluster.wire.freeze(host);
          cluster.wire.time.after(ms, () => cluster.wire.thaw(host));
          return undefined;
        },
        (done) => {
          const frozenTaker = host === 'b' && !witnessed && done.posted.includes('taken');
          if (!frozenTaker || done.ended === 'moved') checkEnd(done);
          // Handed over to a host that fell silent: it is released here, and runs there since the thaw.
          else expect(done.cluster.where.places).toEqual(['b']);
        },
      );
    }
  });

  it('source frozen for good at any message: the target takes the VM or gives its memory back', async () => {
    await atEveryMessage(
      locks,
      (cluster) => void cluster.wire.freeze('a'),
      ({ cluster, posted }) => {
        const incoming = cluster.b.target.incoming;
        // Nothing was reserved yet, or it has been decided: the target does not wait for the source.
        if (incoming) expect(incoming.end).toBe(posted.includes('activate') ? 'activated' : 'discarded');
        expect(cluster.where.places).toHaveLength(incoming?.end === 'activated' ? 1 : cluster.vm.paused ? 0 : 1);
      },
    );
  });

  it('target frozen for good at any message: the guest runs on, unless the word to go was out', async () => {
    await atEveryMessage(
      locks,
      (cluster) => void cluster.wire.freeze('b'),
      ({ cluster, ended, posted }) => {
        const { places } = cluster.where;
        if (!posted.includes('activate')) {
          expect(ended).toBe('stayed');
          expect(places).toEqual(['a']);
        } else expect(places.length + (cluster.vm.paused ? 1 : 0)).toBeGreaterThan(0);
      },
    );
  });

  it('any message lost: the VM runs at exactly one place', async () => {
    await atEveryMessage(locks, () => 'drop', checkEnd);
  });
});

describe('a target that is killed in a stage', () => {
  it.each(['preflight', 'reservation', 'precopy', 'stop-and-copy', 'commit'] as MigrationStage[])(
    '%s: the VM runs on at the source, and the person is told',
    async (stage) => {
      const cluster = await TestCluster.start({ pages: PAGES, witnessed: true });
      const migration = cluster.migration((s) => s.stage === stage && cluster.wire.kill('b'));
      const error = await cluster.wire.time.wait(migration.run()).catch((e: Error) => e);
      expect(cluster.where.places).toEqual(['a']);
      expect((error as Error).message).toMatch(/stays on a: b is gone|stays on a: b does not answer/);
      expect(migration.statistics).toMatchObject({ stage: 'failed', error: (error as Error).message });
    },
  );

  it('activate: the source takes the VM back while the target has not said that it runs', async () => {
    const { cluster, ended } = await run(true, (c, _position, { body }) =>
      body.outcome === 'taken' ? void c.wire.kill('b') : undefined,
    );
    expect(ended).toBe('stayed');
    expect(cluster.where.places).toEqual(['a']);
  });
});

describe('a handover in doubt', () => {
  it('a lost ACTIVATE is found out by asking, within two seconds', async () => {
    const cluster = await TestCluster.start({ pages: PAGES, witnessed: true });
    cluster.wire.onPost = (_from, message) =>
      (message as Posted).body.payload?.type === 'activate' ? 'drop' : undefined;
    const started = cluster.wire.time.now();
    await cluster.wire.time.wait(
      cluster
        .migration()
        .run()
        .catch(() => {}),
    );
    expect(cluster.wire.time.now() - started).toBeLessThan(2000);
    expect(cluster.where.places).toEqual(['a']);
  });

  it.each([false, 'apart'] as const)(
    'a prepared target does not take the VM from a source that is merely silent (locks: %s)',
    async (witnessed) => {
      const cluster = await TestCluster.start({ pages: PAGES, witnessed });
      const migration = cluster.migration();
      cluster.wire.onPost = (_from, message) => {
        if ((message as Posted).body.payload?.type === 'prepared') cluster.wire.freeze('a');
        return undefined;
      };
      const ended = migration.run().catch(() => {});
      await cluster.wire.time.pass(12_000);
      // The first thing that happens at the source when it thaws.
      migration.cancel();
      cluster.wire.thaw('a');
      await cluster.wire.time.wait(ended);
      await cluster.wire.time.pass(1000);
      expect(cluster.where.violations).toEqual([]);
      expect(cluster.where.places).toEqual(['a']);
    },
  );
});

describe('hosts with locks of their own', () => {
  it('a target that fell silent when it had taken the VM has it: nothing here proves the contrary', async () => {
    const { cluster, ended } = await run('apart', (c, _position, { body }) =>
      body.outcome === 'taken' ? void c.wire.kill('b') : undefined,
    );
    expect(ended).toBe('stayed');
    expect(cluster.vm.released).toBe(true);
    expect(cluster.where.places).toEqual([]);
  });
});

describe('foreign and malformed messages in the middle of a migration', () => {
  it('are counted and reported, and change nothing', async () => {
    let injected = false;
    const { cluster, ended } = await run(true, (c, _position, { body }) => {
      if (body.payload?.type === 'pages' && !injected) {
        injected = true;
        c.wire.inject('hello');
        c.wire.inject({ magic: 'tabvisor-subnet', version: 7, from: 'c', to: 'b', kind: 'x', body: {} });
        const envelope = { magic: 'tabvisor-subnet', version: 1, from: 'mallory', to: '*' };
        c.wire.inject({ ...envelope, kind: 'migration-outcome', body: { migration: 3 } });
        c.wire.inject({ ...envelope, kind: 'migration-resolve', body: { migration: 'a/vm-1' } });
      }
      return undefined;
    });
    expect(ended).toBe('moved');
    expect(cluster.where.places).toEqual(['b']);
    expect(cluster.b.problems.map((problem) => problem.title)).toEqual([
      'Foreign message on the subnet',
      'Another version of tabvisor is on the subnet',
      'Malformed "migration-outcome" message on the subnet',
    ]);
  });

  it('out of turn: the migration fails and the VM stays', async () => {
    const { cluster, ended } = await run(true, (_cluster, _position, { body }) => {
      if (body.payload?.type === 'pages') body.payload.type = 'activate';
      return undefined;
    });
    expect(ended).toBe('stayed');
    expect(cluster.where.places).toEqual(['a']);
  });

  it('unknown type: the migration fails and the VM stays', async () => {
    const { cluster, ended } = await run(true, (_cluster, _position, { body }) => {
      if (body.payload?.type === 'state') body.payload.type = 'status';
      return undefined;
    });
    expect(ended).toBe('stayed');
    expect(cluster.where.places).toEqual(['a']);
  });
});
