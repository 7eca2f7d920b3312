// The packet captures that consoles run on a host.

import type { Capture } from '../subnet/capture/capture.ts';
import type { HostNetwork } from '../subnet/host-network/host-network.ts';
import type { CaptureView } from './api.ts';

/** Each keeps up to 8 MiB of frames. */
const MAXIMUM = 4;
const LINES_MOST = 2000;

export class Captures {
  readonly #network: HostNetwork;
  readonly #running = new Map<string, Capture>();
  #count = 0;

  constructor(network: HostNetwork) {
    this.#network = network;
  }

  /** @param mac of the card to listen at; everything if left out. Throws an Error with a user-facing message. */
  start(mac?: string): string {
    if (this.#running.size >= MAXIMUM) {
      throw new Error(`${MAXIMUM} captures run on this host already. Close one of them first.`);
    }
    this.#count += 1;
    const id = String(this.#count);
    this.#running.set(id, this.#network.capture(mac));
    return id;
  }

  read(id: string, after: number, limit: number): CaptureView {
    const capture = this.#get(id);
    const { captured, dropped } = capture;
    return { captured, dropped, lines: capture.lines(after, Math.min(limit, LINES_MOST)) };
  }

  file(id: string): Uint8Array<ArrayBuffer> {
    return this.#get(id).toPcapng();
  }

  stop(id: string): void {
    this.#get(id).stop();
  }

  discard(id: string): void {
    this.#running.get(id)?.stop();
    this.#running.delete(id);
  }

  #get(id: string): Capture {
    const capture = this.#running.get(id);
    if (!capture) throw new Error('There is no such capture on this host (any more).');
    return capture;
  }
}
