import type { VirtioState } from '../virtio/persist.ts';

export interface VirtioNetState {
  version: 1;
  mac: Uint8Array;
  transport: VirtioState;
  /** Every frame that the driver had in its transmit queue has not gone out: the cable was full. */
  transmitBlocked: boolean;
  /** A frame was refused for want of a buffer. */
  receiveBlocked: boolean;
}
