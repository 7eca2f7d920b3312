// Our hosts in this Node process, for guests that share a network: BroadcastChannel does not leave a process.

import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { deferred } from '../../engine/base/deferred.ts';
import type { HostSpec } from '../../engine/host/api.ts';
import { HostService } from '../../engine/host/host-service.ts';
import { openBroadcastPort } from '../../engine/subnet/carrier/subnet.ts';
import { NO_TERMS } from '../../engine/subnet/presence/memory-terms.ts';
import { createHostConnection } from '../../workers/host-connection.ts';
import { loadEngine } from '../../workers/launch-vcpu.ts';
import { nodePlatform } from '../../workers/platform-node.ts';
import { serveConsole } from '../../workers/serve-console.ts';
import type { GuestImage } from '../images/guest-image.ts';
import { measureProcessTree } from '../measure/process-tree.ts';
import type { Placement, RunningGuests } from './engine.ts';
import type { PageGuest } from './page-api.ts';
import { type RunningHost, TabvisorHosts } from './tabvisor-hosts.ts';

export async function startInProcess(placement: Placement): Promise<RunningGuests> {
  const hosts = new TabvisorHosts(startHost);
  await hosts.start(placement.map((images) => images.map(byPath)));
  return {
    waitFor: (pattern, timeoutMs, guest = 0) => hosts.waitFor(guest, pattern, timeoutMs),
    send: (text, guest = 0) => hosts.send(guest, text),
    pid: process.pid,
    usage: () => measureProcessTree(process.pid),
    async stop() {
      const figures = await hosts.figures();
      await hosts.shutDown();
      return figures;
    },
  };
}

/** Its console speaks to it as any console does, over a channel. */
async function startHost(spec: HostSpec): Promise<RunningHost> {
  const { port1: ours, port2: theirs } = new MessageChannel();
  const { promise: gone, resolve: over } = deferred<string>();
  const service = await HostService.start({
    spec,
    tabId: 'bench',
    loadEngine: () => loadEngine(nodePlatform),
    cores: availableParallelism(),
    openPort: openBroadcastPort,
    // The guests bring their addresses along.
    terms: NO_TERMS,
    leaseStore: { load: async () => undefined, save: async () => {} },
    fetchImage: async (image) => (image.kind === 'url' ? new Uint8Array(await readFile(image.url)) : image.bytes),
    onConsole() {},
    // After the answer to the call that asked for it has arrived.
    onShutdown: () => setTimeout(() => over(`${spec.name} was shut down.`)),
  });
  void gone.then(() => ours.close());
  theirs.start();
  serveConsole(service, theirs, gone);
  return createHostConnection({ info: await service.info(), endpoint: ours, gone, hangUp: () => ours.close() });
}

/** Here there is nothing that serves drives. */
function byPath({ linux, drives = [], ...rest }: GuestImage): PageGuest {
  if (!linux || drives.length > 0) throw new Error('In this process guests have no drives.');
  const { kernel, initrd, commandLine } = linux;
  return { ...rest, linux: { kernelUrl: kernel.path, initrdUrl: initrd.path, commandLine }, drives: [] };
}
