// Finds the code of a region: from a hot entry, direct branches are followed into a graph of blocks.
//
// A region stays within one page and below MAXIMUM_INSTRUCTIONS; calls, returns, indirect branches, instructions that only
// the interpreter does, and whatever lies outside end it. Offsets are bytes within the page.

import { type Decoder, NeedBytes } from '../isa/decoder.ts';
import type { Instruction } from '../isa/instruction.ts';
import { definitionOf } from '../isa/semantics/index.ts';

export const MAXIMUM_INSTRUCTIONS = 240;
const PAGE_SIZE = 4096;

export interface PlacedInstruction {
  instruction: Instruction;
  offset: number;
}

/** How a block ends. Targets are offsets; a target that is no block of the region leaves it. */
export type BlockEnd =
  | { kind: 'branch'; taken: number; otherwise: number }
  | { kind: 'jump'; target: number }
  /** The instruction computes where it goes (return, indirect), or is a call. */
  | { kind: 'transfer' }
  /** On with the interpreter at this offset, for one instruction. */
  | { kind: 'interpret'; offset: number };

export interface Block {
  offset: number;
  instructions: PlacedInstruction[];
  end: BlockEnd;
}

export interface RegionGraph {
  /** Block 0 is the entry. */
  blocks: Block[];
  indexOf: Map<number, number>;
}

/** Target of a relative branch as an offset into the page; may lie outside of it. */
function relativeTarget(placed: PlacedInstruction): number | undefined {
  const operand = placed.instruction.operands[0];
  if (operand?.kind !== 'relative') return undefined;
  return placed.offset + placed.instruction.length + operand.value;
}

/** Undefined when the entry itself can't be translated. */
export function discoverRegion(
  decoder: Decoder,
  page: Uint8Array,
  entry: number,
  mode: number,
): RegionGraph | undefined {
  const decoded = new Map<number, PlacedInstruction | 'interpret'>();
  const leaders = new Set<number>([entry]);
  const work = [entry];
  let count = 0;
  const follow = (offset: number): void => {
    if (offset < 0 || offset >= PAGE_SIZE) return;
    leaders.add(offset);
    if (!decoded.has(offset)) work.push(offset);
  };
  for (let start = work.shift(); start !== undefined; start = work.shift()) {
    for (let offset = start; offset < PAGE_SIZE && !decoded.has(offset); ) {
      if (count >= MAXIMUM_INSTRUCTIONS) break;
      const placed = decodeAt(decoder, page, offset, mode);
      if (placed === 'interpret' || !definitionOf(placed.instruction.mnemonic)!.translatable) {
        decoded.set(offset, 'interpret');
        break;
      }
      count++;
      decoded.set(offset, placed);
      const { instruction } = placed;
      const next = offset + instruction.length;
      if (definitionOf(instruction.mnemonic)!.ends) {
        const target = relativeTarget(placed);
        // 16-bit branches cut their target; that can't be told from the offset alone.
        if (target !== undefined && instruction.mnemonic !== 'CALL' && instruction.operandSize === 4) {
          follow(target);
          if (instruction.mnemonic !== 'JMP') follow(next);
        }
        break;
      }
      offset = next;
      // Overlapping code meets what was decoded from elsewhere: from here on it is the same.
      if (decoded.has(offset)) leaders.add(offset);
    }
  }
  if (!isPlaced(decoded.get(entry))) return undefined;
  return buildBlocks(decoded, leaders, entry);
}

function isPlaced(found: PlacedInstruction | 'interpret' | undefined): found is PlacedInstruction {
  return found !== undefined && found !== 'interpret';
}

function decodeAt(decoder: Decoder, page: Uint8Array, offset: number, mode: number): PlacedInstruction | 'interpret' {
  try {
    return { instruction: decoder.decode(page, offset, mode), offset };
  } catch (error) {
    if (error instanceof NeedBytes) return 'interpret';
    throw error;
  }
}

function buildBlocks(
  decoded: Map<number, PlacedInstruction | 'interpret'>,
  leaders: Set<number>,
  entry: number,
): RegionGraph {
  const starts = [...leaders].filter((offset) => isPlaced(decoded.get(offset)) && offset !== entry);
  starts.sort((a, b) => a - b);
  starts.unshift(entry);
  const indexOf = new Map(starts.map((offset, index) => [offset, index]));
  const blocks = starts.map((start): Block => {
    const instructions: PlacedInstruction[] = [];
    let offset = start;
    for (;;) {
      const placed = decoded.get(offset);
      if (placed === 'interpret') return { offset: start, instructions, end: { kind: 'interpret', offset } };
      if (!placed) return { offset: start, instructions, end: { kind: 'jump', target: offset } };
      instructions.push(placed);
      const next = offset + placed.instruction.length;
      if (definitionOf(placed.instruction.mnemonic)!.ends) {
        const target = placed.instruction.operandSize === 4 ? relativeTarget(placed) : undefined;
        if (target === undefined || placed.instruction.mnemonic === 'CALL')
          return { offset: start, instructions, end: { kind: 'transfer' } };
        if (placed.instruction.mnemonic === 'JMP')
          return { offset: start, instructions, end: { kind: 'jump', target } };
        return { offset: start, instructions, end: { kind: 'branch', taken: target, otherwise: next } };
      }
      if (leaders.has(next) || !decoded.has(next))
        return { offset: start, instructions, end: { kind: 'jump', target: next } };
      offset = next;
    }
  });
  return { blocks, indexOf };
}

/** Indices of the blocks a block may go on to within the region. */
export function successors(graph: RegionGraph, index: number): number[] {
  const { end } = graph.blocks[index]!;
  const targets = end.kind === 'branch' ? [end.taken, end.otherwise] : end.kind === 'jump' ? [end.target] : [];
  return targets.map((offset) => graph.indexOf.get(offset)).filter((found) => found !== undefined);
}
