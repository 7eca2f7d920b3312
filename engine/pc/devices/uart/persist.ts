export interface UartState {
  version: 1;
  interruptEnable: number;
  fifoEnabled: boolean;
  /** Bytes in the receive FIFO that raise the data interrupt: 1, 4, 8, 14. */
  trigger: number;
  lineControl: number;
  modemControl: number;
  /** Error bits of the line status, kept until it is read. */
  lineErrors: number;
  modemDeltas: number;
  scratch: number;
  divisor: number;
  /** The transmitter-empty interrupt is due. */
  transmitterPending: boolean;
  timeoutPending: boolean;
  /** The guest has raised RTS or DTR since reset. */
  usesModemControl: boolean;
  received: number[];
  /** Input that the guest's FIFO has not had yet. */
  input: number[];
  /** Guest time in ns from which the line can carry the next byte. */
  lineFreeAt: number;
}
