// Finds the code of a region: from a hot entry, branches and calls are followed into a graph of blocks, as far as the code
// has run before and the region's bounds allow.
//
// A region holds at most MAXIMUM_INSTRUCTIONS in at most MAXIMUM_PAGES pages. Offsets are bytes from the
// start of the entry's page (the home page), negative for pages before it. Control comes into a region by its entries: the
// hot one, the places behind calls, and where indirect jumps were seen to go. Block 0 is no code: it chooses among them.

import { PAGE_SHIFT, PAGE_SIZE } from '../../base/sizes.ts';
import { type Decoder, NeedBytes } from '../isa/decoder.ts';
import type { Instruction } from '../isa/instruction.ts';
import { definitionOf, endsRegionBlock, isQuick, isTranslatable } from '../semantics/index.ts';

export const MAXIMUM_INSTRUCTIONS = 300;
export const MAXIMUM_PAGES = 5;
/** Pages are counted in 16 bits with a sign, from any page of the region. */
const FARTHEST_PAGE = 0x3fff;
/** Instructions of a block: what is left of it is counted in 8 bits. */
const MAXIMUM_BLOCK = 200;
const LONGEST_INSTRUCTION = 16;

/** The guest's code around a hot place, as the region may use it. */
export interface CodeSource {
  /** Bytes of the page `delta` pages from home by linear address; undefined when it can't be fetched from just now. */
  page(delta: number): Uint8Array | undefined;
  /** Has code at this offset run? What never ran is not worth translating. */
  seen(offset: number): boolean;
  /** Is the function at this offset to be called in a region of its own? Else it is taken into this one, once more perhaps. */
  called(offset: number): boolean;
  /** Is the region to be left for another one at this offset? */
  resumed(offset: number): boolean;
  /** Was the region of the instruction at this offset left often since accesses that were checked together lay in two pages? */
  straddles(offset: number): boolean;
  /** Is all that the instruction at this offset may have to do to be in the region, since that was left often for rare cases? */
  general(offset: number): boolean;
  /** Was the region of the instruction at this offset left often since that reaches planar memory, which the monitor does? */
  planar(offset: number): boolean;
  /** Offsets in a page where blocks ran often enough to be targets of an indirect jump. */
  targets(delta: number): Iterable<number>;
}

export interface PlacedInstruction {
  instruction: Instruction;
  offset: number;
  /** An access that misses the TLB is done by the monitor at once; the region is not left for it. */
  callsOnMiss?: boolean;
}

/** How a block ends. Targets are offsets; a target that is no block of the region leaves it. */
export type BlockEnd =
  | { kind: 'branch'; taken: number; otherwise: number }
  | { kind: 'jump'; target: number }
  | { kind: 'call'; target: number }
  /** The instruction computes where it goes. */
  | { kind: 'transfer' }
  /** On with the interpreter at this offset, for one instruction. */
  | { kind: 'interpret'; offset: number }
  /** Block 0: on at the entry asked for. */
  | { kind: 'dispatch' };

export interface Block {
  offset: number;
  instructions: PlacedInstruction[];
  end: BlockEnd;
  /** Each access is to be checked by itself. */
  straddles?: boolean;
  /** No case is so rare that the region is to be left for it. */
  general?: boolean;
}

export interface RegionGraph {
  blocks: Block[];
  /** Block by offset. */
  indexOf: Map<number, number>;
  /** Blocks where control may come in. */
  entries: number[];
}

/** Target of a relative branch as an offset. */
function relativeTarget(placed: PlacedInstruction): number | undefined {
  const operand = placed.instruction.operands[0];
  if (operand?.kind !== 'relative') return undefined;
  // 16-bit branches cut their target; the offset alone does not give it.
  if (placed.instruction.operandSize !== 4) return undefined;
  return placed.offset + placed.instruction.length + operand.value;
}

/** Undefined when the entry itself can't be translated. */
export function discoverRegion(
  decoder: Decoder,
  source: CodeSource,
  entry: number,
  mode: number,
  maximum = MAXIMUM_INSTRUCTIONS,
): RegionGraph | undefined {
  const discovery = new Discovery(decoder, source, mode, maximum);
  discovery.enter(entry);
  discovery.run();
  discovery.takeIndirectTargets();
  return discovery.graph(entry);
}

