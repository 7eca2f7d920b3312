// One counter of an Intel 8254 (data sheet order 231164). Nothing counts here: count and output are computed from the
// present tick when they are read, so an unobserved counter costs nothing.
//
// A count is loaded with the tick after it was written; until then the counter reads as just loaded. While the gate holds a
// counter, `heldAt` keeps how far it had come.
import type { ChannelState } from './persist.ts';

const STATUS_OUT = 0x80;
const STATUS_NULL_COUNT = 0x40;

export class Channel {
  #s: ChannelState;

  constructor(gate: boolean) {
    this.#s = initialState(gate);
  }

  /** Mode 0..5. */
  get mode(): number {
    return this.#s.mode;
  }

  /** Does a count end in one pulse or edge, not in a series of them? */
  get singleShot(): boolean {
    return this.#s.mode !== 2 && this.#s.mode !== 3;
  }

  /** Ticks of one cycle. */
  get period(): number {
    return this.#s.count;
  }

  get gate(): boolean {
    return this.#s.gate;
  }

  setGate(tick: number, gate: boolean): void {
    const s = this.#s;
    if (gate === s.gate) return;
    this.#settle(tick);
    if (gate) {
      s.gate = true;
      if (s.mode === 0 || s.mode === 4) {
        if (s.heldAt >= 0) s.start = tick - s.heldAt;
      } else {
        // A rising gate (re)triggers modes 1 and 5 and restarts a cycle of modes 2 and 3, with the newest count.
        if (s.nextCount) s.count = s.nextCount;
        s.nextCount = 0;
        s.start = tick + 1;
        if (s.mode === 1 || s.mode === 5) s.counting = true;
      }
      s.heldAt = -1;
    } else {
      if (s.mode !== 1 && s.mode !== 5) s.heldAt = this.#elapsed(tick);
      s.gate = false;
    }
  }

  /** A control word that addresses this counter and is no latch command: bits 5..4 access, 3..1 mode, 0 BCD. */
  control(word: number): void {
    const mode = (word >> 1) & 7;
    this.#s = {
      ...initialState(this.#s.gate),
      mode: mode > 5 ? mode - 4 : mode,
      bcd: (word & 1) !== 0,
      access: (word >> 4) & 3,
    };
  }

