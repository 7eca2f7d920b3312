// What happens to the flags a block is entered with, on any path from there, before they are set again:
//   'read'  an instruction looks at them; then they are canonical where paths join;
//   'kept'  no instruction reads them, but the region may be left with them: whatever kind they are of, they must be there;
//   'dead'  nothing.
// Backward data flow over the graph.

import { definitionOf } from '../semantics/index.ts';
import { type Block, type RegionGraph, successors, targetsOf } from './region-graph.ts';

export type FlagUse = 'dead' | 'kept' | 'read';

const RANK: Record<FlagUse, number> = { dead: 0, kept: 1, read: 2 };

/** What the block itself says, and whether its successors have a say too. */
function ownUse(block: Block): { use: FlagUse; passes: boolean } {
  let use: FlagUse = 'dead';
  for (const { instruction } of block.instructions) {
    const definition = definitionOf(instruction.mnemonic)!;
    const mayFault = definition.mayFault || (definition.branches && instruction.limited);
    if (definition.flags === 'reads' || definition.flags === 'changes') return { use: 'read', passes: false };
    if (mayFault || instruction.operands.some(({ kind }) => kind === 'memory')) use = 'kept';
    if (definition.flags === 'sets') return { use, passes: false };
  }
  // Behind a computed transfer any code may follow; it reads the flags, of whatever kind they are.
  if (block.end.kind === 'transfer' || block.end.kind === 'interpret' || block.end.kind === 'dispatch')
    return { use: 'kept', passes: false };
  return { use, passes: true };
}

/** The use of the flags on entry, for each block. */
export function flagUses(graph: RegionGraph): FlagUse[] {
  const own = graph.blocks.map(ownUse);
  const uses = own.map(({ use }) => use);
  graph.blocks.forEach((block, index) => {
    const leaves = targetsOf(block).some((offset) => !graph.indexOf.has(offset));
    if (leaves && own[index]!.passes && uses[index] === 'dead') uses[index] = 'kept';
  });
  for (let changed = true; changed; ) {
    changed = false;
    graph.blocks.forEach((_, index) => {
      if (!own[index]!.passes) return;
      for (const next of successors(graph, index)) {
        if (RANK[uses[next]!] <= RANK[uses[index]!]) continue;
        uses[index] = uses[next]!;
        changed = true;
      }
    });
  }
  return uses;
}
