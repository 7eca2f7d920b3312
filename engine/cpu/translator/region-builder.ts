// Makes regions: discovers the code, orders it, emits it and compiles the module. Knows nothing of the vCPU it is for, so that
// this may be done anywhere.

import { MEMORY_MAXIMUM_PAGES } from '../abi/memory-limit.ts';
import { importMonitorLazily } from '../emitter/monitor-imports.ts';
import type { Decoder } from '../isa/decoder.ts';
import type { FunctionBody } from '../wasm/body.ts';
import { I32 } from '../wasm/encoding.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import { RegionEmitter } from './region-emitter.ts';
import { type CodeSource, discoverRegion, MAXIMUM_INSTRUCTIONS, type RegionGraph } from './region-graph.ts';
import { RegionLayout } from './region-layout.ts';

/** Bytes of a module above which the region is rebuilt with fewer instructions: far below what engines refuse. */
const LARGEST_MODULE = 96 * 1024;

/** A translated region, structured-cloneable. Offsets count from the start of its home page. */
export interface CompiledRegion {
  /** It exports the function `region`. */
  module: WebAssembly.Module;
  /** The code it was made from, [start, end). */
  extents: { start: number; end: number }[];
  /** Where it can be entered, and by which word. */
  entries: { offset: number; word: number }[];
  instructions: number;
  /** Size of the module, and the checksum of its bytes. */
  wasmBytes: number;
  checksum: number;
}

/** Makes the emitter of a region. */
type CreateEmitter = (...options: ConstructorParameters<typeof RegionEmitter>) => RegionEmitter;
const createEmitter: CreateEmitter = (...options) => new RegionEmitter(...options);

/** A region from the code at offset `entry`; undefined if that can't be translated. */
export function compileRegion(
  decoder: Decoder,
  source: CodeSource,
  entry: number,
  mode: number,
): CompiledRegion | undefined {
  const translated = translateRegion(decoder, source, entry, mode);
  if (!translated) return undefined;
  const { graph, bytes } = translated;
  return {
    module: new WebAssembly.Module(bytes),
    extents: graph.blocks.flatMap(({ offset, instructions }) => {
      const last = instructions[instructions.length - 1];
      return last ? [{ start: offset, end: last.offset + last.instruction.length }] : [];
    }),
    entries: graph.entries.map((block) => {
      const { offset } = graph.blocks[block]!;
      return { offset, word: (offset >> 12) << 16 };
    }),
    instructions: instructionsOf(graph),
    wasmBytes: bytes.length,
    checksum: checksum(bytes),
  };
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
function regionModule(graph: RegionGraph, mode: number, create = createEmitter): Uint8Array<ArrayBuffer> {
  const module = new RegionModule();
  module.add('region', graph, mode, create);
  return module.finish();
}

/** A region that is to be made once more, beside others. */
export interface RegionSource {
  source: CodeSource;
  entry: number;
  mode: number;
  /** How many it had. */
  instructions: number;
}

/** Regions in one module, structured-cloneable. */
export interface RegionBundle {
  /** It exports the functions under their places in `bytes`. */
  module: WebAssembly.Module;
  /** Size of each region's function; 0: its code did not make the same region again, which is not in the module. */
  bytes: number[];
}

/** Makes regions again, as functions of one module. `pause` is waited for after each: whoever does this may have other work. */
export async function compileBundle(
  decoder: Decoder,
  regions: readonly RegionSource[],
  pause: () => Promise<void>,
): Promise<RegionBundle> {
  const module = new RegionModule();
  const bytes: number[] = [];
  for (const [place, { source, entry, mode, instructions }] of regions.entries()) {
    const graph = discoverRegion(decoder, source, entry, mode);
    const same = graph && instructionsOf(graph) === instructions;
    bytes.push(same ? module.add(String(place), graph, mode) : 0);
    await pause();
  }
  return { module: await WebAssembly.compile(module.finish()), bytes };
}

/** The functions of regions, emitted one after the other. */
class RegionModule {
  readonly #module = new ModuleBuilder();
  readonly #chain: number;
  readonly #functions = importMonitorLazily(this.#module);
  /** By the name that each is exported under. */
  readonly #bodies = new Map<string, FunctionBody>();

  constructor() {
    this.#module.importMemory('env', 'memory', MEMORY_MAXIMUM_PAGES);
    this.#chain = this.#module.importFunction('interpreter', 'chain', { parameters: [I32, I32], results: [I32] });
  }

  /** Returns the size of the function. */
  add(name: string, graph: RegionGraph, mode: number, create = createEmitter): number {
    const emitter = create(this.#functions, this.#chain, mode);
    const body = emitter.region(() => new RegionLayout(graph, emitter).emit());
    this.#bodies.set(name, body);
    return body.code.length;
  }

  finish(): Uint8Array<ArrayBuffer> {
    const type = this.#module.typeIndex([I32, I32, I32], [I32]);
    // Only now are all imports known, which come first.
    for (const [name, body] of this.#bodies) this.#module.exportFunction(name, this.#module.addFunction(type, body));
    return this.#module.finish();
  }
}

function instructionsOf(graph: RegionGraph): number {
  return graph.blocks.reduce((sum, block) => sum + block.instructions.length, 0);
}

/** FNV-1a, 32 bits. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum;
}
