// The production build of the site in dist/, made again only when one of its inputs has changed: their names, sizes and
// modification times, and the guests that were asked for, are remembered in .cache/.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const INPUTS = [
  'index.html',
  'vite.config.ts',
  'package-lock.json',
  'build/interpreter.wasm',
  'build/monitor.wasm',
  'engine',
  'public',
  'scripts/site-guests.ts',
  'src',
  'workers',
];
const REMEMBERED = join(ROOT, '.cache/site-inputs');

/** Returns whether it had to build. The engine must be built before. Throws Vite's error if the build fails. */
export async function ensureSite(): Promise<boolean> {
  const inputs = fingerprint();
  const remembered = existsSync(REMEMBERED) ? readFileSync(REMEMBERED, 'utf8') : undefined;
  if (remembered === inputs && existsSync(join(ROOT, 'dist/index.html'))) return false;
  rmSync(REMEMBERED, { force: true });
  await build({ root: ROOT, logLevel: 'warn' });
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  writeFileSync(REMEMBERED, inputs);
  return true;
}

function fingerprint(): string {
  const hash = createHash('sha256');
  hash.update(`${process.env.SITE_GUESTS ?? ''}\n`);
  for (const file of INPUTS.flatMap((input) => filesOf(input)).sort()) {
    const { size, mtimeMs } = statSync(join(ROOT, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** Paths relative to the root; none for what does not exist. */
function filesOf(input: string): string[] {
  const status = statSync(join(ROOT, input), { throwIfNoEntry: false });
  if (status === undefined) return [];
  if (!status.isDirectory()) return [input];
  return readdirSync(join(ROOT, input), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(ROOT.length));
}
