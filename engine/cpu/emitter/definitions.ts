// Where every instruction's one definition is kept: mnemonic → what it does and what a backend must know beforehand.

import type { Instruction } from '../isa/instruction.ts';
import type { Emitter } from './emitter.ts';

/** What an instruction does to the arithmetic flags: 'none', reads only, sets all, or anything else. */
export type FlagEffect = 'none' | 'reads' | 'sets' | 'changes';

export interface Definition {
  emit(emitter: Emitter): void;
  /** The block ends here: a transfer of control, or a change of mode. */
  ends: boolean;
  /** A region goes on behind it all the same, unless LEAVE asks to leave. */
  continues: boolean;
  /** How it transfers control, if it is a near transfer; a target that is no relative operand is computed. */
  transfer: 'jump' | 'call' | 'branch' | undefined;
  /** Control is expected to come back behind it: a call, an interrupt. */
  comesBack: boolean;
  /** No interrupt is taken before the instruction behind it has ended. */
  inhibits: boolean;
  /** May stand in a translated region; otherwise the region leaves and the interpreter does it. */
  translatable: boolean | ((instruction: Instruction) => boolean);
  /** In a region it is done by `Emitter.quickly`, else the interpreter does it: a region can be entered behind it. */
  quick: boolean;
  flags: FlagEffect;
  /** Its code depends on the operand-size attribute even without an operand of that size. */
  sized: boolean;
  /** Its code depends on the stack's kind, the address size, REP prefixes, the source segment. */
  stack: boolean;
  address: boolean;
  repeat: boolean;
  /** A near branch: its code depends on whether CS has a limit. */
  branches: boolean;
  /** May leave a region in the middle although no operand of it is memory. */
  mayFault: boolean;
}

const definitions = new Map<string, Definition>();

export function define(mnemonics: string, traits: Partial<Definition>, emit: (emitter: Emitter) => void): void {
  for (const mnemonic of mnemonics.split(' ')) {
    if (definitions.has(mnemonic)) throw new Error(`${mnemonic} is defined twice`);
    definitions.set(mnemonic, {
      ends: false,
      continues: false,
      transfer: undefined,
      comesBack: false,
      inhibits: false,
      translatable: true,
      quick: false,
      flags: 'none',
      sized: false,
      stack: false,
      address: false,
      repeat: false,
      branches: false,
      mayFault: false,
      ...traits,
      emit,
    });
  }
}

/** May this instruction stand in a region? */
export function isTranslatable(instruction: Instruction): boolean {
  const { translatable } = definitions.get(instruction.mnemonic)!;
  return typeof translatable === 'boolean' ? translatable : translatable(instruction);
}

/** Does a region do it only where that is quick? */
export function isQuick(instruction: Instruction): boolean {
  return definitions.get(instruction.mnemonic)!.quick;
}

/** Does control part behind this instruction in a region? */
export function endsRegionBlock(instruction: Instruction): boolean {
  const { ends, continues } = definitions.get(instruction.mnemonic)!;
  return ends && !continues;
}

export function definitionOf(mnemonic: string): Definition | undefined {
  return definitions.get(mnemonic);
}
