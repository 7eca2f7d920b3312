// Which handler runs an instruction: a name of everything its code depends on besides operand values.

import type { Instruction } from '../isa/instruction.ts';
import { definitionOf } from '../semantics/index.ts';

/** Handlers for locked instructions by themselves exist only where memory is shared with other vCPUs: else `handlerKey`'s. */
export function lockedHandlerKey(instruction: Instruction): string {
  return `${handlerKey(instruction)} lock`;
}

export function handlerKey(instruction: Instruction): string {
  const definition = definitionOf(instruction.mnemonic);
  const { mnemonic, operands, operandSize, addressSize, repeat, memory, stack, limited } = instruction;
  let key = mnemonic;
  for (const operand of operands) key += ` ${operand.kind[0]}${operand.size}`;
  if (memory !== 'none') key += ` ${memory}`;
  if (definition?.sized) key += ` o${operandSize}`;
  if (definition?.stack) key += ` ${stack}-stack`;
  if (definition?.address) key += ` a${addressSize}`;
  if (definition?.repeat) key += ` r${repeat}`;
  if (definition?.branches && limited) key += ' limited';
  return key;
}
