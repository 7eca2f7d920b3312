export interface FpuErrorState {
  version: 1;
  /** IRQ 13 is high. */
  requested: boolean;
}
