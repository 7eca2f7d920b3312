// The regions in a vCPU's function table: instantiates their modules and gives out slots.

const TABLE_GROWTH = 256;

export class RegionTable {
  readonly #imports: WebAssembly.Imports;
  readonly #table: WebAssembly.Table;
  #nextSlot: number;
  readonly #freeSlots: number[] = [];

  /** Regions take the table's slots from `firstSlot` on. */
  constructor(
    memory: WebAssembly.Memory,
    table: WebAssembly.Table,
    monitor: WebAssembly.Exports,
    interpreter: WebAssembly.Exports,
    firstSlot: number,
  ) {
    this.#imports = {
      env: { memory },
      interpreter: interpreter as WebAssembly.ModuleImports,
      monitor: monitor as WebAssembly.ModuleImports,
    };
    this.#table = table;
    this.#nextSlot = firstSlot;
  }

  /** The slot of the region that the module exports. */
  install(module: WebAssembly.Module): number {
    const { exports } = new WebAssembly.Instance(module, this.#imports);
    const slot = this.#takeSlot();
    this.#table.set(slot, exports.region as never);
    return slot;
  }

  /** From now on the regions of these slots are the functions that the module exports under their places. */
  replace(module: WebAssembly.Module, slots: ReadonlyMap<number, number>): void {
    const { exports } = new WebAssembly.Instance(module, this.#imports);
    for (const [place, slot] of slots) this.#table.set(slot, exports[place] as never);
  }

  /** The region's code is gone; an activation that still runs finishes. */
  free(slot: number): void {
    this.#table.set(slot, null);
    this.#freeSlots.push(slot);
  }

  #takeSlot(): number {
    const free = this.#freeSlots.pop();
    if (free !== undefined) return free;
    if (this.#nextSlot >= this.#table.length) this.#table.grow(TABLE_GROWTH);
    return this.#nextSlot++;
  }
}
