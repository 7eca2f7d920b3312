export interface PciState {
  version: 1;
  /** Port CF8h. */
  address: number;
  /** Port CF9h without its trigger bit. */
  resetControl: number;
  /** Configuration spaces by "slot.function". */
  functions: Record<string, Uint8Array>;
}
