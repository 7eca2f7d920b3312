// A host worker in a browser: starts one host and serves it to the page's console over the port it is given, and to consoles
// of other tabs over the subnet.

import type { Endpoint } from 'comlink';
import { HostService } from '../engine/host/host-service.ts';
import { openBroadcastPort } from '../engine/subnet/carrier/subnet.ts';
import { MemoryTerms } from '../engine/subnet/presence/memory-terms.ts';
import { webLocksTerms, webLocksWitness } from '../engine/subnet/presence/web-locks.ts';
import { drivesAt } from './block/drive-lines.ts';
import type { HostWorkerAnswer, HostWorkerEnd, HostWorkerStart } from './host-worker-protocol.ts';
import { createImageLoader } from './image-loader.ts';
import { loadEngine } from './launch-vcpu.ts';
import { indexedDbLeases } from './lease-store.ts';
import { browserPlatform } from './platform-browser.ts';
import { serveConsole } from './serve-console.ts';

addEventListener('message', ({ data }: MessageEvent<HostWorkerStart>) => void start(data), { once: true });

async function start({ spec, tabId, baseUrl, port, drives, workers }: HostWorkerStart): Promise<void> {
  const answer = (message: HostWorkerAnswer | HostWorkerEnd) => port.postMessage(message);
  try {
    const host = await HostService.start({
      spec,
      tabId,
      loadEngine: () => loadEngine(browserPlatform(workers)),
      cores: navigator.hardwareConcurrency,
      openPort: openBroadcastPort,
      witness: webLocksWitness(),
      terms: webLocksTerms() ?? new MemoryTerms(),
      leaseStore: indexedDbLeases,
      fetchImage: createImageLoader(baseUrl),
      connectDrives: drivesAt(drives),
      onConsole: (host, endpoint) => serveConsole(host, endpoint as Endpoint, endpoint.closed),
      onShutdown: () => {
        // After the answer to the call that asked for it has been posted.
        setTimeout(() => {
          answer({ ended: true });
          close();
        });
      },
    });
    answer({ ready: await host.info() });
    serveConsole(host, port);
  } catch (error) {
    answer({ failed: error instanceof Error ? error.message : String(error) });
  }
}
