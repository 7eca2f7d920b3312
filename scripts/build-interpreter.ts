// Builds build/interpreter.wasm from the instruction definitions. `ensureInterpreter()` builds only what is missing or older
// than its sources; run as a script it always builds.

import { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CPU = 'engine/cpu';
const SOURCE_FOLDERS = ['abi', 'emitter', 'interpreter', 'isa', 'semantics', 'wasm'].map((room) => `${CPU}/${room}`);
const SOURCE_FILES = ['scripts/build-interpreter.ts'];
const OUTPUT = join(ROOT, 'build/interpreter.wasm');

function newestSource(): number {
  const files = SOURCE_FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => join(folder, file)),
  );
  return Math.max(...[...files, ...SOURCE_FILES].map((file) => statSync(join(ROOT, file)).mtimeMs));
}

/** Builds the module and returns its path. */
export async function buildInterpreterModule(): Promise<string> {
  const { buildInterpreter } = await import('../engine/cpu/interpreter/module.ts');
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  // Renamed into place, since other processes may be reading the old one.
  const temporary = `${OUTPUT}.${process.pid}`;
  writeFileSync(temporary, buildInterpreter());
  renameSync(temporary, OUTPUT);
  return OUTPUT;
}

/** Path of an up-to-date module, built if need be. */
export async function ensureInterpreter(): Promise<string> {
  const built = statSync(OUTPUT, { throwIfNoEntry: false })?.mtimeMs;
  return built !== undefined && newestSource() < built ? OUTPUT : buildInterpreterModule();
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const path = await buildInterpreterModule();
  console.log(`${path}: ${statSync(path).size} bytes`);
}
