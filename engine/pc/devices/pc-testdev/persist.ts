export interface PcTestdevState {
  version: 1;
  latch: number;
  memory: Uint8Array;
}
