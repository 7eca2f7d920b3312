// Lays the blocks of a region's graph out as nested WebAssembly control flow, by the dominator tree (structure.ts).
//
// Where a region has more than one entry, block 0 chooses among them by a `br_table` over a hash of where control is to go on: at
// the start where the caller is, later where a return or an indirect jump leads. Each entry then has a block of its own in
// front that compares. A loop that is entered from the side has no place in the
// nesting; the edges that close it go through block 0 as well.

import { endsRegionBlock } from '../semantics/index.ts';
import type { Label } from '../wasm/body.ts';
import type { AddressState } from './address-groups.ts';
import { type FlagUse, flagUses } from './flag-liveness.ts';
import { placeHash } from './place-hash.ts';
import type { RegionEmitter } from './region-emitter.ts';
import { dispatches, type RegionGraph, successors } from './region-graph.ts';
import { type Structure, structure } from './structure.ts';

const DISPATCH = 0;

export class RegionLayout {
  readonly #graph: RegionGraph;
  readonly #emitter: RegionEmitter;
  readonly #shape: Structure;
  readonly #uses: FlagUse[];
  /** Edges, from → to, that go through the dispatch. */
  readonly #detours = new Map<number, Set<number>>();
  /** Blocks behind the dispatch that compare. */
  readonly #arrivals = new Set<number>();
  readonly #loops = new Map<number, Label>();
  readonly #merges = new Map<number, Label>();
  /** What is known of addresses where control now stands; undefined where paths join. */
  #addresses: AddressState | undefined;

  /** The graph gains entries where loops have several, and blocks that bring flags into the form an entry wants. */
  constructor(graph: RegionGraph, emitter: RegionEmitter) {
    this.#graph = graph;
    this.#emitter = emitter;
    this.#uses = flagUses(graph);
    this.#detourIrreducible();
    if (dispatches(graph)) this.#addArrivals();
    this.#shape = this.#structure();
  }

  emit(): void {
    this.#tree(DISPATCH);
  }

  // ---- Preparation

  #successors(index: number): number[] {
    const detours = this.#detours.get(index);
    return successors(this.#graph, index).map((to) => (detours?.has(to) ? DISPATCH : to));
  }

  #structure(): Structure {
    const edges = this.#graph.blocks.map((_, index) => this.#successors(index));
    return structure(edges, dispatches(this.#graph) ? DISPATCH : undefined);
  }

  #detourIrreducible(): void {
    const { blocks, entries } = this.#graph;
    for (let found = true; found; ) {
      found = false;
      const shape = this.#structure();
      for (const from of shape.order)
        for (const to of this.#successors(from)) {
          if (shape.edge(from, to) !== 'irreducible') continue;
          found = true;
          if (!entries.includes(to)) entries.push(to);
          const detours = this.#detours.get(from) ?? new Set();
          this.#detours.set(from, detours.add(to));
        }
      if (entries.length > blocks.length) throw new Error('a region with more entries than blocks');
    }
  }

