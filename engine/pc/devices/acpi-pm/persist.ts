export interface AcpiPmState {
  version: 1;
  status: number;
  enable: number;
  control: number;
  /** Half-period of the timer's bit 23 up to which TMR_STS has been raised. */
  seenCarry: number;
}