class Discovery {
  readonly #decoder: Decoder;
  readonly #source: CodeSource;
  readonly #mode: number;
  readonly #maximum: number;
  readonly #decoded = new Map<number, PlacedInstruction | 'interpret'>();
  readonly #leaders = new Set<number>();
  readonly #entries = new Set<number>();
  readonly #pages = new Map<number, Uint8Array | undefined>();
  readonly #work: number[] = [];
  #usablePages = 0;
  #count = 0;
  #jumpsIndirectly = false;

  constructor(decoder: Decoder, source: CodeSource, mode: number, maximum: number) {
    this.#decoder = decoder;
    this.#source = source;
    this.#mode = mode;
    this.#maximum = maximum;
  }

  enter(offset: number): void {
    this.#entries.add(offset);
    this.#take(offset);
  }

  #take(offset: number): void {
    this.#leaders.add(offset);
    if (!this.#decoded.has(offset)) this.#work.push(offset);
  }

  #follow(offset: number): void {
    if (this.#source.resumed(offset)) this.#leaders.add(offset);
    else this.#take(offset);
  }

  #followIfSeen(offset: number): void {
    if (this.#source.seen(offset)) this.#follow(offset);
    else this.#leaders.add(offset);
  }

  #enterIfSeen(offset: number): void {
    if (this.#source.seen(offset) && !this.#source.resumed(offset)) this.enter(offset);
  }

