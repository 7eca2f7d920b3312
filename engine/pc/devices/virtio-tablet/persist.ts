import type { VirtioState } from '../virtio/persist.ts';

export interface VirtioTabletState {
  version: 1;
  transport: VirtioState;
  select: number;
  subselect: number;
  /** As the guest knows them. */
  buttons: number;
  /** Reports that have not reached the guest: each of events of 8 bytes. */
  waiting: Uint8Array[];
}
