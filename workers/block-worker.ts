// The block worker of this tab, seen from the page: started with the first host, connected to each.

/** Page → worker. */
export type BlockWorkerMessage =
  /** A host has been started. `baseUrl`: the page's URL, to which URLs of media are relative. */
  | { host: string; port: MessagePort; baseUrl: string }
  /** The host of that name is gone, perhaps without a word. */
  | { gone: string };

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
