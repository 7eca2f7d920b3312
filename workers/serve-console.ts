// Serves a host to one console, of its own tab or of another: Comlink's calls and the host's events on one connection.

import { type Endpoint, expose } from 'comlink';
import type { SubnetEndpoint } from '../engine/cluster/endpoint.ts';
import type { HostApi } from './api.ts';
import type { EventPort } from './event-bus.ts';
import type { HostService } from './host-service.ts';

/** Returns the function that sends the console no more events. */
export function serveConsole(host: HostService, port: Endpoint): () => void {
  const unsubscribe = host.events.add(port);
  expose(forConsole(host, port), port);
  return unsubscribe;
}

export function serveRemoteConsole(host: HostService, endpoint: SubnetEndpoint): void {
  const stop = serveConsole(host, endpoint as Endpoint);
  void endpoint.closed.then(stop);
}

/** The host's API, with what depends on who asks. */
function forConsole(host: HostService, port: EventPort): HostApi {
  const own: Pick<HostApi, 'readSerial'> = {
    async readSerial(vmId, position, limit) {
      const chunk = await host.readSerial(vmId, position, limit);
      // No message of the vCPU comes in between: nothing here waits for more than microtasks.
      if (chunk.position + chunk.bytes.length === chunk.end) host.events.awaitSerial(port, vmId);
      return chunk;
    },
  };
  return new Proxy(host, {
    get(target, name) {
      if (name in own) return own[name as keyof typeof own];
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
