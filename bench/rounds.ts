// The rounds: in each, every engine has its turn at everything that was asked for, so that what slows the machine down for
// a while slows them all down. One that fails is left out of the rest of its turn, with a remark.
import { fileURLToPath } from 'node:url';
import { biosFiles } from '../guests/packages/seabios.ts';
import { ensureSite } from '../scripts/site.ts';
import { chromiumEngines } from './engines/chromium-engines.ts';
import type { Engine } from './engines/engine.ts';
import { qemu } from './engines/qemu.ts';
import { tabvisorNode } from './engines/tabvisor-node.ts';
import { v86Node } from './engines/v86-node.ts';
import { ANIMATION_MODES, type AnimationMode } from './images/animation.ts';
import { IMAGE_FOLDERS, workloadImage } from './images/images.ts';
import type { BenchOptions } from './options.ts';
import { buildPages } from './site/build-pages.ts';
import { type Site, serve } from './site/server.ts';
import { runAnimation } from './suites/animation.ts';
import { bootAndIdle, type Idle, measureBlankPage, NOTHING } from './suites/boot-and-idle.ts';
import { runConsole } from './suites/console-cost.ts';
import { DISK_MODELS, runDisk } from './suites/disk.ts';
import { bootByFirmware, FIRMWARE_BOOTS } from './suites/firmware-boot.ts';
import { runFleet } from './suites/fleet.ts';
import { runNetwork } from './suites/network.ts';
import { runQuietScreen } from './suites/quiet-screen.ts';
import type { Column, Results } from './suites/results.ts';
import { runInGuest, runNative } from './suites/workloads.ts';

const CONSOLE = fileURLToPath(new URL('../dist/', import.meta.url));

/** `report` gets a user-facing line per step. */
export async function runRounds(
  options: BenchOptions,
  results: Results,
  report: (line: string) => void,
): Promise<void> {
  const site = await serve({ '/': await buildPages(), '/bios/': biosFiles().folder, ...IMAGE_FOLDERS });
  try {
    const engines = availableEngines(options, site, results);
    for (let round = 1; round <= options.rounds; round++) {
      const turn: Turn = {
        options,
        site,
        results,
        async attempt(column, what, work) {
          report(`round ${round} of ${options.rounds}: ${column}, ${what}`);
          try {
            return await work();
          } catch (error) {
            results.remark(column, `${what}: ${(error as Error).message}`);
            return undefined;
          }
        },
      };
      await runRound(engines, turn);
    }
  } finally {
    site.close();
  }
}

interface Turn {
  options: BenchOptions;
  site: Site;
  results: Results;
  /** Undefined, with a remark, if it fails. */
  attempt<T>(column: Column, what: string, work: () => Promise<T>): Promise<T | undefined>;
}

async function runRound(engines: readonly Engine[], turn: Turn): Promise<void> {
  const { suites } = turn.options;
  const blank = suites.some((suite) => suite === 'idle' || suite === 'fleet') && engines.some(inChromium);
  const blankPage = blank ? await measureBlankPage(turn.site.origin) : NOTHING;
  if (suites.includes('boot') || suites.includes('idle')) {
    for (const engine of engines) {
      const baseline = inChromium(engine) ? blankPage : NOTHING;
      await turn.attempt(engine.name, 'boot', () =>
        bootAndIdle(engine, turn.results, suites.includes('idle') ? baseline : undefined),
      );
    }
  }
  if (suites.includes('workloads')) await runWorkloads(engines, turn);
  if (suites.includes('network')) {
    for (const engine of engines.filter(({ network }) => network)) {
      await turn.attempt(engine.name, 'network', () => runNetwork(engine, turn.results));
    }
  }
  await runPc(engines, turn);
  if (engines.some(({ name }) => name === 'tabvisor-chromium')) await runConsolidation(turn, blankPage);
}

async function runWorkloads(engines: readonly Engine[], { options, results, attempt }: Turn): Promise<void> {
  const native = await attempt('native', 'workloads', async () => {
    const image = workloadImage();
    return { image, checksums: runNative(image, options.workloads, results) };
  });
  if (!native) return;
  for (const engine of engines) {
    await attempt(engine.name, 'workloads', () =>
      runInGuest(engine, native.image, options.workloads, native.checksums, results),
    );
  }
}

/** Firmware, disks and screen. */
async function runPc(engines: readonly Engine[], { options: { suites }, results, attempt }: Turn): Promise<void> {
  if (suites.includes('firmware')) {
    for (const boot of FIRMWARE_BOOTS)
      for (const engine of engines) await attempt(engine.name, boot.name, () => bootByFirmware(engine, boot, results));
  }
  if (suites.includes('disk')) {
    for (const disk of DISK_MODELS)
      for (const engine of engines.filter(({ drives }) => drives.includes(disk.model)))
        await attempt(engine.name, `${disk.title} disk`, () => runDisk(engine, disk, results));
  }
  if (suites.includes('animation')) {
    for (const mode of Object.keys(ANIMATION_MODES) as AnimationMode[])
      for (const engine of engines)
        await attempt(engine.name, `animation, ${mode}`, () => runAnimation(engine, mode, results));
  }
  if (suites.includes('quiet-screen')) {
    for (const engine of engines.filter(({ name }) => name === 'tabvisor-chromium'))
      await attempt(engine.name, 'a quiet screen', () => runQuietScreen(engine, results));
  }
}

async function runConsolidation({ options, site, results, attempt }: Turn, blankPage: Idle): Promise<void> {
  if (options.suites.includes('fleet')) {
    await attempt('tabvisor-chromium', 'fleet', () => runFleet(site.origin, results, blankPage));
  }
  if (options.suites.includes('console')) {
    await attempt('console', 'its own cost', async () => {
      await ensureSite();
      const console = await serve({ '/': CONSOLE });
      await runConsole(console.origin, results).finally(() => console.close());
    });
  }
}

function inChromium({ name }: Engine): boolean {
  return name.endsWith('-chromium');
}

function availableEngines({ engines }: BenchOptions, site: Site, results: Results): Engine[] {
  const known = [tabvisorNode, v86Node, ...chromiumEngines(site.origin), qemu];
  return known.filter((engine) => {
    if (!engines.includes(engine.name)) return false;
    const missing = engine.missing();
    if (missing !== undefined) results.remark(engine.name, `left out: ${missing}`);
    return missing === undefined;
  });
}
