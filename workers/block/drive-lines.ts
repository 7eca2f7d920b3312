// The two ends of a host's line to the block worker of its tab: calls by Comlink, problems as plain messages `{ problem }` on the same
// port.

import { type Endpoint, expose, wrap } from 'comlink';
import type { BlockStore } from '../../engine/vmkernel/block/block-store.ts';
import type { ConnectDrives, DriveProblem, DriveStore } from '../../engine/vmkernel/block/drive-store.ts';

interface ProblemMessage {
  problem: DriveProblem;
}

/** In the block worker, for each host. Returns what ends it when the host is gone. */
export function serveDrives(store: BlockStore, port: MessagePort): () => Promise<void> {
  const drives = store.connect((problem) => port.postMessage({ problem } satisfies ProblemMessage));
  expose(drives, port as Endpoint);
  return () => drives.close();
}

/** In the host's worker. */
export function drivesAt(port: MessagePort): ConnectDrives {
  return (onProblem) => {
    port.addEventListener('message', ({ data }: MessageEvent<Partial<ProblemMessage>>) => {
      if (data.problem) onProblem(data.problem);
    });
    return wrap<DriveStore>(port as Endpoint) as unknown as DriveStore;
  };
}
