// The real-time clock: a Motorola MC146818A with 128 bytes of CMOS RAM behind ports 70h (index) and 71h (data), on IRQ 8.
//
// The time of day is the host's plus an offset that the guest changes by setting the clock; the offset moves with the VM. It
// goes on over any stop of the VM, and follows when the host's clock is set. The periodic wave runs on
// guest time. Flags of register C are computed when it is read; timers exist only for interrupts that are enabled, so a
// clock that is not used costs nothing.
import type { Clock, Device, InterruptLine, PortBus, TimerHandle } from '../../bus/device.ts';
import { bytePorts } from '../../bus/port-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { cmosImage, sealCmos } from './cmos-image.ts';
import type { RtcState } from './persist.ts';
import {
  alarmMatches,
  CENTURY,
  decodeTime,
  encodeTime,
  HOURS_ALARM,
  MINUTES_ALARM,
  SECONDS_ALARM,
  YEAR,
} from './time-of-day.ts';

const REGISTER_A = 0x0a;
const REGISTER_B = 0x0b;
const REGISTER_C = 0x0c;
const REGISTER_D = 0x0d;
const SHUTDOWN_STATUS = 0x0f;

const A_UPDATE_IN_PROGRESS = 0x80;
const A_DIVIDER = 0x70;
const A_DIVIDER_RUNNING = 0x20;
const A_RATE = 0x0f;
const B_SET = 0x80;
/** Enable bits of register B and flags of register C stand in the same places. */
const PERIODIC = 0x40;
const ALARM = 0x20;
const UPDATE = 0x10;
const C_IRQ = 0x80;
const D_VALID_RAM_AND_TIME = 0x80;

const A_AFTER_RESET = A_DIVIDER_RUNNING | 6; // 32768 Hz crystal, 1024 Hz wave
const B_AFTER_RESET = 0x02; // BCD, 24 hours

/** The update takes the last 2228 µs of a second: 244 µs of warning and 1984 µs of cycle. */
const UPDATE_MS = 2.228;
const DAY = 86400;
/** Guest time, in ns, after which a timer that waits for a time of day looks whether the two went different ways. */
const WALL_LOOK_NS = 10e9;

export interface RtcWiring {
  clock: Clock;
  /** IRQ 8. */
  irq: InterruptLine;
  /** ms since 1970, UTC. */
  wallClock: () => number;
  memoryMiB: number;
}

export class Rtc implements Device<RtcState> {
  readonly name = 'rtc';
  readonly #clock: Clock;
  readonly #irq: InterruptLine;
  readonly #wallClock: () => number;
  #cmos: Uint8Array;
  #index = 0;
  #offsetMs = 0;
  #seenSecond = 0;
  #seenPeriod = 0;
  #timer: TimerHandle | undefined;

  constructor({ clock, irq, wallClock, memoryMiB }: RtcWiring) {
    this.#clock = clock;
    this.#irq = irq;
    this.#wallClock = wallClock;
    this.#cmos = cmosImage(memoryMiB);
    this.#cmos[REGISTER_A] = A_AFTER_RESET;
    this.#cmos[REGISTER_B] = B_AFTER_RESET;
    this.#cmos[REGISTER_D] = D_VALID_RAM_AND_TIME;
    this.#seenSecond = this.#second();
  }

  /** What firmware is to do after the next reset of the CPU (IBM AT: 0 a start, else where to go on). */
  get shutdownStatus(): number {
    return this.#cmos[SHUTDOWN_STATUS];
  }

