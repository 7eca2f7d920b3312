// Workers and WebAssembly modules in a browser.

import { explainCompileError } from './environment.ts';
import { fetchBytes } from './fetch-bytes.ts';
import type { EngineModules, Platform, SpawnedWorker } from './platform.ts';

export const browserPlatform: Platform = {
  // The bundler finds a worker by this very expression.
  spawnVcpuWorker: () =>
    connected(new Worker(new URL('./vcpu.worker.ts', import.meta.url), { type: 'module', name: 'vcpu' })),

  spawnTranslator: () =>
    connected(new Worker(new URL('./translator.worker.ts', import.meta.url), { type: 'module', name: 'translator' })),

  async loadModules(): Promise<EngineModules> {
    const [monitorModule, interpreterModule] = await Promise.all([
      compile('monitor', new URL('../build/monitor.wasm', import.meta.url)),
      compile('interpreter', new URL('../build/interpreter.wasm', import.meta.url)),
    ]);
    return { monitorModule, interpreterModule };
  },
};

function connected(worker: Worker): SpawnedWorker {
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ port: port2 }, [port2]);
  return {
    port: port1,
    onError: (listener) => worker.addEventListener('error', (event) => listener(event.message || 'it did not load')),
    async terminate() {
      worker.terminate();
      port1.close();
    },
  };
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
