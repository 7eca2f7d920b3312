// Hosts of other tabs: this console's own node on the subnet, which hears them announce themselves and connects to them.

import type { Endpoint } from 'comlink';
import { systemTimebase } from '../engine/base/timebase.ts';
import type { HostConnection } from '../engine/host/api.ts';
import { CONTROL_SERVICE } from '../engine/host/host-node.ts';
import { type OpenPort, Subnet } from '../engine/subnet/carrier/subnet.ts';
import { type HostDescription, type NodeDescription, Presence } from '../engine/subnet/presence/presence.ts';
import { webLocksWitness } from '../engine/subnet/presence/web-locks.ts';
import { EndpointHub } from '../engine/subnet/streams/endpoint.ts';
import { createHostConnection } from './host-connection.ts';

/** Returns the function that leaves the subnet. Hosts of tab `tabId` are not reported. */
export function watchHosts(
  tabId: string,
  openPort: OpenPort,
  onAppear: (connection: HostConnection) => void,
): () => void {
  const subnet = new Subnet({ nodeId: `console-${tabId}`, openPort });
  const self: NodeDescription = { id: subnet.nodeId, startedAt: Date.now() };
  const presence = new Presence({ subnet, timebase: systemTimebase, self, witness: webLocksWitness() });
  const endpoints = new EndpointHub(subnet, presence);
  /** Connected hosts by id: an announcement may come again with other settings. */
  const known = new Set<string>();

  const connect = (host: HostDescription) => {
    if (host.tabId === tabId || known.has(host.id)) return;
    known.add(host.id);
    const endpoint = endpoints.connect(host.id, CONTROL_SERVICE);
    void endpoint.closed.then(() => known.delete(host.id));
    onAppear(
      createHostConnection({
        info: host,
        endpoint: endpoint as Endpoint,
        gone: endpoint.closed,
        hangUp: () => endpoint.close(),
      }),
    );
  };
  presence.onAppeared((node) => {
    if (node.host) connect(node.host);
  });
  void presence.start();
  return () => {
    endpoints.close();
    presence.stop();
    subnet.close();
  };
}
