// The figures of a VM: its counters, and what follows from how they grow.

import * as L from '../../cpu/abi/layout.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import type { VmCounters } from '../spec/spec.ts';
import type { Instance } from './instance.ts';
import { CpuMeter, SpeedMeter } from './meters.ts';
import type { CpuActivity } from './panic-watch.ts';

export class VmFigures {
  /** Those of the last run, as it ended. */
  lastRun: VmCounters | undefined;
  readonly #memory: WebAssembly.Memory;
  readonly #cpuMeter = new CpuMeter();
  readonly #speedMeter = new SpeedMeter();

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /** Share of the last second that the vCPU was busy, waiting for a core included (host/machine-load.ts), 0..1. */
  get busy(): number {
    return this.#cpuMeter.share;
  }

  /** Million instructions per second of busy time, and the share of them in translated code, when it last ran. */
  get speed(): { mips: number; translated: number } {
    const { mips, translated } = this.#speedMeter;
    return { mips, translated };
  }

  /** To be called about twice a second. `now` in ms. */
  sample(now: number, counters: VmCounters): void {
    this.#cpuMeter.sample(now, counters.busyMs);
    this.#speedMeter.sample(counters);
  }

  /** The VM is off. */
  ended(counters: VmCounters | undefined): void {
    if (counters) this.lastRun = counters;
    this.#cpuMeter.reset();
    this.#speedMeter.reset();
  }

  /** All zero without an instance. */
  counters(instance: Instance | undefined, uptimeMs: number): VmCounters {
    const block = this.#block(instance);
    const count = (offset: number) => block?.counter(offset) ?? 0;
    return {
      instructions: count(L.N_INSTRUCTIONS),
      translatedInstructions: count(L.N_TRANSLATED),
      tlbMisses: count(L.N_TLB_MISSES),
      interrupts: count(L.N_INTERRUPTS),
      exceptions: count(L.N_EXCEPTIONS),
      regions: count(L.N_REGIONS),
      liveRegions: count(L.N_LIVE_REGIONS),
      wasmBytes: count(L.N_LIVE_WASM_BYTES),
      evictions: count(L.N_EVICTIONS),
      translationMs: count(L.N_TRANSLATION_NS) / 1e6,
      exits: {
        slice: count(L.N_EXITS_SLICE),
        request: count(L.N_EXITS_REQUEST),
        unlinked: count(L.N_EXITS_UNLINKED),
        miss: count(L.N_EXITS_MISS),
        fault: count(L.N_EXITS_FAULT),
        interpret: count(L.N_EXITS_INTERPRET),
      },
      invalidations: count(L.N_INVALIDATIONS),
      undefinedInstructions: count(L.N_UNDEFINED),
      busyMs: count(L.N_BUSY_NS) / 1e6,
      uptimeMs: block ? uptimeMs : 0,
      overhead: {
        ...(instance?.memory.overhead ?? { cpu: 0, code: 0, pages: 0 }),
        translations: count(L.N_LIVE_REGION_MEMORY),
      },
    };
  }

  activity(instance: Instance | undefined): CpuActivity {
    const block = this.#block(instance);
    return { userEntries: block?.counter(L.N_USER_ENTRIES) ?? 0, halts: block?.counter(L.N_HALTS) ?? 0 };
  }

  /** Odd during a turn of the run loop. */
  turns(instance: Instance): number {
    return new CpuBlock(this.#memory, instance.memory.cpu).counter(L.N_TURNS);
  }

  #block(instance: Instance | undefined): CpuBlock | undefined {
    return instance && new CpuBlock(this.#memory, instance.memory.cpu);
  }
}
