// Workers and WebAssembly modules in Node: worker threads that run TypeScript through tsx, modules from build/.

import { readFile } from 'node:fs/promises';
import { type MessagePort as NodePort, Worker } from 'node:worker_threads';
import type { EngineModules, Platform, SpawnedWorker } from './platform.ts';

export const nodePlatform: Platform = {
  spawnVcpuWorker: () => spawn('vcpu.node.ts').spawned,

  spawnTranslator() {
    const { spawned, worker, port } = spawn('translator.node.ts');
    worker.unref();
    // Listening makes a port keep the process alive; this is done before Comlink listens.
    port.on('newListener', () => queueMicrotask(() => port.unref()));
    return spawned;
  },

  async loadModules(): Promise<EngineModules> {
    const [monitorModule, interpreterModule] = await Promise.all([compile('monitor'), compile('interpreter')]);
    return { monitorModule, interpreterModule };
  },
};

/** A thread that runs `main`. */
function spawn(main: string): { spawned: SpawnedWorker; worker: Worker; port: NodePort } {
  const { port1, port2 } = new MessageChannel();
  // Node's and the DOM's declarations of MessagePort differ; the object is the same.
  const [ours, theirs] = [port1, port2] as unknown as [NodePort, NodePort];
  const worker = new Worker(new URL('./thread.node.mjs', import.meta.url), {
    execArgv: [],
    workerData: { main, port: theirs },
    transferList: [theirs],
  });
  const spawned: SpawnedWorker = {
    port: port1,
    onError: (listener) => worker.on('error', (error) => listener(error.message)),
    async terminate() {
      port1.close();
      await worker.terminate();
    },
  };
  return { spawned, worker, port: ours };
}

async function compile(name: string): Promise<WebAssembly.Module> {
  const bytes = await readFile(new URL(`../build/${name}.wasm`, import.meta.url)).catch(() => {
    throw new Error(`build/${name}.wasm is missing. Build the engine first: npm run build:engine`);
  });
  return WebAssembly.compile(bytes);
}
