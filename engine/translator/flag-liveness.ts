// Which blocks of a region look at the flags they are entered with: by reading them, by leaving the region, or by an
// instruction that may leave before the flags are set anew. Backward data flow over the graph.

import { definitionOf } from '../isa/semantics/index.ts';
import { type Block, type RegionGraph, successors } from './region-graph.ts';

/** 'needed' or 'dead' if the block itself decides, else what its successors say. */
function decidedBy(block: Block): 'needed' | 'dead' | 'successors' {
  for (const { instruction } of block.instructions) {
    const definition = definitionOf(instruction.mnemonic)!;
    const mayLeave = definition.mayFault || instruction.operands.some(({ kind }) => kind === 'memory');
    if (mayLeave || definition.flags === 'reads' || definition.flags === 'changes') return 'needed';
    if (definition.flags === 'sets') return 'dead';
  }
  return block.end.kind === 'transfer' || block.end.kind === 'interpret' ? 'needed' : 'successors';
}

/** For each block whether its flags on entry matter. */
export function flagsNeeded(graph: RegionGraph): boolean[] {
  const decided = graph.blocks.map(decidedBy);
  const needed = decided.map((verdict) => verdict === 'needed');
  const exits = graph.blocks.map(({ end }, index) => {
    const targets = end.kind === 'branch' ? 2 : end.kind === 'jump' ? 1 : 0;
    return successors(graph, index).length < targets;
  });
  for (let changed = true; changed; ) {
    changed = false;
    graph.blocks.forEach((_, index) => {
      if (needed[index] || decided[index] !== 'successors') return;
      if (exits[index] || successors(graph, index).some((next) => needed[next])) {
        needed[index] = true;
        changed = true;
      }
    });
  }
  return needed;
}
