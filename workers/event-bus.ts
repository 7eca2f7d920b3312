// A host's events on their way to consoles: plain messages `{ event }` on each console's port, beside Comlink's.

import type { HostEvent } from './api.ts';

export interface HostMessage {
  event: HostEvent;
}

export interface EventPort {
  postMessage(message: HostMessage): void;
}

export class EventBus {
  private readonly ports = new Set<EventPort>();

  /** Returns the function that unsubscribes. */
  add(port: EventPort): () => void {
    this.ports.add(port);
    return () => this.ports.delete(port);
  }

  emit(event: HostEvent): void {
    for (const port of this.ports) port.postMessage({ event });
  }
}
