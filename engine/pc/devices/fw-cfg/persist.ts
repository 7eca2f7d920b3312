// Saved form of the firmware configuration device: which item is being read, and how far.

export interface FwCfgState {
  version: 1;
  selected: number;
  position: number;
}
