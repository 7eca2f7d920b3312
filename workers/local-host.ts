// Starts a host worker in this tab and connects to it.

import type { HostConnection, HostInfo, HostSpec } from '../engine/host/api.ts';
import { connectBlockWorker, disconnectBlockWorker } from './block-worker.ts';
import { createHostConnection } from './host-connection.ts';
import type { HostWorkerAnswer, HostWorkerEnd, HostWorkerStart } from './host-worker-protocol.ts';
import { serveWorkers, type WorkerKind } from './worker-lines.ts';

/** Rejects with a user-facing message when the host cannot start. */
export async function startHostWorker(spec: HostSpec, tabId: string): Promise<HostConnection> {
  const worker = new Worker(new URL('./host.worker.ts', import.meta.url), { type: 'module', name: 'host' });
  const { port1: port, port2 } = new MessageChannel();
  const drives = connectBlockWorker(spec.id);
  const { port1: workersLine, port2: workers } = new MessageChannel();
  const endWorkers = serveWorkers(workersLine, startWorker);
  const start: HostWorkerStart = { spec, tabId, baseUrl: document.baseURI, port: port2, drives, workers };
  /** Ends all that the page keeps for the host, and what is left of a host that has failed. */
  const release = () => {
    worker.terminate();
    port.close();
    endWorkers();
    disconnectBlockWorker(spec.id);
  };
  const failure = new Promise<string>((resolve) => {
    worker.addEventListener('error', (event) => resolve(event.message || 'its worker could not be loaded'));
  });
  worker.postMessage(start, [port2, drives, workers]);
  port.start();
  try {
    const info = await Promise.race([
      firstAnswer(port),
      failure.then((reason) => {
        throw new Error(reason);
      }),
    ]);
    const ended = new Promise<string>((resolve) => {
      port.addEventListener('message', ({ data }: MessageEvent<Partial<HostWorkerEnd>>) => {
        if (data.ended) resolve(`${spec.name} was shut down.`);
      });
    });
    const gone = Promise.race([ended, failure.then((reason) => `${spec.name} has failed: ${reason}`)]);
    void gone.then(release);
    return createHostConnection({ info, endpoint: port, gone, hangUp: () => port.close() });
  } catch (error) {
    release();
    throw error;
  }
}

async function firstAnswer(port: MessagePort): Promise<HostInfo> {
  const answer = await new Promise<HostWorkerAnswer>((resolve) => {
    port.addEventListener('message', ({ data }: MessageEvent<HostWorkerAnswer>) => resolve(data), { once: true });
  });
  if ('failed' in answer) throw new Error(answer.failed);
  return answer.ready;
}

/** The bundler finds workers by these very expressions. */
function startWorker(kind: WorkerKind): Worker {
  return kind === 'vcpu'
    ? new Worker(new URL('./vcpu.worker.ts', import.meta.url), { type: 'module', name: 'vcpu' })
    : new Worker(new URL('./translator.worker.ts', import.meta.url), { type: 'module', name: 'translator' });
}
