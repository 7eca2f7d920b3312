import type { VirtioState } from '../virtio/persist.ts';

export interface VirtioBlkState {
  version: 1;
  transport: VirtioState;
  /** What is written need not be flushed before it is answered, as the driver has set it. */
  writeback: boolean;
  /** First descriptors of the requests that are not answered, in the order in which the driver made them available. They are read from the guest again. */
  inFlight: number[];
}
