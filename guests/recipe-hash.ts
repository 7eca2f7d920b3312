// SHA-256 over sources: other sources, other images. What belongs to guests made on demand is apart, so that a change there makes
// nobody fetch the default guests again, and none of theirs throws away a disk whose making takes long.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('.', import.meta.url));
const ON_DEMAND = ['debian-disk', 'installer', 'rescue', 'packages/guest-recipe.ts', 'on-demand.ts'];

/** Of the firmware and the guests that are always made. */
export function defaultRecipe(): string {
  return hashOf(sources('').filter((file) => !ON_DEMAND.some((part) => isIn(file, part))));
}

/** Of a guest made on demand by the recipe in that folder of guests/. */
export function onDemandRecipe(folder: string): string {
  return hashOf(sources(folder));
}

function sources(folder: string): string[] {
  return readdirSync(join(SOURCES, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.ts$|\.md$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(SOURCES.length))
    .sort();
}

function isIn(file: string, part: string): boolean {
  return file === part || file.startsWith(`${part}/`);
}

function hashOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(SOURCES, file)))
      .update('\0');
  return hash.digest('hex');
}
