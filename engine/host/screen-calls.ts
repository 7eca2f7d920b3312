// The call by which one console reads screens, as the host serves it: after each it is notified once when there is more to read
// (event-bus.ts), or when the VM is switched on, off, or has left.

import { deflateSync } from 'fflate';
import type { ScreenUpdate } from '../vmkernel/screen/vm-screen.ts';
import type { HostApi, ReadScreenOptions, ScreenChunk } from './api.ts';
import type { EventPort } from './event-bus.ts';
import type { ServedHost } from './serial-calls.ts';

/** What passes through the subnet comes in smaller pieces. */
const COMPRESSED_CHUNK_BYTES = 512 * 1024;
/** Fast rather than small. */
const LEVEL = 1;

/** @param port where the console gets its events: EventBus.add has been called with it */
export function screenCalls(host: ServedHost, port: EventPort): Pick<HostApi, 'readScreen' | 'closeScreen'> {
  return {
    readScreen(vmId, options) {
      // Before it is read: what changes meanwhile is not missed.
      host.events.await(port, 'screen', vmId);
      return host.readScreenFor(port, vmId, options);
    },
    async closeScreen(vmId) {
      host.closeScreenFor(port, vmId);
    },
  };
}

/** Bytes of pages that one answer may have. */
export function screenLimit({ compress }: ReadScreenOptions): number | undefined {
  return compress ? COMPRESSED_CHUNK_BYTES : undefined;
}

export function screenChunk(update: ScreenUpdate, { compress, share }: ReadScreenOptions): ScreenChunk {
  if (share) return update;
  if (!compress || update.bytes.length === 0) return { ...update, bytes: update.bytes.slice() };
  return { ...update, bytes: deflateSync(update.bytes, { level: LEVEL }) as Uint8Array<ArrayBuffer>, compressed: true };
}
