// A full-screen animation that the guest's processor draws: how many pictures it draws as fast as it can, and how many of these the page
// shows; and, at 30 pictures a second, what it costs to show them beside what it costs to draw them.
import { setTimeout as delay } from 'node:timers/promises';
import type { Engine, RunningGuests, ShownScreen } from '../engines/engine.ts';
import type { AnimationMode } from '../images/animation.ts';
import { animationGuest } from '../images/images.ts';
import { cpuMsBetween, measureThreads } from '../measure/thread-times.ts';
import type { Results, Unit } from './results.ts';

export const ANIMATION_SUITE = 'animation';
export const drawnRow = (mode: AnimationMode) => `${mode}: drawn`;
export const shownRow = (mode: AnimationMode) => `${mode}: shown`;
export const showingCostRow = (mode: AnimationMode) => `${mode}: cost of showing 30 a second`;
const drawingCostRow = (mode: AnimationMode) => `${mode}: cost of drawing 30 a second`;

const BOOT_LIMIT_MS = 120_000;
const ANSWER_LIMIT_MS = 60_000;
/** After a change: what compiles in the background comes to its end. */
const SETTLE_MS = 3000;
const MEASURE_MS = 10_000;
/** Shown and not shown take turns, so that what slows the machine down meets both. */
const TURNS = 2;

/** What the guest does with a letter (bench/animation/animation.c). */
export const FREE = 'f';
export const PACED = 'p';
export const STILL = 's';
const COUNT = 'c';

/** One round of an engine in one mode. Engines that show nothing draw only. */
export async function runAnimation(engine: Engine, mode: AnimationMode, results: Results): Promise<void> {
  const guest = await startAnimation(engine, mode);
  const add = (name: string, unit: Unit, value: number) => results.add(ANIMATION_SUITE, name, unit, engine.name, value);
  try {
    await guest.screen?.show(true);
    await guest.send(FREE);
    await delay(SETTLE_MS);
    const { drawn, shown } = await rates(guest);
    add(drawnRow(mode), 'frames/s', drawn);
    if (!guest.screen) return;
    add(shownRow(mode), 'frames/s', shown);
    await guest.send(PACED);
    const { showing, drawing } = await costs(guest, guest.screen);
    add(showingCostRow(mode), '% of a core', showing);
    add(drawingCostRow(mode), '% of a core', drawing);
  } finally {
    await guest.stop();
  }
}

/** It has drawn one picture and stands still; its screen is not shown. */
export async function startAnimation(engine: Engine, mode: AnimationMode): Promise<RunningGuests> {
  const guest = await engine.start(animationGuest(mode));
  try {
    await guest.waitFor('@ready', BOOT_LIMIT_MS);
  } catch (error) {
    await guest.stop();
    throw error;
  }
  return guest;
}

/** Pictures a second. */
async function rates(guest: RunningGuests): Promise<{ drawn: number; shown: number }> {
  const count = async () => ({ shown: (await guest.screen?.frames()) ?? 0, ...(await countDrawn(guest)) });
  const before = await count();
  const start = performance.now();
  await delay(MEASURE_MS);
  const after = await count();
  return {
    drawn: (1000 * (after.drawn - before.drawn)) / (after.at - before.at),
    shown: (1000 * (after.shown - before.shown)) / (performance.now() - start),
  };
}

async function countDrawn(guest: RunningGuests): Promise<{ drawn: number; at: number }> {
  await guest.send(COUNT);
  const { at, groups } = await guest.waitFor('@frames (\\d+)\\r', ANSWER_LIMIT_MS);
  return { drawn: Number(groups[1]), at };
}

/** Percent of a core, of all processes: over what the guest costs unseen, and that, over what it costs standing still and unseen. */
async function costs(guest: RunningGuests, screen: ShownScreen): Promise<{ showing: number; drawing: number }> {
  const [shown, hidden]: number[][] = [[], []];
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [seen, values] of [
      [true, shown],
      [false, hidden],
    ] as const) {
      await screen.show(seen);
      values.push(await shareOfCore(guest, MEASURE_MS));
    }
  }
  await guest.send(STILL);
  const still = await shareOfCore(guest, MEASURE_MS);
  return { showing: mean(shown) - mean(hidden), drawing: mean(hidden) - still };
}

/** Percent of a core that all processes use, after a while, for so long. */
export async function shareOfCore({ pid }: Pick<RunningGuests, 'pid'>, measureMs: number): Promise<number> {
  await delay(SETTLE_MS);
  const before = measureThreads(pid);
  const start = performance.now();
  await delay(measureMs);
  return (100 * cpuMsBetween(before, measureThreads(pid))) / (performance.now() - start);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
