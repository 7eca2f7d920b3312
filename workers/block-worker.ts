// The block worker of this tab, seen from the page: started with the first host, connected to each.

import type { BlockWorkerMessage } from './block-worker-protocol.ts';

let worker: Worker | undefined;

/** A host's line to it. `host`: unique in the tab. */
export function connectBlockWorker(host: string): MessagePort {
  // The bundler finds a worker by this very expression.
  worker ??= new Worker(new URL('./block.worker.ts', import.meta.url), { type: 'module', name: 'block' });
  const { port1, port2 } = new MessageChannel();
  const message: BlockWorkerMessage = { host, port: port2, baseUrl: document.baseURI };
  worker.postMessage(message, [port2]);
  return port1;
}

export function disconnectBlockWorker(host: string): void {
  const message: BlockWorkerMessage = { gone: host };
  worker?.postMessage(message);
}
