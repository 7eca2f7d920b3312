// What is aimed at, as far as the bench can tell: bounds of figures, and of their ratios to v86's of the same run.
import type { AnimationMode } from './images/animation.ts';
import { ANIMATION_SUITE, drawnRow, showingCostRow, shownRow } from './suites/animation.ts';
import { ACCESSES, DISK_MODELS, DISK_SUITE, largeRow, smallRow } from './suites/disk.ts';
import { FIRMWARE_BOOTS, FIRMWARE_SUITE } from './suites/firmware-boot.ts';
import { MOVING_HIDDEN, QUIET_SUITE, STILL_HIDDEN, STILL_SHOWN } from './suites/quiet-screen.ts';
import { type Column, medianOf, type Results } from './suites/results.ts';

export interface Aim {
  what: string;
  bound: 'at most' | 'at least';
  limit: number;
  unit: string;
  /** Undefined: there is no figure. */
  measured(results: Results): number | undefined;
}

export function isMet({ bound, limit }: Aim, measured: number): boolean {
  return bound === 'at most' ? measured <= limit : measured >= limit;
}

type Bound = Pick<Aim, 'bound' | 'limit'>;
const atMost = (limit: number): Bound => ({ bound: 'at most', limit });
const atLeast = (limit: number): Bound => ({ bound: 'at least', limit });

const PAIRS: readonly { where: string; ours: Column; v86: Column }[] = [
  { where: 'Node', ours: 'tabvisor-node', v86: 'v86-node' },
  { where: 'Chromium', ours: 'tabvisor-chromium', v86: 'v86-chromium' },
];

/** Our figure over v86's, in Node and in Chromium. `v86Name`: its row, if it is another one. */
function besideV86(suite: string, name: string, bound: Bound, v86Name = name): Aim[] {
  return PAIRS.map(({ where, ours, v86 }) => ({
    what: `${suite}: ${name}, ${where}`,
    unit: 'of v86',
    ...bound,
    measured(results) {
      const above = medianOf(results.find(suite, name), ours);
      const below = medianOf(results.find(suite, v86Name), v86);
      return above === undefined || below === undefined ? undefined : above / below;
    },
  }));
}

/** In Chromium. */
function byItself(suite: string, name: string, unit: string, bound: Bound): Aim {
  return {
    what: `${suite}: ${name}`,
    unit,
    ...bound,
    measured: (results) => medianOf(results.find(suite, name), 'tabvisor-chromium'),
  };
}

const LINEAR: AnimationMode = '1024x768x32';
/** v86 has IDE alone. */
const [IDE] = DISK_MODELS;

export const AIMS: readonly Aim[] = [
  ...FIRMWARE_BOOTS.flatMap(({ name }) => besideV86(FIRMWARE_SUITE, name, atMost(0.5))),
  ...DISK_MODELS.flatMap((disk) =>
    ACCESSES.flatMap((access) =>
      [largeRow, smallRow].flatMap((row) => besideV86(DISK_SUITE, row(disk, access), atLeast(3), row(IDE, access))),
    ),
  ),
  ...besideV86(ANIMATION_SUITE, drawnRow('640x480 planar'), atLeast(2)),
  byItself(ANIMATION_SUITE, shownRow(LINEAR), 'frames/s', atLeast(30)),
  byItself(ANIMATION_SUITE, showingCostRow(LINEAR), '% of a core', atMost(25)),
  ...[STILL_SHOWN, STILL_HIDDEN, MOVING_HIDDEN].map((name) => byItself(QUIET_SUITE, name, '% of a core', atMost(0.1))),
];
