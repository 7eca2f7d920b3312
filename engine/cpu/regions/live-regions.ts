// The regions of a vCPU as things that can be entered: function table, log and budget are updated together, so that each of
// them knows the same regions.

import type { CodeAnswers } from '../code-cache/code-answers.ts';
import type { Region } from '../code-cache/code-cache.ts';
import type { CompiledRegion, RegionBundle } from '../translator/region-builder.ts';
import type { RegionTable } from '../translator/region-table.ts';
import { RegionBudget, type TranslationLimits } from './region-budget.ts';
import { RegionGarbage } from './region-garbage.ts';
import type { RegionLog } from './region-log.ts';
import type { RegionPlace } from './region-place.ts';

/** A region that was entered less often between two looks gains nothing by lying beside others. */
const ENTERED_OFTEN = 100;
/** Nor does one that runs so many instructions each time. */
const LONG_RUN = 1000;

export class LiveRegions {
  readonly #table: RegionTable;
  readonly #log: RegionLog;
  readonly #budget: RegionBudget;
  readonly #garbage = new RegionGarbage();
  /** Regions with a module of their own, and how often they had been entered at the last look. */
  readonly #alone = new Map<Region, number>();
  /** Regions that could not be made again beside others. */
  readonly #stay = new WeakSet<Region>();

  constructor(table: RegionTable, log: RegionLog, limits: TranslationLimits) {
    this.#table = table;
    this.#log = log;
    this.#budget = new RegionBudget(limits, (slot) => log.executed(slot));
    this.#showMemory();
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
    this.#alone.set(region, 0);
    this.#showMemory();
    return region;
  }

  /** The region is not to be entered any more; an activation that still runs finishes. */
  free(region: Region): void {
    this.#table.free(region.slot);
    this.#log.gone(region.slot);
    this.#alone.delete(region);
    this.#garbage.add(this.#budget.remove(region));
    this.#showMemory();
  }

  /** Regions to evict since all together take too much; never the one that was installed last. */
  excess(): Region[] {
    return this.#budget.excess();
  }

  /** Regions to evict since the guest has not used them recently. To be called about every fifteen seconds. */
  unused(): Region[] {
    return this.#budget.unused();
  }

  /** Has the modules collected that are not used any more, if that is worth it. */
  collect(): void {
    this.#garbage.collect();
  }

  // ---- Regions in one module

  has(region: Region): boolean {
    return this.#budget.has(region);
  }

  /** Regions that have been entered often since the last look, and do not run long each time. */
  busyAlone(): Region[] {
    const busy: Region[] = [];
    for (const [region, before] of this.#alone) {
      const runs = this.#log.runs(region.slot);
      this.#alone.set(region, runs);
      if (runs - before >= ENTERED_OFTEN && this.#log.executed(region.slot) < LONG_RUN * runs) busy.push(region);
    }
    return busy;
  }

  /** Regions that keep a module of which most is not used any more. */
  scattered(): Region[] {
    return this.#budget.scattered().filter((region) => !this.#stay.has(region));
  }

  /** The functions of these regions, which are live, are those of a bundle now, at its places. */
  bundled(regions: ReadonlyMap<number, Region>, { module, bytes }: RegionBundle, took: number): void {
    this.#table.replace(module, new Map(Array.from(regions, ([place, { slot }]) => [place, slot])));
    const functions = Array.from(regions, ([place, region]) => ({ region, wasmBytes: bytes[place]! }));
    this.#garbage.add(this.#budget.bundle(functions));
    for (const region of regions.values()) this.#alone.delete(region);
    this.#log.spent(took);
    this.#showMemory();
  }

  /** The region stays where it is. */
  leaveAlone(region: Region): void {
    this.#alone.delete(region);
    this.#stay.add(region);
  }

  #showMemory(): void {
    this.#log.showMemory(this.#budget.bytes);
  }
}
