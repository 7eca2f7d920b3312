// Compiles bench/workloads/*.c into one static i386 program, again only when a source is newer.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../workloads/', import.meta.url));
const FLAGS = ['-m32', '-O2', '-Wall', '-Wextra'];

/** Which floating-point unit the two versions of one program use. */
const FLAGS_OF: Record<string, string[]> = {
  'nbody_x87.c': ['-mfpmath=387', '-mno-sse'],
  'nbody_sse2.c': ['-msse2', '-mfpmath=sse'],
};

/** Path of the program, which it puts into `folder`. Throws what is missing or what the compiler says. */
export function compileWorkloads(folder: string): string {
  const program = join(folder, 'workloads');
  const sources = readdirSync(SOURCES);
  if (existsSync(program) && sources.every((name) => modified(join(SOURCES, name)) < modified(program))) return program;
  mkdirSync(folder, { recursive: true });
  const objects = sources
    .filter((name) => name.endsWith('.c'))
    .map((name) => {
      const object = join(folder, name.replace(/c$/, 'o'));
      gcc([...FLAGS, ...(FLAGS_OF[name] ?? []), '-c', join(SOURCES, name), '-o', object]);
      return object;
    });
  gcc(['-m32', '-static', ...objects, '-lm', '-o', program]);
  return program;
}

function gcc(args: string[]): void {
  const { error, status, stderr } = spawnSync('gcc', args, { encoding: 'utf8' });
  if (error === undefined && status === 0) return;
  throw new Error(
    `The workloads need a compiler for i386 (apt-get install gcc gcc-multilib): ${error?.message ?? stderr}`,
  );
}

function modified(path: string): number {
  return statSync(path).mtimeMs;
}
