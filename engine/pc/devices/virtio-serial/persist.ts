import type { VirtioState } from '../virtio/persist.ts';

export interface VirtioSerialState {
  version: 1;
  transport: VirtioState;
  /** Control messages for which the driver had no buffers yet, in order. */
  messages: Uint8Array[];
  /** By port. */
  ports: { number: number; guestOpen: boolean; input: Uint8Array }[];
}
