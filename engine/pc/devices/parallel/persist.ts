// Saved form of a parallel port: its two registers that can be written.

export interface ParallelState {
  version: 1;
  data: number;
  control: number;
}
