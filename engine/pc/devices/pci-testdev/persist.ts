export interface PciTestdevState {
  version: 1;
  /** Number of the chosen test among those of both BARs, -1 for none. */
  test: number;
  count: number;
}
