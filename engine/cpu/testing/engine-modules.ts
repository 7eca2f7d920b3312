// The engine's WebAssembly modules for tests, built if need be.

import { readFileSync } from 'node:fs';
import { ensureInterpreter } from '../../../scripts/build-interpreter.ts';
import { ensureMonitor } from '../../../scripts/build-monitor.ts';

export interface EngineModules {
  monitor: WebAssembly.Module;
  interpreter: WebAssembly.Module;
}

export async function engineModules(): Promise<EngineModules> {
  return {
    monitor: new WebAssembly.Module(readFileSync(await ensureMonitor())),
    interpreter: new WebAssembly.Module(readFileSync(await ensureInterpreter())),
  };
}
