// What a screen costs that does not change, and one that nobody sees: beside a machine whose screen was never opened. The differences are
// small, so that all states take turns, in one browser, and the time of threads is taken from where it is kept in ns.
import type { Engine } from '../engines/engine.ts';
import { mean, PACED, STILL, shareOfCore, startAnimation } from './animation.ts';
import type { Results } from './results.ts';

export const QUIET_SUITE = 'quiet screen';
export const STILL_SHOWN = 'shown, and still';
export const STILL_HIDDEN = 'hidden, and still';
export const MOVING_HIDDEN = 'hidden, 30 frames a second';

const MODE = '1024x768x32';
const MEASURE_MS = 20_000;
const TURNS = 3;

/** One round. Percent of a core, of all processes. */
export async function runQuietScreen(engine: Engine, results: Results): Promise<void> {
  // Two browsers: in one the screen is never opened.
  const never = await startAnimation(engine, MODE);
  try {
    const opened = await startAnimation(engine, MODE);
    try {
      const { screen } = opened;
      if (!screen) throw new Error('It shows no screen.');
      const states = [
        { name: STILL_SHOWN, pace: STILL, shown: true },
        { name: STILL_HIDDEN, pace: STILL, shown: false },
        { name: MOVING_HIDDEN, pace: PACED, shown: false },
      ];
      const differences = new Map<string, number[]>(states.map(({ name }) => [name, []]));
      await screen.show(true);
      for (let turn = 0; turn < TURNS; turn++) {
        for (const { name, pace, shown } of states) {
          await Promise.all([never.send(pace), opened.send(pace)]);
          await screen.show(shown);
          // At the same time, so that they have the same machine.
          const [without, withScreen] = await Promise.all(
            [never, opened].map((guest) => shareOfCore(guest, MEASURE_MS)),
          );
          differences.get(name)?.push(withScreen - without);
        }
      }
      for (const [name, values] of differences)
        results.add(QUIET_SUITE, name, '% of a core', engine.name, mean(values));
    } finally {
      await opened.stop();
    }
  } finally {
    await never.stop();
  }
}
