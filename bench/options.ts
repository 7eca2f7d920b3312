// The command line of `npm run bench`.
import { parseArgs } from 'node:util';
import { ENGINE_NAMES, type EngineName } from './engines/engine.ts';
import { WORKLOADS } from './suites/workloads.ts';

export const SUITES = [
  ...['boot', 'idle', 'workloads', 'network', 'fleet', 'console'],
  ...['firmware', 'disk', 'animation', 'quiet-screen'],
] as const;
export type Suite = (typeof SUITES)[number];

const DEFAULT_ROUNDS = 3;

export interface BenchOptions {
  rounds: number;
  suites: Suite[];
  engines: EngineName[];
  workloads: string[];
}

/** What was asked for is not known; the message names it. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export const HELP = `npm run bench -- [options]

Measures the engine beside its peers with the same guest on this machine. Close everything else first. Engines take turns,
round by round; what is printed is medians, and ratios of them. Everything goes into build/bench/ as JSON as well.

  --rounds N         measurements of each kind (default ${DEFAULT_ROUNDS})
  --only LIST        of ${SUITES.join(', ')} (default: all)
  --engines LIST     of ${ENGINE_NAMES.join(', ')} (default: all that can run here)
  --workloads LIST   of ${WORKLOADS.join(', ')} (default: all)
  --help             this text

boot          from the start of the engine to the shell's prompt
idle          CPU time and memory of a guest that waits at its prompt for 20 s, over what an empty page costs
workloads     programs in the guest and, the same binary, on the processor itself
network       two guests: a large file, pings, small pages; on one host and on two, v86's each in a tab
fleet         20 idle guests on one host in one tab
console       what the console costs on top of 1 and 20 idle guests
firmware      through SeaBIOS from a floppy and from a hard disk to the prompt
disk          dd in the guest on IDE and on virtio: MB/s of large requests, 4 KiB requests a second
animation     frames a second, and what showing them costs, in three video modes
quiet-screen  what a screen costs that is still or hidden
`;

/** Undefined: help was asked for. Throws UsageError. */
export function parseOptions(args: readonly string[]): BenchOptions | undefined {
  const list = { type: 'string' } as const;
  let values: { rounds?: string; only?: string; engines?: string; workloads?: string; help?: boolean };
  try {
    values = parseArgs({
      args: [...args],
      options: { rounds: list, only: list, engines: list, workloads: list, help: { type: 'boolean' } },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (values.help) return undefined;
  const rounds = Number(values.rounds ?? DEFAULT_ROUNDS);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new UsageError(`--rounds ${values.rounds}: not a number of rounds`);
  return {
    rounds,
    suites: choose('--only', values.only, SUITES),
    engines: choose('--engines', values.engines, ENGINE_NAMES),
    workloads: choose('--workloads', values.workloads, WORKLOADS),
  };
}

function choose<T extends string>(option: string, value: string | undefined, known: readonly T[]): T[] {
  if (value === undefined) return [...known];
  const chosen = value.split(',').map((name) => name.trim());
  const unknown = chosen.find((name) => !known.some((candidate) => candidate === name));
  if (unknown !== undefined) throw new UsageError(`${option} ${unknown}: there is ${known.join(', ')}`);
  return known.filter((name) => chosen.includes(name));
}
