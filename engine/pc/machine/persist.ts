// The saved form of a whole machine, apart from CPU and memory: used by migration, suspend and snapshots alike.
// Plain structured-cloneable data. Each device's part is typed in the persist.ts beside the device.
import type { Upgrades } from '../../base/upgrades.ts';
import type { ClockState } from '../bus/clock.ts';

/**
 * Rises with every device that becomes part of every machine and has a state: forms of earlier versions lack it, and it stays as it
 * is after power-on then.
 */
export const MACHINE_STATE_VERSION = 4;

export const MACHINE_UPGRADES: Upgrades = {
  // The first version was one in which every device had to be there.
  1: (form: object) => form,
  // Of the second, drives, the screen and the mouse were no part.
  2: (form: object) => form,
  // Of the third, x87 errors by interrupt were none.
  3: (form: object) => form,
};

export interface MachineState {
  version: typeof MACHINE_STATE_VERSION;
  memoryMiB: number;
  clock: ClockState;
  /** By device name; every device checks its own. */
  devices: Record<string, unknown>;
}
