// What the console itself costs while it shows idle guests: the CPU time of its page's main thread, where nothing but the
// console runs (hosts and vCPUs have workers of their own).
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from '@playwright/test';
import { Datacenter } from '../../e2e/support/datacenter.ts';
import { openPage } from '../engines/chromium.ts';
import type { ProcessUsage } from '../measure/process-tree.ts';
import type { Results } from './results.ts';

const COUNTS = [1, 20];
const HOST = 'bench';
const MEMORY_MIB = 64;
const BOOT_LIMIT_MS = 540_000;
const POLL_MS = 2000;
/** Cores that all guests together use when they have booted. */
const QUIET_CORES = 0.6;
const MEASURE_MS = 20_000;

/** One round. `origin`: address of the console's production build. */
export async function runConsole(origin: string, results: Results): Promise<void> {
  const { page, usage, close } = await openPage(`${origin}/`);
  try {
    const datacenter = new Datacenter(page);
    // Its own hosts come first.
    await datacenter.blade('host-b').waitFor();
    await datacenter.addHost(HOST, '2.0 GiB');
    let created = 0;
    for (const count of COUNTS) {
      for (; created < count; created++)
        await datacenter.createVm({ host: HOST, name: `vm-${created}`, memoryMiB: MEMORY_MIB });
      await allQuiet(page);
      const [mainThread, all] = await Promise.all([mainThreadShare(page), treeShare(usage)]);
      results.add('console', `main thread, ${guests(count)}`, '% of a core', 'console', mainThread);
      results.add('console', `all processes, ${guests(count)}`, '% of a core', 'console', all);
    }
  } finally {
    await close();
  }
}

/** Waits until three readings of the strip in a row say that no guest is at work any more. */
async function allQuiet(page: Page): Promise<void> {
  const figure = page
    .getByRole('region', { name: 'Consolidation' })
    .locator('dl', { hasText: 'CPU' })
    .locator('strong');
  const end = performance.now() + BOOT_LIMIT_MS;
  for (let quiet = 0; quiet < 3; ) {
    if (performance.now() > end) throw new Error(`The guests are still at work after ${BOOT_LIMIT_MS / 1000} s.`);
    await delay(POLL_MS);
    quiet = Number(await figure.textContent()) < QUIET_CORES ? quiet + 1 : 0;
  }
}

const guests = (count: number) => (count === 1 ? '1 guest' : `${count} guests`);

/** Percent of a core; guests and browser included. */
async function treeShare(usage: () => ProcessUsage): Promise<number> {
  const before = usage();
  const start = performance.now();
  await delay(MEASURE_MS);
  return (100 * (usage().cpuMs - before.cpuMs)) / (performance.now() - start);
}

/** Percent of a core. */
async function mainThreadShare(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busySeconds = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
  };
  const before = await busySeconds();
  const start = performance.now();
  await delay(MEASURE_MS);
  const share = (1e5 * ((await busySeconds()) - before)) / (performance.now() - start);
  await session.detach();
  return share;
}
