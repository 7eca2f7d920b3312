export interface VmmouseState {
  version: 1;
  enabled: boolean;
  absolute: boolean;
  /** Words that the driver has not fetched. */
  queue: number[];
  /** The last position, 0 to FFFFh. */
  x: number;
  y: number;
  buttons: number;
}
