// Cuts guest code into blocks for the interpreter.
//
// A block ends at a transfer of control, after MAXIMUM_BLOCK instructions, or at the end of its page: only its last
// instruction may reach into the next page.

import { PAGE_SIZE } from '../../base/sizes.ts';
import { type Decoder, NeedBytes } from '../isa/decoder.ts';
import type { Instruction } from '../isa/instruction.ts';
import { definitionOf } from '../semantics/index.ts';

export const MAXIMUM_BLOCK = 48;

/** Code bytes of a page, and of the next one once an instruction reaches into it. */
export interface CodeSource {
  /** All bytes of the page the block starts in. */
  page: Uint8Array;
  /** Offset of the block in it. */
  offset: number;
  /** The next page by linear address, or undefined if fetching from it faults (the fault is recorded then). */
  nextPage(): Uint8Array | undefined;
}

/** Decodes instructions of a block in order; stops where the block ends. Undefined: the first instruction's fetch faults. */
export function decodeInstructions(
  decoder: Decoder,
  source: CodeSource,
  mode: number,
  maximum: number,
): { instructions: Instruction[]; size: number; crosses: boolean } | undefined {
  const instructions: Instruction[] = [];
  let position = source.offset;
  let crosses = false;
  while (instructions.length < maximum && position < PAGE_SIZE) {
    let instruction: Instruction;
    try {
      instruction = decoder.decode(source.page, position, mode);
    } catch (error) {
      if (!(error instanceof NeedBytes)) throw error;
      // A block that has begun ends before the instruction that crosses.
      if (instructions.length > 0) break;
      const next = source.nextPage();
      if (!next) return undefined;
      const joined = new Uint8Array(32);
      const head = PAGE_SIZE - position;
      joined.set(source.page.subarray(position));
      joined.set(next.subarray(0, 32 - head), head);
      instruction = decoder.decode(joined, 0, mode);
      crosses = true;
    }
    instructions.push(instruction);
    position += instruction.length;
    if (definitionOf(instruction.mnemonic)!.ends) break;
  }
  return { instructions, size: position - source.offset, crosses };
}
