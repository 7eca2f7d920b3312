// A host's events on their way to consoles: plain messages `{ event }` on each console's port, beside Comlink's.
//
// A console may be frozen while a guest prints for hours, so serial output is not sent: a console that has read to the end is
// told once that there is more, and told again only after it has read to the end again. At most one such message for each
// VM waits at a console, however long it does not look.

import type { HostEvent } from './api.ts';

export interface HostMessage {
  event: HostEvent;
}

export interface EventPort {
  postMessage(message: HostMessage): void;
}

export class EventBus {
  /** With the VMs of whose output each console waits to be told. */
  readonly #ports = new Map<EventPort, Set<string>>();

  /** Returns the function that unsubscribes. */
  add(port: EventPort): () => void {
    this.#ports.set(port, new Set());
    return () => this.#ports.delete(port);
  }

  emit(event: HostEvent): void {
    for (const port of this.#ports.keys()) port.postMessage({ event });
  }

  /** The console has read all there is: it is to be told when the VM prints more. */
  awaitSerial(port: EventPort, vmId: string): void {
    this.#ports.get(port)?.add(vmId);
  }

  /** The VM has printed, or it has left the host and goes on elsewhere. */
  serialChanged(vmId: string): void {
    for (const [port, awaited] of this.#ports) {
      if (awaited.delete(vmId)) port.postMessage({ event: { type: 'serial', vmId } });
    }
  }
}
