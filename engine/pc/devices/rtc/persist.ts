export interface RtcState {
  version: 1;
  /** Register that port 71h addresses. */
  index: number;
  /** 128 bytes. The time registers hold the clock only while it is set (register B, SET). */
  cmos: Uint8Array;
  /** RTC time minus the host's time of day, in ms: changed when the guest sets the clock. */
  offsetMs: number;
  /** RTC second up to which update and alarm flags have been raised. */
  seenSecond: number;
  /** Period of the square wave, counted from power-on, up to which the periodic flag has been raised. */
  seenPeriod: number;
}
