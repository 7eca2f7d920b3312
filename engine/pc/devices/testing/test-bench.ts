// For tests: a device alone on a bench, with a port bus, a clock turned by hand and interrupt lines that are recorded.
import { GuestClock, LOOK_MS } from '../../bus/clock.ts';
import { IoPortBus } from '../../bus/port-bus.ts';

export interface RecordedLine {
  (level: boolean): void;
  level: boolean;
  /** Changes from low to high. */
  rises: number;
}

export function recordedLine(): RecordedLine {
  const line = (level: boolean) => {
    if (level && !line.level) line.rises++;
    line.level = level;
  };
  line.level = false;
  line.rises = 0;
  return line;
}

export class TestBench {
  readonly ports = new IoPortBus();
  readonly clock = new GuestClock({ hostNow: () => this.#hostMs, wallClock: () => this.#hostMs });
  #hostMs = 0;

  constructor() {
    this.clock.resume();
  }

  /** Lets `ns` pass; every timer runs at its moment. */
  advance(ns: number): void {
    const end = this.clock.settled + ns;
    for (let due = this.clock.nextDeadline(); due !== undefined && due <= end; due = this.clock.nextDeadline()) {
      this.#idleUntil(due);
      this.clock.runDue();
    }
    this.#idleUntil(end);
  }

  /** As a run loop whose CPU is halted: it looks at the clock every now and then. */
  #idleUntil(guestTime: number): void {
    for (let ns = guestTime - this.clock.now(); ns > 0; ns = guestTime - this.clock.now()) {
      this.#hostMs += Math.min(ns / 1e6, LOOK_MS);
    }
  }

  /** Lets `ns` pass in which the vCPU's worker does not run; timers are due afterwards if guest time goes forward over it. */
  stall(ns: number): void {
    this.#hostMs += ns / 1e6;
  }

  in(port: number, size = 1): number {
    return this.ports.read(port, size);
  }

  out(port: number, value: number, size = 1): void {
    this.ports.write(port, size, value);
  }
}
