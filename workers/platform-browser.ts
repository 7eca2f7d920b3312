// Workers and WebAssembly modules in a browser, for a host's worker.

import { explainCompileError } from './environment.ts';
import { fetchBytes } from './fetch-bytes.ts';
import type { EngineModules, Platform } from './platform.ts';
import { workersAt } from './worker-lines.ts';

/** @param workers leads to the page, which starts the workers */
export function browserPlatform(workers: MessagePort): Platform {
  const spawn = workersAt(workers);
  return { spawnVcpuWorker: () => spawn('vcpu'), spawnTranslator: () => spawn('translator'), loadModules };
}

async function loadModules(): Promise<EngineModules> {
  const [monitorModule, interpreterModule] = await Promise.all([
    compile('monitor', new URL('../build/monitor.wasm', import.meta.url)),
    compile('interpreter', new URL('../build/interpreter.wasm', import.meta.url)),
  ]);
  return { monitorModule, interpreterModule };
}

async function compile(name: string, url: URL): Promise<WebAssembly.Module> {
  const check = (response: Response) => {
    if (!response.ok)
      throw new Error(`The engine's ${name} could not be loaded (HTTP ${response.status}). Reload the page.`);
  };
  const bytes = await fetchBytes(url, { check });
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw explainCompileError(error);
  }
}
