// What a VM costs and how long it has been up, measured at the host.

/** Share of a core over the last second or so, from samples of a cumulative busy time. */
export class CpuMeter {
  readonly #samples: { at: number; busy: number }[] = [];

  /** `busy` and `at` in ms. `at` grows from call to call. */
  sample(at: number, busy: number): void {
    this.#samples.push({ at, busy });
    while (this.#samples.length > 2 && this.#samples[1].at <= at - 1000) this.#samples.shift();
  }

  /** 0..1 */
  get share(): number {
    const first = this.#samples[0];
    const last = this.#samples[this.#samples.length - 1];
    if (!first || last.at <= first.at) return 0;
    return Math.min(1, Math.max(0, (last.busy - first.busy) / (last.at - first.at)));
  }

  reset(): void {
    this.#samples.length = 0;
  }
}

/** Busy time over which a speed is formed, ms: counters are written once a slice of up to 5 ms. */
const SPEED_MS = 50;

interface SpeedReading {
  /** Cumulative, ms. */
  busyMs: number;
  instructions: number;
  translatedInstructions: number;
}

/**
 * How fast a vCPU is while it executes: instructions per time that it was busy, which is the guest's own time, not that
 * between two reports. A VM that idles keeps the speed that it had when it last ran.
 */
export class SpeedMeter {
  #last: SpeedReading | undefined;
  /** Million instructions per second of busy time. */
  mips = 0;
  /** Share of the instructions that ran in translated code, 0..1. */
  translated = 0;

  sample(reading: SpeedReading): void {
    const last = this.#last;
    const busyMs = reading.busyMs - (last?.busyMs ?? 0);
    if (last && busyMs >= 0 && busyMs < SPEED_MS) return;
    this.#last = reading;
    const instructions = reading.instructions - (last?.instructions ?? 0);
    // Less than before: a life of the VM has ended and another begun.
    if (!last || busyMs < 0 || instructions <= 0) return;
    this.mips = instructions / busyMs / 1000;
    this.translated = (reading.translatedInstructions - last.translatedInstructions) / instructions;
  }

  reset(): void {
    this.#last = undefined;
    this.mips = 0;
    this.translated = 0;
  }
}

/** Time since power-on that stands still while the VM is stopped. In ms. */
export class Stopwatch {
  readonly #now: () => number;
  #base = 0;
  #startedAt: number | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  get elapsed(): number {
    return this.#base + (this.#startedAt === undefined ? 0 : this.#now() - this.#startedAt);
  }

  start(): void {
    this.#startedAt ??= this.#now();
  }

  stop(): void {
    this.#base = this.elapsed;
    this.#startedAt = undefined;
  }

  set(elapsed: number): void {
    this.#base = elapsed;
    this.#startedAt = undefined;
  }
}
