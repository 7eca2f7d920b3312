// A live migration of the simulated backend: the rounds of a pre-copy as the modelled link would pace them.
import { PAGE_SIZE } from '../../engine/base/sizes.ts';
import type { LinkSettings, MigrationStatistics } from '../../engine/host/api.ts';
import type { SimulatedVm } from './simulated-vm.ts';

const STEP_MS = 100;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * @param publish called a few times a second
 * @param isCancelled asked before every step
 * @returns the final statistics, completed or cancelled
 */
export async function simulateMigration(
  vm: SimulatedVm,
  targetHostId: string,
  link: LinkSettings,
  publish: (statistics: MigrationStatistics) => void,
  isCancelled: () => boolean,
): Promise<MigrationStatistics> {
  const totalPages = vm.spec.memoryMiB * 256;
  const startedAt = Date.now();
  const s: MigrationStatistics = {
    vmId: vm.spec.id,
    vmName: vm.spec.name,
    sourceHostId: vm.hostId,
    targetHostId,
    stage: 'preflight',
    startedAt,
    round: 0,
    totalMs: 0,
    expectedDowntimeMs: 12,
    downtimeGoalMs: 10,
    downtimeLimitMs: 1000,
    bytes: 0,
    zeroPages: 0,
    normalPages: 0,
    resentPages: 0,
    remainingPages: totalPages,
    totalPages,
    dirtyRate: 0,
    throughputMbits: 0,
    rounds: [],
  };
  const show = () => {
    s.totalMs = Date.now() - startedAt;
    publish(structuredClone(s));
  };
  show();
  await sleep(STEP_MS);
  s.stage = 'reservation';
  show();
  await sleep(STEP_MS);
  s.stage = 'precopy';
  const zeroShare = 0.6;
  const pagesPerStep = Math.max(
    64,
    Math.round((((link.bandwidthMbits || 4000) * 1e6) / 8 / PAGE_SIZE / 1000) * STEP_MS * 0.6),
  );
  let dirty = totalPages;
  for (let round = 1; round <= 4; round++) {
    s.round = round;
    s.remainingPages = dirty;
    const roundStart = Date.now();
    const before = s.bytes;
    while (s.remainingPages > 0) {
      if (isCancelled()) {
        s.stage = 'cancelled';
        show();
        return s;
      }
      const normal = Math.min(pagesPerStep, s.remainingPages);
      const zero =
        round === 1 ? Math.min(s.remainingPages - normal, Math.round((normal * zeroShare) / (1 - zeroShare))) : 0;
      s.normalPages += normal;
      s.zeroPages += zero;
      if (round > 1) s.resentPages += normal;
      s.remainingPages -= normal + zero;
      s.bytes += normal * PAGE_SIZE;
      s.throughputMbits = (normal * PAGE_SIZE * 8) / STEP_MS / 1000;
      show();
      await sleep(STEP_MS);
    }
    const ms = Date.now() - roundStart;
    const pages = round === 1 ? totalPages : dirty;
    dirty = Math.round(totalPages * 0.08 ** round);
    s.dirtyRate = Math.round((dirty * 1000) / ms);
    s.rounds.push({ pages, dirty, ms, bytes: s.bytes - before });
  }
  for (const stage of ['stop-and-copy', 'commit', 'activate'] as const) {
    s.stage = stage;
    show();
    await sleep(20);
  }
  s.stage = 'completed';
  s.remainingPages = 0;
  s.downtimeMs = 9.4;
  show();
  return s;
}
