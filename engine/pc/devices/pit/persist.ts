/** One counter of the 8254. Times are ticks of the PIT's clock since power-on. */
export interface ChannelState {
  mode: number;
  bcd: boolean;
  /** 1 low byte only, 2 high byte only, 3 low then high. */
  access: number;
  gate: boolean;
  /** Initial count 1..65536 of the cycle that runs. */
  count: number;
  /** Count that takes over at the tick `nextAt` (modes 2 and 3), 0 if none. */
  nextCount: number;
  nextAt: number;
  /** Tick at which `count` was loaded. */
  start: number;
  /** False until a count is written (modes 0, 2, 3, 4) or the gate triggers (1, 5). */
  counting: boolean;
  /** Ticks that had passed when the gate stopped the counter, -1 while it runs. */
  heldAt: number;
  /** Latched count, its bytes not yet read; -1 if none. */
  latchedCount: number;
  latchedStatus: number;
  /** The next read, or write, is of the high byte. */
  readHigh: boolean;
  writeHigh: boolean;
  writeLow: number;
}

export interface PitState {
  version: 1;
  channels: ChannelState[];
  /** Port 61h, bits 0..3. */
  portB: number;
  /** Tick of the last timer interrupt that was raised. */
  raisedAt: number;
}
