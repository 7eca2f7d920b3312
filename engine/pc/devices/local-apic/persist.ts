// Saved form of the local APIC. Sets of vectors are 256 bits in 32 bytes.

export interface LocalApicState {
  version: 1;
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
  requested: Uint8Array<ArrayBuffer>;
  inService: Uint8Array<ArrayBuffer>;
}
