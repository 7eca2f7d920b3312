// Saved form of the local APIC. Sets of vectors are 256 bits in 32 bytes.

import type { Upgrades } from '../../../base/upgrades.ts';

export const LOCAL_APIC_UPGRADES: Upgrades = {
  // It was not said whether a one-shot had interrupted: one interrupt too many is better than none.
  1: (form: object) => ({ ...form, timerExpired: false }),
};

export interface LocalApicState {
  version: 2;
  taskPriority: number;
  logicalDestination: number;
  destinationFormat: number;
  spuriousVector: number;
  commandLow: number;
  commandHigh: number;
  /** Timer, thermal, performance, LINT0, LINT1, error. */
  localVectors: number[];
  initialCount: number;
  divideConfiguration: number;
  /** Guest time in ns at which the timer began to count down. */
  timerStart: number;
  /** A one-shot has interrupted, or has run down while it was masked. */
  timerExpired: boolean;
  requested: Uint8Array<ArrayBuffer>;
  inService: Uint8Array<ArrayBuffer>;
}
