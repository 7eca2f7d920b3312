// The last minutes of each VM's and host's figures, for sparklines and charts. Kept outside the store: twice a second per
// object, and only the charts that are on the screen care. Rates are formed here, from two cumulative readings.
import type { VmStatus } from '../../workers/api.ts';
import type { FleetReport } from './fleet.ts';

/** Samples kept per object: ten minutes at two a second. */
export const CAPACITY = 1200;

export interface Series {
  /** Epoch seconds, ascending. */
  time: number[];
  /** Share of one core, percent. */
  cpu: number[];
  /** Million instructions per second of wall time. */
  mips: number[];
  /** MiB. */
  memory: number[];
}

const emptySeries = (): Series => ({ time: [], cpu: [], mips: [], memory: [] });

export class SampleHistory {
  readonly #series = new Map<string, Series>();
  readonly #instructions = new Map<string, { count: number; at: number }>();
  readonly #listeners = new Map<string, Set<() => void>>();

  /** @param now epoch ms */
  recordVm(vm: VmStatus, now: number): void {
    const before = this.#instructions.get(vm.id);
    const count = vm.counters.instructions;
    const seconds = before ? (now - before.at) / 1000 : 0;
    // A count that went back means a power cycle: no rate can be formed from these two.
    const mips = before && seconds > 0 && count >= before.count ? (count - before.count) / seconds / 1e6 : 0;
    this.#instructions.set(vm.id, { count, at: now });
    this.#record(vm.id, now, vm.cpu * 100, mips, vm.memoryActiveMiB);
  }

  recordHost(status: FleetReport, now: number): void {
    const mips = status.vms.reduce((sum, vm) => sum + (this.latest(vm.id)?.mips ?? 0), 0);
    this.#record(status.info.id, now, status.cpu * 100, mips, status.memoryUsedMiB);
  }

  series(id: string): Series {
    return this.#series.get(id) ?? emptySeries();
  }

  latest(id: string): { cpu: number; mips: number; memory: number } | undefined {
    const series = this.#series.get(id);
    const last = (series?.time.length ?? 0) - 1;
    if (!series || last < 0) return undefined;
    return { cpu: series.cpu[last], mips: series.mips[last], memory: series.memory[last] };
  }

  /** Calls the listener after each new sample of the object. Returns the unsubscribe function. */
  subscribe(id: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  forget(id: string): void {
    this.#series.delete(id);
    this.#instructions.delete(id);
  }

  #record(id: string, now: number, cpu: number, mips: number, memory: number): void {
    const series = this.#series.get(id) ?? emptySeries();
    this.#series.set(id, series);
    // Two hosts may speak of one VM in the same breath during a migration; time must not go back.
    const time = Math.max(now / 1000, (series.time.at(-1) ?? 0) + 0.001);
    for (const [list, value] of [
      [series.time, time],
      [series.cpu, cpu],
      [series.mips, mips],
      [series.memory, memory],
    ] as const) {
      list.push(value);
      if (list.length > CAPACITY) list.shift();
    }
    for (const listener of this.#listeners.get(id) ?? []) listener();
  }
}

export const samples = new SampleHistory();
