// CPU time and memory of a process and everything below it, from Linux's /proc (man 5 proc): a browser is a tree of processes
// and a guest's cost is spread over several of them.
import { readdirSync, readFileSync } from 'node:fs';

/** Of /proc/PID/stat: USER_HZ, which is 100 on every architecture that Chromium runs on. */
const MS_PER_CLOCK_TICK = 10;
const BYTES_PER_KB = 1024;

export interface ProcessUsage {
  /** User and system time in ms, of the processes that are there and the children that they have waited for. */
  cpuMs: number;
  /** Proportional set size in bytes: shared pages are divided among those who share them. */
  memoryBytes: number;
}

interface ProcessStat {
  pid: number;
  parent: number;
  cpuMs: number;
}

/** Throws if the root process is gone. */
export function measureProcessTree(root: number): ProcessUsage {
  const members = membersOf(root);
  return {
    cpuMs: members.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    memoryBytes: members.reduce((sum, { pid }) => sum + parsePss(readProc(String(pid), 'smaps_rollup') ?? ''), 0),
  };
}

/** Their numbers. Throws if the root process is gone. */
export function processesOf(root: number): number[] {
  return membersOf(root).map(({ pid }) => pid);
}

function membersOf(root: number): ProcessStat[] {
  const processes = new Map<number, ProcessStat>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readProc(name, 'stat');
    if (stat !== undefined) processes.set(Number(name), parseStat(stat));
  }
  if (!processes.has(root)) throw new Error(`Process ${root} has gone.`);
  return [...processes.values()].filter((process) => descendsFrom(process, root, processes));
}

/** A line of /proc/PID/stat. The second field, the program's name in parentheses, may hold blanks and parentheses. */
export function parseStat(line: string): ProcessStat {
  const [state, ...fields] = line.slice(line.lastIndexOf(')') + 2).split(' ');
  if (state === undefined || fields.length < 20) throw new Error(`Not a line of /proc/PID/stat: ${line}`);
  // Fields 4 ppid, 14 utime, 15 stime, 16 cutime, 17 cstime.
  const field = (number: number) => Number(fields[number - 4]);
  return {
    pid: Number.parseInt(line, 10),
    parent: field(4),
    cpuMs: (field(14) + field(15) + field(16) + field(17)) * MS_PER_CLOCK_TICK,
  };
}

/** Bytes, from the text of /proc/PID/smaps_rollup. */
export function parsePss(text: string): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * BYTES_PER_KB;
}

function descendsFrom(process: ProcessStat, root: number, processes: ReadonlyMap<number, ProcessStat>): boolean {
  for (let at: ProcessStat | undefined = process; at; at = processes.get(at.parent)) if (at.pid === root) return true;
  return false;
}

/** Undefined if the process has gone meanwhile. */
function readProc(pid: string, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
