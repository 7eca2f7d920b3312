// Frames that wait for a guest that is stopped or has not arrived yet: bounded, in order.

import type { Frame } from '../packet/ethernet.ts';
import type { Origin } from '../switch/switch-port.ts';

export interface BufferedFrame {
  frame: Frame;
  origin: Origin | undefined;
}

const CAPACITY_BYTES = 1 << 20;
const CAPACITY_FRAMES = 4096;

export class FrameBuffer {
  #frames: BufferedFrame[] = [];
  #bytes = 0;

  get isFull(): boolean {
    return this.#frames.length >= CAPACITY_FRAMES || this.#bytes >= CAPACITY_BYTES;
  }

  add(buffered: BufferedFrame): void {
    this.#frames.push(buffered);
    this.#bytes += buffered.frame.length;
  }

  dropOldest(): void {
    this.#bytes -= this.#frames.shift()?.frame.length ?? 0;
  }

  /** All of them, oldest first; the buffer is empty afterwards. */
  take(): BufferedFrame[] {
    const frames = this.#frames;
    this.#frames = [];
    this.#bytes = 0;
    return frames;
  }
}
