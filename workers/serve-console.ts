// Serves a host to a console of another tab over the subnet: Comlink's calls and the host's events on one connection.

import { type Endpoint, expose } from 'comlink';
import type { SubnetEndpoint } from '../engine/cluster/endpoint.ts';
import type { HostService } from './host-service.ts';

export function serveRemoteConsole(host: HostService, endpoint: SubnetEndpoint): void {
  const unsubscribe = host.events.add(endpoint);
  void endpoint.closed.then(unsubscribe);
  expose(host, endpoint as Endpoint);
}
