// Makes regions: discovers the code, orders it, emits it, compiles the module and puts its function into the table.

import { Decoder } from '../isa/decoder.ts';
import { MEMORY_MAXIMUM_PAGES } from '../isa/memory-limit.ts';
import { importMonitorLazily } from '../isa/monitor-imports.ts';
import { I32 } from '../wasm/encoding.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import { RegionEmitter } from './region-emitter.ts';
import { type CodeSource, discoverRegion, MAXIMUM_INSTRUCTIONS, type RegionGraph } from './region-graph.ts';
import { RegionLayout } from './region-layout.ts';

const TABLE_GROWTH = 256;
/** Bytes of a module above which the region is made anew with fewer instructions: far below what engines refuse. */
const LARGEST_MODULE = 96 * 1024;

/** A translated region. Offsets count from the start of its home page. */
export interface Translation {
  /** Its slot in the function table. */
  slot: number;
  /** The code it was made from, [start, end). */
  extents: { start: number; end: number }[];
  /** Where it can be entered, and by which word. */
  entries: { offset: number; word: number }[];
  instructions: number;
  /** The module. */
  bytes: Uint8Array;
}

/** Makes the emitter of a region. */
type CreateEmitter = (...options: ConstructorParameters<typeof RegionEmitter>) => RegionEmitter;
const createEmitter: CreateEmitter = (...options) => new RegionEmitter(...options);

export class RegionBuilder {
  readonly #memory: WebAssembly.Memory;
  readonly #table: WebAssembly.Table;
  readonly #monitor: WebAssembly.ModuleImports;
  readonly #interpreter: WebAssembly.ModuleImports;
  readonly #decoder = new Decoder();
  #nextSlot: number;
  readonly #freeSlots: number[] = [];

  /** Regions take the table slots from `firstSlot` on. */
  constructor(
    memory: WebAssembly.Memory,
    table: WebAssembly.Table,
    monitor: WebAssembly.Exports,
    interpreter: WebAssembly.Exports,
    firstSlot: number,
  ) {
    this.#memory = memory;
    this.#table = table;
    this.#monitor = monitor as WebAssembly.ModuleImports;
    this.#interpreter = interpreter as WebAssembly.ModuleImports;
    this.#nextSlot = firstSlot;
  }

  /** A region from the code at offset `entry`; undefined if that can't be translated. */
  build(source: CodeSource, entry: number, mode: number): Translation | undefined {
    const translated = translateRegion(this.#decoder, source, entry, mode);
    return translated && this.#install(translated.graph, translated.bytes);
  }

  #install(graph: RegionGraph, bytes: Uint8Array<ArrayBuffer>): Translation {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      env: { memory: this.#memory },
      interpreter: this.#interpreter,
      monitor: this.#monitor,
    });
    const slot = this.#takeSlot();
    this.#table.set(slot, instance.exports.region as never);
    const extents = graph.blocks.flatMap(({ offset, instructions }) => {
      const last = instructions[instructions.length - 1];
      return last ? [{ start: offset, end: last.offset + last.instruction.length }] : [];
    });
    const entries = graph.entries.map((block) => {
      const { offset } = graph.blocks[block]!;
      return { offset, word: (offset >> 12) << 16 };
    });
    const instructions = graph.blocks.reduce((sum, block) => sum + block.instructions.length, 0);
    return { slot, extents, entries, instructions, bytes };
  }

  /** The region's code is gone; whoever still runs it finishes it. */
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

/** Discovers the code at offset `entry` and makes it a module; undefined if that can't be done. */
export function translateRegion(
  decoder: Decoder,
  source: CodeSource,
  entry: number,
  mode: number,
  create?: CreateEmitter,
): { graph: RegionGraph; bytes: Uint8Array<ArrayBuffer> } | undefined {
  for (let maximum = MAXIMUM_INSTRUCTIONS; maximum > 0; maximum >>= 1) {
    const graph = discoverRegion(decoder, source, entry, mode, maximum);
    if (!graph) return undefined;
    const bytes = regionModule(graph, mode, create);
    if (bytes.length <= LARGEST_MODULE) return { graph, bytes };
  }
  return undefined;
}

/** The module of a region; it exports the function `region`. Its bytes depend on the graph and the mode alone. */
export function regionModule(graph: RegionGraph, mode: number, create = createEmitter): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory('env', 'memory', MEMORY_MAXIMUM_PAGES);
  const chain = module.importFunction('interpreter', 'chain', { parameters: [I32, I32], results: [I32] });
  const type = module.typeIndex([I32, I32, I32], [I32]);
  const emitter = create(importMonitorLazily(module), chain, mode);
  const body = emitter.region(() => new RegionLayout(graph, emitter).emit());
  module.exportFunction('region', module.addFunction(type, body));
  return module.finish();
}
