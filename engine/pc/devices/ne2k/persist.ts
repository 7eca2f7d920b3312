export interface Ne2kState {
  version: 1;
  command: number;
  pageStart: number;
  pageStop: number;
  boundary: number;
  currentPage: number;
  transmitPage: number;
  transmitCount: number;
  transmitStatus: number;
  interruptStatus: number;
  interruptMask: number;
  remoteAddress: number;
  remoteCount: number;
  receiveConfig: number;
  receiveStatus: number;
  transmitConfig: number;
  dataConfig: number;
  /** The card's own address registers, from which the filter works. */
  physicalAddress: Uint8Array;
  multicastFilter: Uint8Array;
  /** Packet memory. */
  memory: Uint8Array;
  /** A frame was refused for want of room in the receive ring. */
  receiveBlocked: boolean;
}
