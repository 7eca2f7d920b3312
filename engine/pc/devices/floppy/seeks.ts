// Seeks of the drives, which overlap, and SENSE INTERRUPT STATUS, by which the host learns which drive has arrived (82077AA, 5.2.2 to 5.2.4).
import type { FloppyDrive } from './drive.ts';
import type { FloppyControllerState } from './persist.ts';
import * as R from './registers.ts';

/** Units that the controller counts; drives are at the first two. */
const UNITS = 4;
/** Guest time. */
const SEEK_NS = 500e3;
/** Steps of a RECALIBRATE until it gives up (82077AA, 5.2.2). */
const RECALIBRATE_STEPS = 79;

export interface SeekWiring {
  state(): FloppyControllerState;
  drive(unit: number): FloppyDrive | undefined;
  /** Guest time in ns. */
  now(): number;
  setInterrupt(level: boolean): void;
  /** A seek ends at another time than was known. */
  changed(): void;
}

export class Seeks {
  readonly #w: SeekWiring;

  constructor(wiring: SeekWiring) {
    this.#w = wiring;
  }

  get #s(): FloppyControllerState {
    return this.#w.state();
  }

  recalibrate(unit: number): void {
    const drive = this.#w.drive(unit);
    const arrives = drive !== undefined && drive.position <= RECALIBRATE_STEPS;
    const failed = R.ST0_ABNORMAL | R.ST0_EQUIPMENT_CHECK;
    this.#start(
      unit,
      -Math.min(drive?.position ?? 0, RECALIBRATE_STEPS),
      0,
      R.ST0_SEEK_END | (arrives ? 0 : failed) | unit,
    );
  }

  /** `steps`: inwards, or outwards if negative. */
  seek(unit: number, steps: number): void {
    const cylinder = (this.#s.cylinders[unit] + steps) & 0xff;
    this.#start(unit, steps, cylinder, R.ST0_SEEK_END | unit);
  }

  /** Ends those that are due. `now`: guest time in ns. */
  endDue(now: number): void {
    for (const [unit, at] of this.#s.seekAt.entries()) if (at > 0 && at <= now) this.#end(unit);
  }

  /** The controller polls its drives, and says of each that it is ready. */
  poll(): void {
    const s = this.#s;
    s.senses = Array.from({ length: UNITS }, (_, unit) => R.ST0_POLLED | unit);
    s.polled = true;
    this.#w.setInterrupt(true);
  }

  /** Returns the command's result. */
  senseInterrupt(): number[] {
    const s = this.#s;
    const status = s.senses.shift();
    if (status === undefined) return [R.ST0_INVALID];
    const unit = status & R.UNIT;
    this.#w.setInterrupt(false);
    s.driveBusy &= ~(1 << unit);
    if (s.senses.length === 0) s.polled = false;
    // Another drive that has arrived interrupts again.
    else if (!s.polled) this.#w.setInterrupt(true);
    return [status, s.cylinders[unit]];
  }

  forgetSenses(): void {
    this.#s.senses = [];
    this.#s.polled = false;
    this.#w.setInterrupt(false);
  }

  #start(unit: number, steps: number, cylinder: number, status: number): void {
    const s = this.#s;
    s.driveBusy |= 1 << unit;
    s.seekAt[unit] = this.#w.now() + SEEK_NS;
    s.seekSteps[unit] = steps;
    s.seekTarget[unit] = cylinder;
    s.seekStatus[unit] = status;
    this.#w.changed();
  }

  #end(unit: number): void {
    const s = this.#s;
    s.seekAt[unit] = 0;
    s.cylinders[unit] = s.seekTarget[unit];
    this.#w.drive(unit)?.step(s.seekSteps[unit]);
    s.senses = s.senses.filter((other) => (other & R.UNIT) !== unit);
    s.senses.push(s.seekStatus[unit]);
    this.#w.setInterrupt(true);
  }
}
