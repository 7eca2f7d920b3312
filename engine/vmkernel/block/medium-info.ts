/** A medium that is open. */
export interface MediumInfo {
  /** Bytes, whole sectors. */
  size: number;
  readOnly: boolean;
}
