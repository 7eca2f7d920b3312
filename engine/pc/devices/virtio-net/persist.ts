import type { VirtioState } from '../virtio/persist.ts';

export interface VirtioNetState {
  version: 1;
  mac: Uint8Array;
  transport: VirtioState;
  /** Of the packet at the head of the transmit queue, how many of its frames have gone out. */
  framesSent: number;
  /** A received packet, with its header, that waits for buffers; empty if there is none. */
  held: Uint8Array[];
  /** Every frame that the driver had in its transmit queue has not gone out: the cable was full. */
  transmitBlocked: boolean;
  /** A frame was refused, or would be, because a packet is held. */
  receiveBlocked: boolean;
}