  /** Board.defineCmos. */
  define(register: number, value: number, mask: number): void {
    this.#cmos[register] = (this.#cmos[register] & ~mask) | (value & mask);
    sealCmos(this.#cmos);
  }

  attach(ports: PortBus): void {
    ports.register(
      0x70,
      2,
      bytePorts(
        (port) => (port & 1 ? this.#read() : 0xff),
        (port, value) => {
          if (port & 1) this.#write(value);
          else this.#index = value & 0x7f; // bit 7 masks NMI, of which this machine has none
        },
      ),
    );
  }

  /** The battery keeps time and RAM; a reset only withdraws the interrupts. */
  reset(): void {
    this.#catchUp();
    this.#cmos[REGISTER_B] &= ~(PERIODIC | ALARM | UPDATE);
    this.#cmos[REGISTER_C] = 0;
    this.#index = 0;
    this.#update();
  }

  save(): RtcState {
    return {
      version: 1,
      index: this.#index,
      cmos: this.#cmos.slice(),
      offsetMs: this.#offsetMs,
      seenSecond: this.#seenSecond,
      seenPeriod: this.#seenPeriod,
    };
  }

  restore(state: RtcState): void {
    const form = requireForm(this.name, state, this.save());
    this.#index = form.index;
    this.#cmos = form.cmos.slice();
    this.#offsetMs = form.offsetMs;
    this.#seenSecond = form.seenSecond;
    this.#seenPeriod = form.seenPeriod;
    this.#update();
  }

  /** The time of day may not be what the timers were set for: the VM has stood still, or the host's clock was set. */
  resumed(): void {
    this.#catchUp();
    this.#update();
  }

  #read(): number {
    const index = this.#index;
    if (isTime(index)) {
      if (!this.#setting) encodeTime(this.#cmos, this.#now(), this.#cmos[REGISTER_B]);
      return this.#cmos[index];
    }
    if (index === REGISTER_A) {
      const updating = !this.#setting && this.#now() % 1000 >= 1000 - UPDATE_MS;
      return this.#cmos[REGISTER_A] | (updating ? A_UPDATE_IN_PROGRESS : 0);
    }
    if (index !== REGISTER_C) return this.#cmos[index];
    this.#catchUp();
    const flags = this.#cmos[REGISTER_C];
    this.#cmos[REGISTER_C] = 0;
    this.#update();
    return flags;
  }

  #write(value: number): void {
    const index = this.#index;
    if (index === REGISTER_C || index === REGISTER_D) return;
    this.#catchUp();
    if (isTime(index)) {
      const b = this.#cmos[REGISTER_B];
      if (!this.#setting) encodeTime(this.#cmos, this.#now(), b);
      this.#cmos[index] = value;
      if (!this.#setting) this.#setTime(decodeTime(this.#cmos, b) + (this.#now() % 1000));
    } else if (index === REGISTER_A) {
      this.#cmos[REGISTER_A] = value & ~A_UPDATE_IN_PROGRESS;
      this.#seenPeriod = this.#period();
    } else if (index === REGISTER_B) {
      this.#writeB(value);
    } else {
      this.#cmos[index] = value;
    }
    this.#update();
  }

  #writeB(value: number): void {
    const old = this.#cmos[REGISTER_B];
    if (value & B_SET && !(old & B_SET)) encodeTime(this.#cmos, this.#now(), old);
    // A change of the number format leaves the registers as they are; the guest writes them again.
    this.#cmos[REGISTER_B] = value & B_SET ? value & ~UPDATE : value;
    if (old & B_SET && !(value & B_SET)) this.#setTime(decodeTime(this.#cmos, value));
  }

  #setTime(ms: number): void {
    // An invalid date leaves the clock as it was.
    if (!Number.isNaN(ms)) this.#offsetMs = ms - this.#wallClock();
    this.#seenSecond = this.#second();
  }

  get #setting(): boolean {
    return (this.#cmos[REGISTER_B] & B_SET) !== 0;
  }

  /** ms since 1970. */
  #now(): number {
    return this.#wallClock() + this.#offsetMs;
  }

  #second(): number {
    return Math.floor(this.#now() / 1000);
  }

  /** Length of the periodic wave in ns, undefined when it is off. */
  get #periodNs(): number | undefined {
    const a = this.#cmos[REGISTER_A];
    const rate = a & A_RATE;
    if (rate === 0 || (a & A_DIVIDER) !== A_DIVIDER_RUNNING) return undefined;
    // Rates 1 and 2 repeat 8 and 9: 256 and 128 Hz (data sheet, table 5).
    return 2 ** ((rate < 3 ? rate + 7 : rate) - 1) * (1e9 / 32768);
  }

  #period(): number {
    return this.#periodNs === undefined ? 0 : Math.floor(this.#clock.now() / this.#periodNs);
  }

  /** Raises the flags of everything that happened since the last look. */
  #catchUp(): void {
    const period = this.#period();
    if (period > this.#seenPeriod) this.#cmos[REGISTER_C] |= PERIODIC;
    this.#seenPeriod = period;

    const second = this.#second();
    if (!this.#setting && second !== this.#seenSecond) {
      this.#cmos[REGISTER_C] |= UPDATE;
      // A clock that was set back has passed no alarm.
      const alarm = second > this.#seenSecond ? this.#nextAlarm(this.#seenSecond) : undefined;
      if (alarm !== undefined && alarm <= second) this.#cmos[REGISTER_C] |= ALARM;
    }
    this.#seenSecond = second;
  }

  /** The first RTC second after `second` that the alarm matches; undefined if it never will. */
  #nextAlarm(second: number): number | undefined {
    for (let candidate = second + 1; candidate <= second + DAY; candidate++) {
      if (alarmMatches(this.#cmos, candidate, this.#cmos[REGISTER_B])) return candidate;
    }
    return undefined;
  }

  /** Drives the interrupt line and sets the timer for the next event whose interrupt is enabled. */
  #update(): void {
    const enabled = this.#cmos[REGISTER_B] & (PERIODIC | ALARM | UPDATE);
    const active = (this.#cmos[REGISTER_C] & enabled) !== 0;
    if (active) this.#cmos[REGISTER_C] |= C_IRQ;
    this.#irq(active);

    this.#timer?.cancel();
    this.#timer = undefined;
    // While the line is up further events change nothing; reading register C comes back here.
    if (enabled === 0 || active) return;
    const now = this.#clock.now();
    let deadline = Infinity;
    if (enabled & PERIODIC && this.#periodNs !== undefined) deadline = (this.#seenPeriod + 1) * this.#periodNs;
    const at = (second: number) => now + (second * 1000 - this.#now()) * 1e6;
    if (!this.#setting && enabled & UPDATE) deadline = Math.min(deadline, at(this.#seenSecond + 1));
    if (!this.#setting && enabled & ALARM) {
      const alarm = this.#nextAlarm(this.#seenSecond);
      if (alarm !== undefined) deadline = Math.min(deadline, at(alarm), now + WALL_LOOK_NS);
    }
    if (deadline === Infinity) return;
    this.#timer = this.#clock.schedule(Math.ceil(deadline), () => this.resumed());
  }
}

/** The registers that the clock itself advances. */
function isTime(index: number): boolean {
  if (index === CENTURY) return true;
  return index <= YEAR && index !== SECONDS_ALARM && index !== MINUTES_ALARM && index !== HOURS_ALARM;
}
