/** One 8259A. Bit n of a mask is input n. */
export interface ChipState {
  /** Levels of the input lines. */
  lines: number;
  requests: number;
  inService: number;
  mask: number;
  /** Inputs that are level-triggered (ELCR). */
  levelTriggered: number;
  vectorBase: number;
  lowestPriority: number;
  /** Initialization word expected next: 0 none, 2, 3, 4. */
  expecting: number;
  needsIcw4: boolean;
  single: boolean;
  readInService: boolean;
  poll: boolean;
  specialMask: boolean;
  specialFullyNested: boolean;
  autoEoi: boolean;
  rotateOnAutoEoi: boolean;
}

export interface PicState {
  version: 1;
  master: ChipState;
  slave: ChipState;
}
