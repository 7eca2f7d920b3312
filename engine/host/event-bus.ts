// A host's events on their way to consoles: plain messages `{ event }` on each console's port, beside Comlink's.
//
// A console may be frozen while a guest prints for hours, so serial output is not sent: a console that has read to the end is
// notified once that there is more, and again only after it has read to the end again. Likewise for room for input, and for screens. At most
// one such message of each kind and VM waits at a console, however long it does not look.

import type { HostEvent } from './api.ts';

/** What a console waits to be notified of once. */
export type AwaitedNews = 'serial' | 'serial-room' | 'screen' | 'speaker';

export interface HostMessage {
  event: HostEvent;
}

export interface EventPort {
  postMessage(message: HostMessage): void;
}

export class EventBus {
  /** With what each console waits for. */
  readonly #ports = new Map<EventPort, Set<string>>();

  /** Returns the function that unsubscribes. */
  add(port: EventPort): () => void {
    this.#ports.set(port, new Set());
    return () => this.#ports.delete(port);
  }

  emit(event: HostEvent): void {
    for (const port of this.#ports.keys()) port.postMessage({ event });
  }

  /** The console is to be notified, once. @param channel of the output, if it is not COM1 */
  await(port: EventPort, type: AwaitedNews, vmId: string, channel?: string): void {
    this.#ports.get(port)?.add(key(type, vmId, channel));
  }

  /** The VM has printed or has room for input, or it has left the host and goes on elsewhere. */
  tell(type: AwaitedNews, vmId: string, channel?: string): void {
    for (const [port, awaited] of this.#ports) {
      if (!awaited.delete(key(type, vmId, channel))) continue;
      port.postMessage({ event: { type, vmId, ...(channel !== undefined && { channel }) } });
    }
  }
}

function key(...parts: (string | undefined)[]): string {
  return JSON.stringify(parts);
}
