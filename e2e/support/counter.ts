// A counter that runs in the guest while it moves, and what it printed. In Linux each line carries its number and the uptime; a guest
// with TICKING_KERNEL counts by itself and has no uptime.
import { expect } from '@playwright/test';
import type { GuestConsole } from './guest-console.ts';

/** Twenty lines a second, so that some always fall into a switch-over; short lines, so that the shell does not wrap them. */
const LOOP = ['n=0; while read up idle </proc/uptime', 'do n=$((n+1)); echo "tick $n uptime $up"; sleep 0.05; done'];

export interface Tick {
  n: number;
  /** Seconds; 0 without one. */
  uptime: number;
}

export class Counter {
  readonly #console: GuestConsole;

  private constructor(console: GuestConsole) {
    this.#console = console;
  }

  static async start(console: GuestConsole): Promise<Counter> {
    const counter = new Counter(console);
    for (const line of LOOP) await console.type(`${line}\n`);
    await counter.goesOn();
    return counter;
  }

  /** Of a guest that has TICKING_KERNEL. */
  static of(console: GuestConsole): Counter {
    return new Counter(console);
  }

  async ticks(): Promise<Tick[]> {
    return parseTicks(await this.#console.text());
  }

  /** Waits until it has counted on from where it is now. */
  async goesOn(): Promise<void> {
    const last = async () => (await this.ticks()).at(-1)?.n ?? 0;
    const now = await last();
    await expect.poll(last, { timeout: 30_000, intervals: [200] }).toBeGreaterThan(now + 3);
  }

  /** Checks everything that it has printed. */
  async judge(): Promise<Tick[]> {
    const ticks = await this.ticks();
    expectUnbroken(ticks);
    return ticks;
  }

  /** Stops it and checks everything that it printed. */
  async stop(): Promise<Tick[]> {
    // The shell misses a Ctrl-C that comes while it starts `sleep`: then one presses it again.
    await expect(async () => {
      await this.#console.press('Control+c');
      await this.#console.prompt(1000);
    }).toPass({ timeout: 30_000 });
    return await this.judge();
  }
}

/** The latest run of the counter. A Ctrl-C that the shell missed has left its echo before a line. */
function parseTicks(text: string): Tick[] {
  const ticks = [...text.matchAll(/^(?:\^C)*tick (\d+)(?: uptime (\d+\.\d+))?$/gm)];
  const all = ticks.map(([, n, uptime = '0']) => ({ n: Number(n), uptime: Number(uptime) }));
  return all.slice(all.findLastIndex(({ n }) => n === 1));
}

/** No gap, no repeat, and time goes forward. */
export function expectUnbroken(ticks: Tick[]): void {
  expect(ticks.length).toBeGreaterThan(0);
  expect(ticks.map(({ n }) => n)).toEqual(ticks.map((_, i) => i + 1));
  const uptimes = ticks.map(({ uptime }) => uptime);
  expect(uptimes).toEqual([...uptimes].sort((a, b) => a - b));
}