  latchCount(tick: number): void {
    if (this.#s.latchedCount < 0) this.#s.latchedCount = this.#value(tick);
  }

  latchStatus(tick: number): void {
    const s = this.#s;
    if (s.latchedStatus >= 0) return;
    const pending = !s.counting || s.nextCount > 0 || tick < s.start;
    s.latchedStatus =
      (this.output(tick) ? STATUS_OUT : 0) |
      (pending ? STATUS_NULL_COUNT : 0) |
      (s.access << 4) |
      (s.mode << 1) |
      (s.bcd ? 1 : 0);
  }

  read(tick: number): number {
    const s = this.#s;
    if (s.latchedStatus >= 0) {
      const status = s.latchedStatus;
      s.latchedStatus = -1;
      return status;
    }
    const value = s.latchedCount >= 0 ? s.latchedCount : this.#value(tick);
    const high = s.access === 2 || (s.access === 3 && s.readHigh);
    if (s.access === 3) s.readHigh = !s.readHigh;
    if (s.access !== 3 || high) s.latchedCount = -1;
    return high ? value >> 8 : value & 0xff;
  }

  /** Returns true if the write completed a count that starts, or restarts, the counter. */
  write(tick: number, byte: number): boolean {
    const s = this.#s;
    if (s.access === 3 && !s.writeHigh) {
      s.writeLow = byte;
      s.writeHigh = true;
      if (s.mode === 0) s.counting = false; // the first byte stops the count, OUT stays low
      return false;
    }
    s.writeHigh = false;
    const raw = s.access === 1 ? byte : s.access === 2 ? byte << 8 : s.writeLow | (byte << 8);
    const count = s.bcd ? fromBcd(raw) || 10000 : raw || 0x10000;
    this.#settle(tick);
    if (s.mode === 1 || s.mode === 5) {
      // Takes effect with the next trigger; a shot under way ends as it began.
      s.nextCount = count;
      s.nextAt = Number.MAX_SAFE_INTEGER;
      return false;
    }
    if ((s.mode === 2 || s.mode === 3) && s.counting && s.heldAt < 0) {
      const unit = s.mode === 3 ? s.count / 2 : s.count;
      s.nextCount = count;
      s.nextAt = s.start + Math.ceil((Math.floor(this.#elapsed(tick) / unit) + 1) * unit);
      return false;
    }
    s.count = count;
    s.nextCount = 0;
    s.start = tick + 1;
    s.counting = true;
    s.heldAt = s.gate ? -1 : 0;
    return true;
  }

  /** Level of the OUT pin. */
  output(tick: number): boolean {
    this.#settle(tick);
    const s = this.#s;
    const elapsed = this.#elapsed(tick);
    switch (s.mode) {
      case 0:
        return s.counting && elapsed >= s.count;
      case 1:
        return !s.counting || elapsed >= s.count;
      case 2:
        return !s.counting || !s.gate || elapsed % s.count !== s.count - 1;
      case 3:
        return !s.counting || !s.gate || elapsed % s.count < (s.count + 1) >> 1;
      default:
        return !s.counting || elapsed !== s.count;
    }
  }

  /** What OUT does from now on by itself: a square wave or pulses of so many ticks, or it stays (0). */
  get wave(): number {
    const s = this.#s;
    const cyclic = (s.mode === 2 || s.mode === 3) && s.counting && s.gate;
    return cyclic ? s.nextCount || s.count : 0;
  }

  /** The first tick after `tick` at which OUT rises; undefined if it will not by itself. */
  nextRise(tick: number): number | undefined {
    const s = this.#s;
    if (!s.counting || s.heldAt >= 0) return undefined;
    if (s.mode === 2 || s.mode === 3) {
      const rise = s.start + Math.max(0, Math.floor((tick - s.start) / s.count) + 1) * s.count;
      if (!s.nextCount || rise <= s.nextAt) return rise;
      return s.nextAt > tick ? s.nextAt : s.nextAt + s.nextCount;
    }
    const rise = s.start + s.count + (s.mode >= 4 ? 1 : 0);
    return rise > tick ? rise : undefined;
  }

  save(): ChannelState {
    return { ...this.#s };
  }

  restore(state: ChannelState): void {
    this.#s = { ...state };
  }

  /** Lets a count that waited for the end of its predecessor's cycle take over. */
  #settle(tick: number): void {
    const s = this.#s;
    if (!s.nextCount || tick < s.nextAt) return;
    s.count = s.nextCount;
    s.start = s.nextAt;
    s.nextCount = 0;
  }

  #elapsed(tick: number): number {
    const s = this.#s;
    return s.heldAt >= 0 ? s.heldAt : Math.max(0, tick - s.start);
  }

  /** What a read returns, in the counter's own number format. */
  #value(tick: number): number {
    this.#settle(tick);
    const s = this.#s;
    const elapsed = s.counting ? this.#elapsed(tick) : 0;
    const wrap = s.bcd ? 10000 : 0x10000;
    let value: number;
    if (s.mode === 2) {
      value = s.count - (elapsed % s.count);
    } else if (s.mode === 3) {
      // Counts down by two, once for each half of the square wave.
      const position = elapsed % s.count;
      const high = (s.count + 1) >> 1;
      value = Math.max(0, s.count - (s.count & 1) - 2 * (position < high ? position : position - high));
    } else {
      value = (((s.count - elapsed) % wrap) + wrap) % wrap;
    }
    value %= wrap;
    return s.bcd ? toBcd(value) : value;
  }
}

function initialState(gate: boolean): ChannelState {
  return {
    mode: 0,
    bcd: false,
    access: 3,
    gate,
    count: 0x10000,
    nextCount: 0,
    nextAt: 0,
    start: 0,
    counting: false,
    heldAt: -1,
    latchedCount: -1,
    latchedStatus: -1,
    readHigh: false,
    writeHigh: false,
    writeLow: 0,
  };
}

function fromBcd(value: number): number {
  return (value >> 12) * 1000 + ((value >> 8) & 15) * 100 + ((value >> 4) & 15) * 10 + (value & 15);
}

function toBcd(value: number): number {
  return (
    (Math.floor(value / 1000) << 12) |
    (Math.floor((value / 100) % 10) << 8) |
    (Math.floor((value / 10) % 10) << 4) |
    (value % 10)
  );
}
