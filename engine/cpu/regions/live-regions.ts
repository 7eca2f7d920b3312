// The regions of a vCPU as things that can be entered: function table, log and budget are updated together, so that each of
// them knows the same regions.

import type { CodeAnswers } from '../code-cache/code-answers.ts';
import type { Region } from '../code-cache/code-cache.ts';
import type { CompiledRegion } from '../translator/region-builder.ts';
import type { RegionTable } from '../translator/region-table.ts';
import { RegionBudget, type TranslationLimits } from './region-budget.ts';
import { RegionGarbage } from './region-garbage.ts';
import type { RegionLog } from './region-log.ts';
import type { RegionPlace } from './region-place.ts';

export class LiveRegions {
  readonly #table: RegionTable;
  readonly #log: RegionLog;
  readonly #budget: RegionBudget;
  readonly #garbage = new RegionGarbage();

  constructor(table: RegionTable, log: RegionLog, limits: TranslationLimits) {
    this.#table = table;
    this.#log = log;
    this.#budget = new RegionBudget(limits, (slot) => log.executed(slot));
  }

  /** Puts a region into the function table. `took`: ms that making it took. */
  install(place: RegionPlace, answers: CodeAnswers, compiled: CompiledRegion, took: number): Region {
    const slot = this.#table.install(compiled.module);
    const region = place.region(compiled, slot);
    this.#log.made({
      slot,
      home: place.home,
      entry: place.entry,
      mode: place.mode,
      pageAt: (delta) => place.pageAt(delta),
      answers,
      instructions: compiled.instructions,
      entries: compiled.entries.length,
      wasmBytes: compiled.wasmBytes,
      checksum: compiled.checksum,
      took,
    });
    this.#budget.add(region, compiled.wasmBytes);
    return region;
  }

  /** The region is not to be entered any more; an activation that still runs finishes. */
  free(region: Region): void {
    this.#table.free(region.slot);
    this.#log.gone(region.slot);
    this.#garbage.add(this.#budget.remove(region));
  }

  /** Regions to evict since all together take too much; never the one that was installed last. */
  excess(): Region[] {
    return this.#budget.excess();
  }

  /** Regions to evict since the guest has not used them recently. To be called about every fifteen seconds. */
  unused(): Region[] {
    return this.#budget.unused();
  }

  /** Has the memory of regions that are gone given back, if it is much. At a safe point. */
  collect(): void {
    this.#garbage.collect();
  }
}
