// Makes regions: discovers the code, orders it, emits it, compiles the module and puts its function into the table.

import { Decoder } from '../isa/decoder.ts';
import { MEMORY_MAXIMUM_PAGES } from '../isa/memory-limit.ts';
import { importMonitorLazily } from '../isa/monitor-imports.ts';
import { definitionOf } from '../isa/semantics/index.ts';
import type { Label } from '../wasm/body.ts';
import { I32 } from '../wasm/encoding.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import type { AddressState } from './address-groups.ts';
import { flagsNeeded } from './flag-liveness.ts';
import { RegionEmitter } from './region-emitter.ts';
import { discoverRegion, type RegionGraph, successors } from './region-graph.ts';
import { type Structure, structure } from './structure.ts';

/** Instructions a loop may run inside a region before it leaves, so that the engine can replace the function by its optimised version. */
const SLICE = 20000;
const TABLE_GROWTH = 256;

export interface Region {
  /** Its slot in the function table. */
  slot: number;
  /** Guest-physical [start, end) of the code it was made from. */
  ranges: { start: number; end: number }[];
}

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

  /** A region from the code at guest-physical `physical`; undefined if that can't be translated. */
  build(page: Uint8Array, physical: number, mode: number): Region | undefined {
    const entry = physical & 0xfff;
    const graph = discoverRegion(this.#decoder, page, entry, mode);
    if (!graph) return undefined;
    const bytes = regionModule(graph, entry, mode);
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      env: { memory: this.#memory },
      interpreter: this.#interpreter,
      monitor: this.#monitor,
    });
    const slot = this.#takeSlot();
    this.#table.set(slot, instance.exports.region as never);
    const pageStart = physical - entry;
    const ranges = graph.blocks.map((block) => {
      const last = block.instructions[block.instructions.length - 1];
      const end = last ? last.offset + last.instruction.length : block.offset + 1;
      return { start: pageStart + block.offset, end: pageStart + end };
    });
    return { slot, ranges };
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

/** The module of a region; it exports the function `region`. Its bytes depend on code and mode alone. */
export function regionModule(graph: RegionGraph, entry: number, mode: number): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory('env', 'memory', MEMORY_MAXIMUM_PAGES);
  const chain = module.importFunction('interpreter', 'chain', { parameters: [I32, I32], results: [I32] });
  const type = module.typeIndex([I32], [I32]);
  const emitter = new RegionEmitter(importMonitorLazily(module), chain, mode);
  const body = emitter.region(entry, SLICE, () => new Layout(graph, emitter).emit());
  module.exportFunction('region', module.addFunction(type, body));
  return module.finish();
}

/** Emits the blocks of a graph as nested WebAssembly control flow. */
class Layout {
  readonly #graph: RegionGraph;
  readonly #emitter: RegionEmitter;
  readonly #shape: Structure;
  readonly #needed: boolean[];
  readonly #loops = new Map<number, Label>();
  readonly #merges = new Map<number, Label>();
  /** What is known of addresses where control now stands; undefined where paths join. */
  #addresses: AddressState | undefined;

  constructor(graph: RegionGraph, emitter: RegionEmitter) {
    this.#graph = graph;
    this.#emitter = emitter;
    this.#shape = structure(graph.blocks.map((_, index) => successors(graph, index)));
    this.#needed = flagsNeeded(graph);
  }

  emit(): void {
    this.#tree(0);
  }

  #tree(node: number): void {
    const { body } = this.#emitter;
    const inside = (): void => this.#within(node, this.#shape.mergeChildren[node]!);
    if (!this.#shape.isLoopHeader[node]) {
      inside();
      return;
    }
    this.#join(node);
    this.#emitter.flags.assumeCanonical();
    this.#addresses = undefined;
    body.loop((label) => {
      this.#loops.set(node, label);
      inside();
    });
  }

  #within(node: number, children: readonly number[]): void {
    const [last, ...others] = children;
    if (last === undefined) {
      this.#block(node);
      return;
    }
    this.#emitter.body.block((label) => {
      this.#merges.set(last, label);
      this.#within(node, others);
    });
    this.#emitter.flags.assumeCanonical();
    this.#addresses = undefined;
    this.#tree(last);
  }

  #block(node: number): void {
    const emitter = this.#emitter;
    const { instructions, end } = this.#graph.blocks[node]!;
    emitter.startBlock(instructions, this.#addresses);
    instructions.forEach((placed, index) => {
      emitter.emitInstruction(placed, instructions.length - 1 - index);
      if (!definitionOf(placed.instruction.mnemonic)!.ends) emitter.releaseTemporaries();
    });
    const { terminator } = emitter;
    const addresses = emitter.addresses();
    this.#addresses = addresses;
    switch (end.kind) {
      case 'branch': {
        if (terminator?.kind !== 'conditional') throw new Error('a branch without a condition');
        const state = emitter.flags.state;
        emitter.body.if(
          terminator.condition,
          () => this.#goTo(node, end.taken),
          () => {
            emitter.flags.state = state;
            this.#addresses = addresses;
            this.#goTo(node, end.otherwise);
          },
        );
        // Both arms have left.
        emitter.body.unreachable();
        break;
      }
      case 'jump':
        emitter.releaseTemporaries();
        this.#goTo(node, end.target);
        break;
      case 'transfer':
        if (terminator?.kind !== 'dynamic') throw new Error('a transfer without a target');
        emitter.leaveToValue(terminator.target);
        emitter.releaseTemporaries();
        break;
      case 'interpret':
        emitter.releaseTemporaries();
        emitter.leaveForInterpreter(end.offset);
        break;
    }
  }

  #goTo(from: number, offset: number): void {
    const emitter = this.#emitter;
    const to = this.#graph.indexOf.get(offset);
    if (to === undefined) {
      emitter.leaveTo(offset);
      return;
    }
    switch (this.#shape.edge(from, to)) {
      case 'leave':
        emitter.leaveTo(offset);
        return;
      case 'back':
        emitter.leaveIfSpent(offset);
        this.#join(to);
        emitter.body.branch(this.#loops.get(to)!);
        return;
      case 'forward':
        if (!this.#shape.isMerge[to]) {
          this.#tree(to);
          return;
        }
        this.#join(to);
        emitter.body.branch(this.#merges.get(to)!);
    }
  }

  /** Where paths join the flags are canonical, unless nobody there looks at them. */
  #join(to: number): void {
    if (this.#needed[to]) this.#emitter.flags.makeCanonical();
  }
}
