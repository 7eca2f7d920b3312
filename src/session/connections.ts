// The console's lines to hosts. Not in the store: a connection is a live object, the store holds plain data.
import type { HostApi, HostConnection } from '../../engine/host/api.ts';

const connections = new Map<string, HostConnection>();

export function keepConnection(connection: HostConnection): void {
  connections.set(connection.info.id, connection);
}

export function dropConnection(hostId: string): void {
  connections.get(hostId)?.close();
  connections.delete(hostId);
}

export function hasConnection(hostId: string): boolean {
  return connections.has(hostId);
}

/** @throws if the host has gone */
export function apiOf(hostId: string): HostApi {
  const connection = connections.get(hostId);
  if (!connection) throw new Error('The host is no longer there.');
  return connection.api;
}
