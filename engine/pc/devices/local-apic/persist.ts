// Saved form of the local APIC. Sets of vectors are 256 bits in 32 bytes.

import type { Upgrades } from '../../../base/upgrades.ts';

export const LOCAL_APIC_UPGRADES: Upgrades = {
  // It was not said whether a one-shot had interrupted: one interrupt too many is better than none.
  1: (form: object) => ({ ...form, timerExpired: false }),
  // There was no I/O APIC, hence nothing level-triggered and no ExtINT message.
  2: (form: object) => ({ ...form, externalRequested: false, levelTriggered: new Uint8Array(32) }),
};

export interface LocalApicState {
  version: 3;
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
  /** A message has had the 8259s asked for a vector, and they have not been yet. */
  externalRequested: boolean;
  requested: Uint8Array<ArrayBuffer>;
  inService: Uint8Array<ArrayBuffer>;
  /** Of those requested and in service, the level-triggered ones. */
  levelTriggered: Uint8Array<ArrayBuffer>;
}
