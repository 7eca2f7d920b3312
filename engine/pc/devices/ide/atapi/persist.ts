/** Sense key, additional sense code and its qualifier. */
export interface Sense {
  key: number;
  code: number;
  qualifier: number;
}

export interface PacketUnitState {
  sense: Sense;
  /** Unit attentions in the order in which they are to be reported: additional sense codes. */
  attentions: number[];
  trayOpen: boolean;
  locked: boolean;
  /** Of GET EVENT STATUS NOTIFICATION. */
  event: number;
  /** Mode pages as the guest has set them. */
  errorRecovery: Uint8Array;
  audioControl: Uint8Array;
}
