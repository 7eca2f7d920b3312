// The two ends of a host's line to its page, on which it has the page start and end the workers of its vCPUs and its translator.
//
// Invariant: only a page starts workers (`npm run layers` sees to it). In Firefox (seen in 153) a worker that starts another may
// never go on: it waits on the new worker's condition variable for the main thread to have registered that (`WorkerPrivate::
// WaitForIsDebuggerRegistered`), on which the new worker's event loop waits as well, and one of the two is woken.

import type { SpawnedWorker } from './platform.ts';

export type WorkerKind = 'vcpu' | 'translator';

/** Host → page. */
interface WorkerRequest {
  kind: WorkerKind;
  /** For the worker, which is posted `{ port }`. */
  port: MessagePort;
  /** Any message on it ends the worker; the page posts a WorkerDeath there. */
  control: MessagePort;
}

/** Page → host. */
interface WorkerDeath {
  detail: string;
}

/** In the page, for one host. Returns what ends the line and all its workers. */
export function serveWorkers(line: MessagePort, start: (kind: WorkerKind) => Worker): () => void {
  const ends = new Set<() => void>();
  line.onmessage = ({ data: { kind, port, control } }: MessageEvent<WorkerRequest>) => {
    const died = (detail: string) => control.postMessage({ detail } satisfies WorkerDeath);
    let worker: Worker;
    try {
      worker = start(kind);
    } catch (error) {
      died(error instanceof Error ? error.message : String(error));
      return;
    }
    const end = () => {
      ends.delete(end);
      control.close();
      worker.terminate();
    };
    ends.add(end);
    control.onmessage = end;
    worker.addEventListener('error', ({ message }) => died(message || 'it did not load'));
    worker.postMessage({ port }, [port]);
  };
  return () => {
    line.onmessage = null;
    line.close();
    for (const end of [...ends]) end();
  };
}

/** In the host's worker: what starts a worker. */
export function workersAt(line: MessagePort): (kind: WorkerKind) => SpawnedWorker {
  return (kind) => {
    const { port1: ours, port2: port } = new MessageChannel();
    const { port1: watch, port2: control } = new MessageChannel();
    const request: WorkerRequest = { kind, port, control };
    line.postMessage(request, [port, control]);
    return {
      port: ours,
      onError(listener) {
        watch.onmessage = ({ data }: MessageEvent<WorkerDeath>) => listener(data.detail);
      },
      async terminate() {
        watch.postMessage({});
        watch.close();
        ours.close();
      },
    };
  };
}
