// The workloads of bench/workloads, in a guest of each engine and on this machine's own processor. Counted is the host's time
// between the two lines that a workload prints; the guest's own figure is only compared with it. Every engine must come to
// the checksum that the real processor comes to; where that runs no i386 programs, to that of the first engine.
import { spawnSync } from 'node:child_process';
import { runsHere } from '../../scripts/i386-program.ts';
import type { Engine, RunningGuests } from '../engines/engine.ts';
import { PROMPT, type WorkloadImage } from '../images/images.ts';
import type { Column, Results } from './results.ts';

export const WORKLOADS = [
  'sieve',
  'interpreter',
  'stack-machine',
  'recursion',
  'memory',
  'sha256',
  'nbody-x87',
  'nbody-sse2',
  'syscalls',
  'getpid',
  'pipe',
  'unix-socket',
  'signals',
  'processes',
  'fork-exit',
  'fork-exec',
  'mmap',
  'page-faults',
  'script',
  'http',
  'gzip',
];

const SUITE = 'workloads';
/** The same times, for each of the operations that a workload consists of. */
const LATENCIES = 'each';
const BOOT_LIMIT_MS = 180_000;
const LIMIT_MS = 180_000;
/** Above this share, and more than the second, host's and guest's figures are called different. */
const TOLERANCE = 0.1;
const TOLERANCE_SECONDS = 0.05;

/** With the end of the line: an engine may print it in pieces. */
export const endPattern = (name: string) => `@end ${name} ([0-9.]+) ([0-9a-f]{8}) ([0-9]+)\\r?\\n`;

/** A workload's checksum by its name. */
export type Checksums = Map<string, string>;

/** Returns none where i386 programs don't run. Throws if a workload fails. */
export function runNative({ native }: WorkloadImage, names: readonly string[], results: Results): Checksums {
  const checksums: Checksums = new Map();
  if (!runsHere(native.workloads)) {
    results.remark('native', 'left out: this machine does not run i386 programs');
    return checksums;
  }
  for (const name of names) {
    const { stdout, stderr, status } = spawnSync(native.workloads, [name], {
      encoding: 'utf8',
      timeout: LIMIT_MS,
      env: { ...process.env, BUSYBOX: native.busybox },
    });
    const match = new RegExp(endPattern(name)).exec(stdout ?? '');
    if (status !== 0 || !match) throw new Error(`The workload ${name} fails on this machine: ${stderr}`);
    addRun(results, 'native', name, Number(match[1]), Number(match[3]));
    checksums.set(name, match[2]);
  }
  return checksums;
}

/** One round of one engine, each workload by itself. `checksums`: from runNative; what it lacks is put in. */
export async function runInGuest(
  engine: Engine,
  { image }: WorkloadImage,
  names: readonly string[],
  checksums: Checksums,
  results: Results,
): Promise<void> {
  const guest = await engine.start(image);
  try {
    await guest.waitFor(PROMPT, BOOT_LIMIT_MS);
    for (const name of names) {
      const run = await runOne(guest, name);
      addRun(results, engine.name, name, run.seconds, run.operations);
      compareRun(run, name, engine.name, checksums, results);
    }
  } finally {
    await guest.stop();
  }
}

function addRun(results: Results, column: Column, name: string, seconds: number, operations: number): void {
  results.add(SUITE, name, 's', column, seconds);
  if (operations > 0) results.add(LATENCIES, name, 'µs', column, (seconds / operations) * 1e6);
}

interface Run {
  seconds: number;
  /** 0 if the workload does not consist of such. */
  operations: number;
  guestSeconds: number;
  checksum: string;
}

async function runOne(guest: RunningGuests, name: string): Promise<Run> {
  await guest.send(`workloads ${name}\n`);
  const begin = await guest.waitFor(`@begin ${name}`, LIMIT_MS);
  const end = await guest.waitFor(endPattern(name), LIMIT_MS);
  await guest.waitFor(PROMPT, LIMIT_MS);
  return {
    seconds: (end.at - begin.at) / 1000,
    guestSeconds: Number(end.groups[1]),
    checksum: end.groups[2],
    operations: Number(end.groups[3]),
  };
}

function compareRun(
  { seconds, guestSeconds, checksum }: Run,
  name: string,
  column: Column,
  checksums: Checksums,
  results: Results,
): void {
  const expected = checksums.get(name);
  if (expected === undefined) checksums.set(name, checksum);
  else if (checksum !== expected) results.remark(column, `${name}: WRONG RESULT ${checksum}, ${expected} is expected`);
  const difference = Math.abs(seconds - guestSeconds);
  if (difference > TOLERANCE_SECONDS && difference > TOLERANCE * seconds) {
    results.remark(
      column,
      `${name}: ${seconds.toFixed(3)} s by the host's clock, ${guestSeconds.toFixed(3)} s by the guest's`,
    );
  }
}
