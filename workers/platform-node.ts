// Workers and WebAssembly modules in Node: worker threads that run TypeScript through tsx, modules from build/.

import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { EngineModules, Platform, SpawnedWorker } from './platform.ts';

export const nodePlatform: Platform = {
  spawnVcpuWorker(): SpawnedWorker {
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(new URL('./vcpu.node.mjs', import.meta.url), {
      execArgv: [],
      workerData: { port: port2 },
      // Node's and the DOM's declarations of MessagePort differ; the object is the same.
      transferList: [port2 as unknown as import('node:worker_threads').MessagePort],
    });
    return {
      port: port1,
      onError: (listener) => worker.on('error', (error) => listener(error.message)),
      async terminate() {
        port1.close();
        await worker.terminate();
      },
    };
  },

  async loadModules(): Promise<EngineModules> {
    const [monitorModule, interpreterModule] = await Promise.all([compile('monitor'), compile('interpreter')]);
    return { monitorModule, interpreterModule };
  },
};

async function compile(name: string): Promise<WebAssembly.Module> {
  const bytes = await readFile(new URL(`../build/${name}.wasm`, import.meta.url)).catch(() => {
    throw new Error(`build/${name}.wasm is missing. Build the engine first: npm run build:engine`);
  });
  return WebAssembly.compile(bytes);
}
