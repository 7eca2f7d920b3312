// npm run build:engine: the WebAssembly modules in build/, each made only if it is missing or older than its sources.
import { pathToFileURL } from 'node:url';
import { ensureInterpreter } from './build-interpreter.ts';
import { ensureMonitor } from './build-monitor.ts';

/** Throws what the compilers have to say. */
export async function ensureEngine(): Promise<void> {
  await ensureMonitor();
  await ensureInterpreter();
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await ensureEngine();
    console.log('engine: up to date in build/');
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
