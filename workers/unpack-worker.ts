// Starts a worker of the browser that unpacks one file.

import type { UnpackWorker } from './unpack/unpack-service.ts';

export function startUnpackWorker(): UnpackWorker {
  const worker = new Worker(new URL('./unpack.worker.ts', import.meta.url), { type: 'module', name: 'unpack' });
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ port: port2 }, [port2]);
  return {
    port: port1,
    onError: (listener) => worker.addEventListener('error', (event) => listener(event.message || 'it did not load')),
    terminate: () => worker.terminate(),
  };
}
