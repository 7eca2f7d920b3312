// The calls by which one console reads and types, as the host serves them: after each that leaves it with nothing to read, or
// with input that may have found no room, the console is notified once when there is more (event-bus.ts).

import type { HostApi, ReadScreenOptions, ScreenChunk } from './api.ts';
import type { EventBus, EventPort } from './event-bus.ts';

export interface ServedHost extends HostApi {
  readonly events: EventBus;
  readScreenFor(reader: object, vmId: string, options?: ReadScreenOptions): Promise<ScreenChunk>;
  closeScreenFor(reader: object, vmId: string): void;
  /** It reads no more. */
  forgetScreenReader(reader: object): void;
}

/** @param port where the console gets its events: EventBus.add has been called with it */
export function serialCalls(host: ServedHost, port: EventPort): Pick<HostApi, 'readSerial' | 'serialInput'> {
  return {
    async readSerial(vmId, position, limit, channel) {
      const chunk = await host.readSerial(vmId, position, limit, channel);
      // No message of the vCPU comes in between: nothing here waits for more than microtasks.
      if (chunk.position + chunk.bytes.length === chunk.end) host.events.await(port, 'serial', vmId, channel);
      return chunk;
    },
    serialInput(vmId, bytes, options) {
      host.events.await(port, 'serial-room', vmId);
      return host.serialInput(vmId, bytes, options);
    },
  };
}