  /** Each entry gets a block in front, which also brings the flags into the form that it wants. */
  #addArrivals(): void {
    const { blocks, entries } = this.#graph;
    entries.forEach((block, place) => {
      const { offset } = blocks[block]!;
      this.#arrivals.add(blocks.length);
      entries[place] = blocks.length;
      blocks.push({ offset, instructions: [], end: { kind: 'jump', target: offset } });
      this.#uses.push('kept');
    });
  }

  // ---- Emission

  #tree(node: number): void {
    const { body } = this.#emitter;
    const inside = (): void => this.#within(node, this.#shape.mergeChildren[node]!);
    if (!this.#shape.isLoopHeader[node]) {
      inside();
      return;
    }
    this.#join(node);
    this.#arrive(node);
    body.loop((label) => {
      this.#loops.set(node, label);
      inside();
    });
  }

  #within(node: number, children: readonly number[]): void {
    const [last, ...others] = children;
    if (last === undefined) {
      if (node === DISPATCH) this.#dispatch();
      else this.#block(node);
      return;
    }
    this.#emitter.body.block((label) => {
      this.#merges.set(last, label);
      this.#within(node, others);
    });
    this.#arrive(last);
    this.#tree(last);
  }

  #dispatch(): void {
    const { blocks, entries } = this.#graph;
    if (!dispatches(this.#graph)) {
      this.#goTo(DISPATCH, entries[0]!);
      return;
    }
    this.#emitter.flags.makeDynamic();
    const hash = placeHash(entries.map((block) => blocks[block]!.offset));
    this.#emitter.exits.dispatch(
      hash,
      entries.map((block) => this.#merges.get(block)!),
    );
  }

  #block(node: number): void {
    const emitter = this.#emitter;
    const block = this.#graph.blocks[node]!;
    const { instructions, end } = block;
    emitter.startBlock(block, this.#addresses);
    if (this.#arrivals.has(node)) emitter.exits.arriveAt(block.offset);
    instructions.forEach((placed, index) => {
      emitter.emitInstruction(placed, instructions.length - 1 - index);
      if (!endsRegionBlock(placed.instruction)) emitter.releaseTemporaries();
    });
    emitter.endInstructions();
    const { terminator } = emitter;
    const addresses = emitter.addresses();
    this.#addresses = addresses;
    switch (end.kind) {
      case 'branch': {
        if (terminator?.kind !== 'conditional') throw new Error('a branch without a condition');
        const state = emitter.flags.state;
        emitter.body.if(
          terminator.condition,
          () => this.#goToOffset(node, end.taken),
          () => {
            emitter.flags.state = state;
            this.#addresses = addresses;
            this.#goToOffset(node, end.otherwise);
          },
        );
        // Both arms have left.
        emitter.body.unreachable();
        break;
      }
      case 'jump':
      case 'call':
        emitter.releaseTemporaries();
        if (emitter.exits.inhibited) emitter.exits.leaveToDispatcher(end.target);
        else this.#goToOffset(node, end.target);
        break;
      case 'transfer':
        if (terminator?.kind === 'monitor') {
          emitter.exits.leaveByMonitor(terminator);
          break;
        }
        if (terminator?.kind !== 'dynamic') throw new Error('a transfer without a target');
        if (dispatches(this.#graph)) emitter.exits.transfer(terminator.target, this.#loops.get(DISPATCH)!);
        else emitter.exits.leaveToValue(terminator.target);
        emitter.releaseTemporaries();
        break;
      case 'interpret':
        emitter.releaseTemporaries();
        emitter.exits.leaveForInterpreter(end.offset);
        break;
    }
  }

  #goToOffset(from: number, offset: number): void {
    const to = this.#graph.indexOf.get(offset);
    if (to === undefined) this.#emitter.exits.leaveTo(offset);
    else this.#goTo(from, to);
  }

  #goTo(from: number, to: number): void {
    const emitter = this.#emitter;
    const { offset } = this.#graph.blocks[to]!;
    if (this.#detours.get(from)?.has(to)) {
      emitter.exits.leaveIfSpent(offset);
      this.#join(to);
      this.#join(DISPATCH);
      emitter.exits.enter(offset, this.#loops.get(DISPATCH)!);
      return;
    }
    if (this.#shape.edge(from, to) === 'back') {
      emitter.exits.leaveIfSpent(offset);
      this.#join(to);
      emitter.body.branch(this.#loops.get(to)!);
      return;
    }
    if (!this.#shape.isMerge[to]) {
      this.#tree(to);
      return;
    }
    this.#join(to);
    emitter.body.branch(this.#merges.get(to)!);
  }

  /** Brings the flags into the form that is agreed on where paths join. */
  #join(to: number): void {
    const { flags } = this.#emitter;
    if (this.#uses[to] === 'read') flags.makeCanonical();
    else if (this.#uses[to] === 'kept') flags.makeDynamic();
  }

  /** Takes up where `#join` has led: the flags in the agreed form, nothing known of addresses. */
  #arrive(at: number): void {
    const { flags } = this.#emitter;
    if (this.#uses[at] === 'kept') flags.assumeDynamic();
    else flags.assumeCanonical();
    this.#addresses = undefined;
  }
}
