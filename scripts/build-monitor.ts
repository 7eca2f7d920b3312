// Builds engine/cpu/monitor (AssemblyScript) into build/monitor.wasm. `ensureMonitor()` builds only what is missing or older
// than its sources; run as a script it always builds.
//
// Many vCPUs instantiate the module over one memory, so the build refuses what would be shared by accident: mutable
// globals, a start function, table elements, static data outside of the first 64 KiB that every host memory keeps free. It
// also checks the exports against the signatures that generated code uses (cpu/abi/monitor-functions.ts).

import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MONITOR_FUNCTIONS } from '../engine/cpu/abi/monitor-functions.ts';
import { outline } from './wasm-sections.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = 'engine/cpu/monitor';
const SHARED_SOURCES = [
  'engine/base/planar-registers.ts',
  'engine/cpu/abi/layout.ts',
  'engine/cpu/abi/flag-kinds.ts',
  'scripts/build-monitor.ts',
];
const OUTPUT = join(ROOT, 'build/monitor.wasm');
const STATIC_DATA_BASE = 1024;
const STATIC_DATA_LIMIT = 64 * 1024;

export class MonitorBuildError extends Error {
  override name = 'MonitorBuildError';
}

function sources(): string[] {
  const own = readdirSync(join(ROOT, SOURCES), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
  );
  return [...own.map((name) => `${SOURCES}/${name}`), ...SHARED_SOURCES];
}

function isUpToDate(): boolean {
  const built = statSync(OUTPUT, { throwIfNoEntry: false })?.mtimeMs;
  return built !== undefined && sources().every((name) => statSync(join(ROOT, name)).mtimeMs < built);
}

function brokenRules(binary: Uint8Array): string[] {
  const { hasStart, hasElements, mutableGlobals, dataEnd, functions } = outline(binary);
  const broken: string[] = [];
  if (hasStart) broken.push('has a start function');
  if (hasElements) broken.push('puts functions of its own into the shared table');
  if (mutableGlobals) broken.push(`has ${mutableGlobals} mutable globals`);
  if (dataEnd > STATIC_DATA_LIMIT) broken.push(`static data ends at ${dataEnd}, beyond ${STATIC_DATA_LIMIT}`);
  for (const [name, { signature }] of Object.entries(MONITOR_FUNCTIONS)) {
    const actual = functions.get(name);
    if (actual !== signature) broken.push(`${name} is ${actual ?? 'missing'}, not ${signature}`);
  }
  return broken;
}

/** Compiles the monitor and returns the path of the module. Throws MonitorBuildError with the compiler's messages. */
export async function buildMonitor(): Promise<string> {
  // Loaded only when needed: it takes seconds, and most starts have nothing to build.
  const { main: asc } = await import('assemblyscript/asc');
  let binary: Uint8Array | undefined;
  const { error, stdout, stderr } = await asc(
    [
      `${SOURCES}/index.ts`,
      ...['--baseDir', ROOT, '--outFile', 'monitor.wasm'],
      ...['--runtime', 'stub', '-O3', '--noAssert', '--noColors'],
      ...['--enable', 'threads', '--enable', 'simd', '--enable', 'bulk-memory'],
      ...['--importMemory', '--sharedMemory', '--noExportMemory', '--initialMemory', '16', '--maximumMemory', '65536'],
      ...['--importTable', '--memoryBase', String(STATIC_DATA_BASE)],
    ],
    {
      writeFile(name, contents) {
        if (name.endsWith('.wasm')) binary = contents as Uint8Array;
      },
    },
  );
  if (error || !binary) throw new MonitorBuildError(`monitor: ${error?.message ?? 'no output'}\n${stdout}${stderr}`);
  const broken = brokenRules(binary);
  if (broken.length) throw new MonitorBuildError(`monitor: ${broken.join('; ')}`);
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  // Renamed into place, since other processes may be reading the old one.
  const temporary = `${OUTPUT}.${process.pid}`;
  writeFileSync(temporary, binary);
  renameSync(temporary, OUTPUT);
  return OUTPUT;
}

/** Path of an up-to-date module, built if need be. */
export async function ensureMonitor(): Promise<string> {
  return isUpToDate() ? OUTPUT : buildMonitor();
}

/** The module's bytes, built if need be. */
export async function monitorBytes(): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(readFileSync(await ensureMonitor()));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const path = await buildMonitor();
  console.log(`${path}: ${statSync(path).size} bytes`);
}
