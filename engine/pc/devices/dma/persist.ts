/** One 8237A. */
export interface DmaControllerState {
  /** For each channel base and current address and count: 16 bits each. */
  baseAddress: number[];
  baseCount: number[];
  address: number[];
  count: number[];
  mode: number[];
  command: number;
  mask: number;
  requests: number;
  /** The next access to a 16-bit register is of its high byte. */
  highByte: boolean;
  temporary: number;
}

export interface DmaState {
  version: 1;
  controllers: DmaControllerState[];
  /** Ports 81h..8Fh, index 0 unused. */
  pages: Uint8Array;
}
