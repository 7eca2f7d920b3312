export interface Port92State {
  version: 1;
  /** The bits that only remember: 7..2. */
  stored: number;
  /** Bit 0 as last written; its rise resets. */
  resetBit: boolean;
}
