// A console's line to one host, whatever carries it: a worker's port or a connection over the subnet.

import { type Endpoint, wrap } from 'comlink';
import type { HostApi, HostConnection, HostEvent, HostInfo } from './api.ts';
import type { HostMessage } from './event-bus.ts';
import { guardCalls } from './guarded-calls.ts';

export interface HostLine {
  info: HostInfo;
  endpoint: Endpoint;
  /** Resolves with the reason, for a person, when nothing comes through any more. */
  gone: Promise<string>;
  hangUp(): void;
}

export function createHostConnection({ info, endpoint, gone, hangUp }: HostLine): HostConnection {
  const listeners = new Set<(event: HostEvent) => void>();
  let over = false;
  void gone.then(() => {
    over = true;
    listeners.clear();
  });
  endpoint.addEventListener('message', ((message: MessageEvent<Partial<HostMessage>>) => {
    const { event } = message.data;
    if (event) for (const listener of [...listeners]) listener(event);
  }) as EventListener);
  return {
    info,
    api: guardCalls(wrap<HostApi>(endpoint) as HostApi, gone),
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onClosed(listener) {
      let wanted = true;
      void gone.then(() => {
        if (wanted) listener();
      });
      return () => {
        wanted = false;
      };
    },
    close() {
      if (!over) hangUp();
    },
  };
}
