// From the start of an engine to the shell's prompt, and what the guest costs when it then does nothing.
import { setTimeout as delay } from 'node:timers/promises';
import { openPage } from '../engines/chromium.ts';
import type { Engine, RunningGuests } from '../engines/engine.ts';
import { PROMPT, plainImage } from '../images/images.ts';
import type { ProcessUsage } from '../measure/process-tree.ts';
import type { Column, Results } from './results.ts';

const BOOT_LIMIT_MS = 180_000;
/** After the prompt: what compiles and cleans up in the background comes to its end. */
const SETTLE_MS = 5000;
const IDLE_MS = 20_000;
const BYTES_PER_MIB = 1 << 20;

export interface Idle {
  /** Percent of a core. */
  cpu: number;
  memoryMiB: number;
}

export const NOTHING: Idle = { cpu: 0, memoryMiB: 0 };

/** One round. `idleBaseline`: what the engine's surroundings cost without a guest; undefined: idle is not measured. */
export async function bootAndIdle(engine: Engine, results: Results, idleBaseline: Idle | undefined): Promise<void> {
  const guest = await engine.start(plainImage());
  let figures = '';
  try {
    const { at } = await guest.waitFor(PROMPT, BOOT_LIMIT_MS);
    results.add('boot', 'to the prompt', 's', engine.name, at / 1000);
    if (idleBaseline) await recordIdle(guest, results, 'idle', engine.name, idleBaseline);
  } finally {
    figures = await guest.stop();
  }
  if (figures !== '') results.figures[engine.name] = figures;
}

/** Adds CPU and memory over the baseline to `suite`. */
export async function recordIdle(
  guests: Pick<RunningGuests, 'usage'>,
  results: Results,
  suite: string,
  column: Column,
  baseline: Idle,
): Promise<void> {
  const idle = await measureIdle(() => guests.usage());
  results.add(suite, 'CPU', '% of a core', column, idle.cpu - baseline.cpu);
  results.add(suite, 'memory', 'MiB', column, idle.memoryMiB - baseline.memoryMiB);
}

/** What a Chromium with an empty page costs. */
export async function measureBlankPage(origin: string): Promise<Idle> {
  const { usage, close } = await openPage(`${origin}/blank.html`);
  try {
    return await measureIdle(usage);
  } finally {
    await close();
  }
}

async function measureIdle(usage: () => ProcessUsage): Promise<Idle> {
  await delay(SETTLE_MS);
  const before = usage();
  const start = performance.now();
  await delay(IDLE_MS);
  const after = usage();
  return {
    cpu: (100 * (after.cpuMs - before.cpuMs)) / (performance.now() - start),
    memoryMiB: after.memoryBytes / BYTES_PER_MIB,
  };
}
