// The CPU time of a process and its descendants by thread, in ns: the kernel's own count (Linux, Documentation/scheduler/sched-stats.rst,
// /proc/PID/schedstat), for differences that are smaller than what /proc/PID/stat resolves.
import { readdirSync, readFileSync } from 'node:fs';
import { processesOf } from './process-tree.ts';

const NS_PER_MS = 1e6;

/** ns on a CPU by thread. */
export type ThreadTimes = ReadonlyMap<number, number>;

/** Throws if the root process is gone, or the kernel keeps no such count. */
export function measureThreads(root: number): ThreadTimes {
  const times = new Map<number, number>();
  for (const pid of processesOf(root)) {
    for (const thread of threadsOf(pid)) {
      const line = read(`/proc/${pid}/task/${thread}/schedstat`);
      if (line !== undefined) times.set(thread, parseSchedstat(line));
    }
  }
  if (times.size === 0) throw new Error('This kernel keeps no schedstat.');
  return times;
}

/** A thread that has ended in between counts nothing; one that has begun, all. */
export function cpuMsBetween(before: ThreadTimes, after: ThreadTimes): number {
  let ns = 0;
  for (const [thread, time] of after) ns += Math.max(0, time - (before.get(thread) ?? 0));
  return ns / NS_PER_MS;
}

/** ns: the first of three numbers. */
export function parseSchedstat(line: string): number {
  const ns = Number(/^(\d+) \d+ \d+\s*$/.exec(line)?.[1]);
  if (Number.isNaN(ns)) throw new Error(`Not a line of /proc/PID/schedstat: ${line}`);
  return ns;
}

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

/** Undefined if it has gone meanwhile. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
