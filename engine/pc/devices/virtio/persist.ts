import type { FeatureSet } from './features.ts';

export interface VirtqueueState {
  /** Entries, a power of two. */
  size: number;
  enabled: boolean;
  /** The rings made no sense: nothing more is done until the driver resets the device. */
  broken: boolean;
  /** Guest-physical. */
  addresses: { descriptors: number; available: number; used: number };
  /** Next entry of the available ring to take: what lies between it and the driver's index is in flight. */
  availableIndex: number;
  /** Next entry of the used ring to fill. */
  usedIndex: number;
  /** The used index when an interrupt was last considered. */
  signalledIndex: number;
}

export interface VirtioState {
  version: 1;
  status: number;
  interruptStatus: number;
  /** What the driver has accepted. */
  features: FeatureSet;
  deviceFeatureSelect: number;
  driverFeatureSelect: number;
  queueSelect: number;
  queues: VirtqueueState[];
}