  /**
   * What indirect jumps of the region may go to, as far as room is left. Blocks that are reached without them hardly are such
   * targets; each entry costs the code around it what is known there.
   */
  takeIndirectTargets(): void {
    if (!this.#jumpsIndirectly) return;
    for (const [delta, page] of [...this.#pages]) {
      if (!page) continue;
      for (const offset of this.#source.targets(delta)) if (!this.#decoded.has(offset)) this.enter(offset);
    }
    this.run();
  }

  run(): void {
    for (let start = this.#work.shift(); start !== undefined; start = this.#work.shift()) this.#straight(start);
  }

  /** Decodes on from `start` to where control parts. */
  #straight(start: number): void {
    for (let offset = start; !this.#decoded.has(offset) && this.#count < this.#maximum; ) {
      const placed = this.#decode(offset);
      if (!placed) return;
      const next = offset + placed.instruction.length;
      // What the interpreter does counts too: a page of nothing else must not be searched to its end.
      this.#count++;
      if (!isTranslatable(placed.instruction)) {
        this.#decoded.set(offset, 'interpret');
        this.#enterIfSeen(next);
        return;
      }
      this.#decoded.set(offset, placed);
      if (endsRegionBlock(placed.instruction)) {
        this.#end(placed, next);
        return;
      }
      if (isQuick(placed.instruction)) this.#enterIfSeen(next);
      offset = next;
      // Overlapping code meets what was decoded from elsewhere: from here on it is the same.
      if (this.#decoded.has(offset)) this.#leaders.add(offset);
      else if (this.#source.resumed(offset)) {
        this.#leaders.add(offset);
        return;
      }
    }
  }

  #end(placed: PlacedInstruction, next: number): void {
    const { comesBack, transfer } = definitionOf(placed.instruction.mnemonic)!;
    const target = relativeTarget(placed);
    if (comesBack) this.#enterIfSeen(next);
    if (transfer === 'jump' && placed.instruction.operands[0]?.kind !== 'relative') this.#jumpsIndirectly = true;
    if (target === undefined) return;
    switch (transfer) {
      case 'call':
        if (!this.#source.called(target)) this.#follow(target);
        break;
      case 'jump':
        this.#follow(target);
        break;
      case 'branch':
        this.#followIfSeen(next);
        this.#followIfSeen(target);
        break;
    }
  }

  #page(delta: number): Uint8Array | undefined {
    if (!this.#pages.has(delta)) {
      const allowed = Math.abs(delta) <= FARTHEST_PAGE && this.#usablePages < MAXIMUM_PAGES;
      const page = allowed ? this.#source.page(delta) : undefined;
      if (page) this.#usablePages++;
      this.#pages.set(delta, page);
    }
    return this.#pages.get(delta);
  }

  /** Undefined: outside of what the region may use. */
  #decode(offset: number): PlacedInstruction | undefined {
    const delta = offset >> PAGE_SHIFT;
    const page = this.#page(delta);
    if (!page) return undefined;
    const inPage = offset & (PAGE_SIZE - 1);
    try {
      return { instruction: this.#decoder.decode(page, inPage, this.#mode), offset };
    } catch (error) {
      if (!(error instanceof NeedBytes)) throw error;
    }
    const next = this.#page(delta + 1);
    if (!next) {
      this.#decoded.set(offset, 'interpret');
      return undefined;
    }
    const joined = new Uint8Array(2 * LONGEST_INSTRUCTION);
    const head = page.subarray(inPage);
    joined.set(head);
    joined.set(next.subarray(0, joined.length - head.length), head.length);
    return { instruction: this.#decoder.decode(joined, 0, this.#mode), offset };
  }

  graph(entry: number): RegionGraph | undefined {
    const isBlock = (offset: number): boolean => {
      const found = this.#decoded.get(offset);
      return found !== undefined && found !== 'interpret';
    };
    if (!isBlock(entry)) return undefined;
    this.#cutLongRuns();
    const starts = [...this.#leaders].filter(isBlock).sort((a, b) => a - b);
    const blocks: Block[] = [{ offset: 0, instructions: [], end: { kind: 'dispatch' } }];
    const indexOf = new Map<number, number>();
    for (const start of starts) {
      indexOf.set(start, blocks.length);
      const block = this.#block(start);
      block.straddles = block.instructions.some(({ offset }) => this.#source.straddles(offset));
      for (const placed of block.instructions) if (this.#source.planar(placed.offset)) placed.callsOnMiss = true;
      block.general = block.instructions.some(({ offset }) => this.#source.general(offset));
      blocks.push(block);
    }
    const entries = [...this.#entries].filter(isBlock).map((offset) => indexOf.get(offset)!);
    return { blocks, indexOf, entries };
  }

  #cutLongRuns(): void {
    for (const start of [...this.#leaders]) {
      let offset = start;
      for (let length = 1; ; length++) {
        const placed = this.#decoded.get(offset);
        if (!placed || placed === 'interpret' || endsRegionBlock(placed.instruction)) break;
        offset += placed.instruction.length;
        if (this.#leaders.has(offset)) break;
        if (length % MAXIMUM_BLOCK === 0) this.#leaders.add(offset);
      }
    }
  }

  #block(start: number): Block {
    const instructions: PlacedInstruction[] = [];
    let offset = start;
    for (;;) {
      const placed = this.#decoded.get(offset);
      if (placed === 'interpret') return { offset: start, instructions, end: { kind: 'interpret', offset } };
      if (!placed) return { offset: start, instructions, end: { kind: 'jump', target: offset } };
      instructions.push(placed);
      const next = offset + placed.instruction.length;
      if (endsRegionBlock(placed.instruction)) return { offset: start, instructions, end: endOf(placed, next) };
      if (this.#leaders.has(next)) return { offset: start, instructions, end: { kind: 'jump', target: next } };
      offset = next;
    }
  }
}

function endOf(placed: PlacedInstruction, next: number): BlockEnd {
  const target = relativeTarget(placed);
  if (target === undefined) return { kind: 'transfer' };
  const { transfer } = definitionOf(placed.instruction.mnemonic)!;
  if (transfer === 'call' || transfer === 'jump') return { kind: transfer, target };
  return { kind: 'branch', taken: target, otherwise: next };
}

/** Targets of a block's end, as offsets. */
export function targetsOf({ end }: Block): number[] {
  switch (end.kind) {
    case 'branch':
      return [end.taken, end.otherwise];
    case 'jump':
    case 'call':
      return [end.target];
    default:
      return [];
  }
}

/** Does control come back to block 0 when an instruction has computed where to go? */
export function dispatches(graph: RegionGraph): boolean {
  return graph.entries.length > 1;
}

/** Indices of the blocks a block may go on to within the region. */
export function successors(graph: RegionGraph, index: number): number[] {
  const block = graph.blocks[index]!;
  if (block.end.kind === 'dispatch') return graph.entries;
  if (block.end.kind === 'transfer') return dispatches(graph) ? [0] : [];
  return targetsOf(block)
    .map((offset) => graph.indexOf.get(offset))
    .filter((found) => found !== undefined);
}
