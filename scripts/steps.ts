// Running the steps of `npm test`: one line each with verdict and time; what a failed step said follows its line.
import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

const PROGRAMS = new URL('../node_modules/.bin/', import.meta.url);

export interface Step {
  name: string;
  /** Names of earlier steps. Not tried when one of them failed. */
  needs?: string[];
  /** It keeps all cores busy by itself: nothing else runs meanwhile. */
  alone?: boolean;
  /** Throws what to print. Resolves to a remark for the step's line, or nothing. */
  run(): Promise<string | undefined>;
}

/** Runs neighbours in the list at once unless one needs the other or is to run alone. @returns names of the steps that failed or were not tried */
export async function runSteps(steps: readonly Step[]): Promise<string[]> {
  const failed: string[] = [];
  const width = Math.max(...steps.map(({ name }) => name.length));
  const line = (verdict: string, name: string, rest: string) =>
    console.log(`${verdict.padEnd(4)}  ${name.padEnd(width)}  ${rest}`);

  const take = async ({ name, needs = [], run }: Step) => {
    const missing = needs.filter((need) => failed.includes(need));
    if (missing.length > 0) {
      failed.push(name);
      line('skip', name, `needs ${missing.join(', ')}`);
      return;
    }
    const started = performance.now();
    const seconds = () => `${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s`;
    try {
      const remark = await run();
      line('ok', name, remark === undefined ? seconds() : `${seconds()}  ${remark}`);
    } catch (error) {
      failed.push(name);
      line('FAIL', name, seconds());
      console.log((error as Error).message.trimEnd());
    }
  };

  let taken = new Map<string, Promise<void>>();
  for (const step of steps) {
    if (step.alone) {
      await Promise.all(taken.values());
      await take(step);
      taken = new Map();
    } else {
      const needed = (step.needs ?? []).map((need) => taken.get(need));
      taken.set(
        step.name,
        Promise.all(needed).then(() => take(step)),
      );
    }
  }
  await Promise.all(taken.values());
  return steps.map(({ name }) => name).filter((name) => failed.includes(name));
}

/** As `tool`, but after whatever else wants the cores. */
export function toolBehind(name: string, args: string[]): Promise<string> {
  return tool(name, args, {}, constants.priority.PRIORITY_LOW);
}

/**
 * Runs a program of node_modules/.bin. Resolves with what it printed, rejects with the same if its status is not 0.
 * `priority`: as the operating system has it.
 */
export function tool(
  name: string,
  args: string[],
  environment: Record<string, string> = {},
  priority = constants.priority.PRIORITY_NORMAL,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(fileURLToPath(new URL(name, PROGRAMS)), args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...environment },
    });
    if (child.pid !== undefined && priority !== constants.priority.PRIORITY_NORMAL) setPriority(child.pid, priority);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', reject);
    child.on('close', (status) => (status === 0 ? resolve(output) : reject(new Error(output))));
  });
}
