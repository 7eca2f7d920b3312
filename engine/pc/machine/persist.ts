// The saved form of a whole machine, apart from CPU and memory: used by migration, suspend and snapshots alike.
// Plain structured-cloneable data. Each device's part is typed in the persist.ts beside the device.
import type { ClockState } from '../bus/clock.ts';

export const MACHINE_STATE_VERSION = 1;

export interface MachineState {
  version: typeof MACHINE_STATE_VERSION;
  memoryMiB: number;
  clock: ClockState;
  /** By device name; every device checks its own. */
  devices: Record<string, unknown>;
}
