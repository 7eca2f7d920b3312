// The last minutes of each VM's and host's figures, for sparklines and charts. Kept outside the store: twice a second per
// object, and only the charts that are on the screen use it. Rates come from the hosts.
import type { VmStatus } from '../../engine/host/api.ts';
import type { FleetReport } from './fleet.ts';

/** Samples kept per object: ten minutes at two a second. */
export const CAPACITY = 1200;

export interface Series {
  /** Epoch seconds, ascending. */
  time: number[];
  /** Share of one core, percent. */
  cpu: number[];
  /** Million instructions per second of busy time. */
  mips: number[];
  /** Percent of the instructions that ran in translated code. */
  translated: number[];
  /** MiB. */
  memory: number[];
}

type Sample = Record<Exclude<keyof Series, 'time'>, number>;

const emptySeries = (): Series => ({ time: [], cpu: [], mips: [], translated: [], memory: [] });

export class SampleHistory {
  readonly #series = new Map<string, Series>();
  readonly #listeners = new Map<string, Set<() => void>>();

  /** @param now epoch ms */
  recordVm(vm: VmStatus, now: number): void {
    const { cpu, mips, translated, memoryActiveMiB: memory } = vm;
    this.#record(vm.id, now, { cpu: cpu * 100, mips, translated: translated * 100, memory });
  }

  recordHost(status: FleetReport, now: number): void {
    // Of the cores that its VMs used together.
    const work = (vm: VmStatus) => vm.mips * vm.cpu;
    const done = status.vms.reduce((sum, vm) => sum + work(vm), 0);
    const mips = status.cpu > 0 ? done / status.cpu : 0;
    const translated = done > 0 ? status.vms.reduce((sum, vm) => sum + work(vm) * vm.translated, 0) / done : 0;
    const figures = { cpu: status.cpu * 100, mips, translated: translated * 100, memory: status.memoryUsedMiB };
    this.#record(status.info.id, now, figures);
  }

  series(id: string): Series {
    return this.#series.get(id) ?? emptySeries();
  }

  latest(id: string): Sample | undefined {
    const series = this.#series.get(id);
    const last = (series?.time.length ?? 0) - 1;
    if (!series || last < 0) return undefined;
    const { cpu, mips, translated, memory } = series;
    return { cpu: cpu[last], mips: mips[last], translated: translated[last], memory: memory[last] };
  }

  /** Calls the listener after each new sample of the object. Returns the unsubscribe function. */
  subscribe(id: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  forget(id: string): void {
    this.#series.delete(id);
  }

  #record(id: string, now: number, sample: Sample): void {
    const series = this.#series.get(id) ?? emptySeries();
    this.#series.set(id, series);
    // Two hosts may report on one VM at the same moment during a migration; time must not go back.
    const time = Math.max(now / 1000, (series.time.at(-1) ?? 0) + 0.001);
    for (const [list, value] of [
      [series.time, time],
      [series.cpu, sample.cpu],
      [series.mips, sample.mips],
      [series.translated, sample.translated],
      [series.memory, sample.memory],
    ] as const) {
      list.push(value);
      if (list.length > CAPACITY) list.shift();
    }
    for (const listener of this.#listeners.get(id) ?? []) listener();
  }
}

export const samples = new SampleHistory();
