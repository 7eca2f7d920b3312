// How a console reaches hosts: starts the hosts of this tab, finds those of other tabs on the subnet, and says when this
// browser cannot run any.

import type { HostConnection, HostSpec } from '../engine/host/api.ts';
import { openBroadcastPort } from '../engine/subnet/carrier/subnet.ts';
import { describeEnvironmentProblem } from './environment.ts';
import { startHostWorker } from './local-host.ts';
import { watchHosts } from './remote-hosts.ts';

/** This browser tab, as hosts announce it (HostInfo.tabId). */
export const tabId: string = crypto.randomUUID();

/** Starts a host worker in this tab. Rejects with a user-facing message. */
export async function startLocalHost(spec: HostSpec): Promise<HostConnection> {
  const problem = checkEnvironment();
  if (problem) throw new Error(problem);
  const connection = await startHostWorker(spec, tabId);
  sayGoodbyeWithPage(connection);
  return connection;
}

/** Calls `onAppear` for each host that lives in another tab, now and later. Returns the function that stops watching. */
export function watchRemoteHosts(onAppear: (connection: HostConnection) => void): () => void {
  return watchHosts(tabId, openBroadcastPort, onAppear);
}

/** User-facing message: what this browser lacks and what to do about it; undefined when everything is there. */
export function checkEnvironment(): string | undefined {
  return describeEnvironmentProblem();
}

/** The others learn of a closed tab at the latest when its locks are released; this is sooner where it gets through. */
function sayGoodbyeWithPage(connection: HostConnection): void {
  const goodbye = (event: PageTransitionEvent) => {
    // A page kept for going back is frozen, and its hosts with it: they are still there.
    if (!event.persisted) connection.api.shutdown(true).catch(() => {});
  };
  addEventListener('pagehide', goodbye);
  connection.onClosed(() => removeEventListener('pagehide', goodbye));
}
