// Makes the interpreter: one WebAssembly module with a handler for every form of every instruction the decoder knows.
// Handlers take table slots 1..n; the custom section 'handlers' holds their keys in that order, as JSON.

import * as L from '../abi/layout.ts';
import { MEMORY_MAXIMUM_PAGES } from '../abi/memory-limit.ts';
import type { LockedAccess } from '../emitter/memory-access.ts';
import { importMonitor } from '../emitter/monitor-imports.ts';
import { Decoder, NeedBytes } from '../isa/decoder.ts';
import type { Instruction } from '../isa/instruction.ts';
import { definitionOf } from '../semantics/index.ts';
import { I32 } from '../wasm/encoding.ts';
import { ModuleBuilder } from '../wasm/module.ts';
import { handlerKey, lockedHandlerKey } from './handler-key.ts';
import { InterpreterEmitter } from './interpreter-emitter.ts';
import { chainFunction } from './region-chain.ts';

export const END_OF_BLOCK = 'END-OF-BLOCK';
export const FIRST_HANDLER = 1;

const MODES = [0, L.MODE_SS32, L.MODE_CS32, L.MODE_CS32 | L.MODE_SS32].flatMap((m) => [m, m | L.MODE_FLAT]);

function* prefixSets(locked: LockedAccess): Generator<number[]> {
  for (const lock of locked === 'atomic' ? [[], [0xf0]] : [[]])
    for (const segment of [[], [0x64]])
      for (const operand of [[], [0x66]])
        for (const address of [[], [0x67]])
          for (const repeat of [[], [0xf3], [0xf2]]) yield [...lock, ...segment, ...operand, ...address, ...repeat];
}

/** ModRM bytes that reach every row: all register forms, and one memory form for each digit. */
const MODRM_BYTES: readonly number[] = [
  ...Array.from({ length: 8 }, (_, digit) => (digit << 3) | 0x40),
  ...Array.from({ length: 64 }, (_, low) => 0xc0 | low),
];

/** One instruction for each handler key that decoding can give. */
export function instructionForms(locked: LockedAccess = 'plain'): Map<string, Instruction> {
  const decoder = new Decoder();
  const forms = new Map<string, Instruction>();
  const padding = new Array<number>(12).fill(0);
  const consider = (bytes: number[], mode: number): Instruction | undefined => {
    try {
      const instruction = decoder.decode(new Uint8Array([...bytes, ...padding]), 0, mode);
      const key = locked === 'atomic' && instruction.lock ? lockedHandlerKey(instruction) : handlerKey(instruction);
      if (definitionOf(instruction.mnemonic) && !forms.has(key)) forms.set(key, instruction);
      return instruction;
    } catch (error) {
      if (!(error instanceof NeedBytes)) throw error;
      return undefined;
    }
  };
  const escapes = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];
  for (const mode of MODES)
    for (const prefixes of prefixSets(locked))
      for (const escapeBytes of escapes)
        for (let opcode = 0; opcode < 256; opcode++) {
          const start = [...prefixes, ...escapeBytes, opcode];
          const rows = decoder.rowsOf(escapeBytes, opcode);
          if (rows.length === 0) continue;
          if (!rows[0]!.needsModrm) consider(start, mode);
          else for (const modrm of MODRM_BYTES) consider([...start, modrm], mode);
        }
  // What the decoder gives for encodings that no row fits.
  for (const mnemonic of ['UD', 'GP', 'UNKNOWN']) {
    const instruction: Instruction = {
      mnemonic,
      shape: 0,
      operands: mnemonic === 'UNKNOWN' ? [{ kind: 'immediate', size: 4, value: 0 }] : [],
      operandSize: 4,
      addressSize: 4,
      repeat: 0,
      lock: false,
      segment: L.SEG_DS,
      memory: 'none',
      stack: 'flat',
      limited: false,
      length: 1,
    };
    forms.set(handlerKey(instruction), instruction);
  }
  return forms;
}

/** The bytes of the interpreter module. `locked`: how locked instructions access memory. */
export function buildInterpreter(locked: LockedAccess = 'plain'): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory('env', 'memory', MEMORY_MAXIMUM_PAGES);
  module.importTable('env', 'table');
  const functions = importMonitor(module);
  const handlerType = module.typeIndex([I32, I32], [I32]);
  const keys: string[] = [];
  const handlers: number[] = [];
  for (const [key, instruction] of instructionForms(locked)) {
    const emitter = new InterpreterEmitter(functions, handlerType, locked);
    keys.push(key);
    handlers.push(module.addFunction(handlerType, emitter.handler(instruction)));
  }
  keys.push(END_OF_BLOCK);
  handlers.push(module.addFunction(handlerType, new InterpreterEmitter(functions, handlerType, locked).endOfBlock()));
  module.addElements(FIRST_HANDLER, handlers);
  const regionType = module.typeIndex([I32, I32, I32], [I32]);
  module.exportFunction('chain', module.addFunction(handlerType, chainFunction(regionType)));
  module.addCustomSection('handlers', new TextEncoder().encode(JSON.stringify(keys)));
  return module.finish();
}

/** Handler key → table slot, from a compiled interpreter module. */
export function handlerSlots(module: WebAssembly.Module): Map<string, number> {
  const section = WebAssembly.Module.customSections(module, 'handlers')[0];
  if (!section) throw new Error('this module is not the interpreter: it has no section "handlers"');
  const keys = JSON.parse(new TextDecoder().decode(section)) as string[];
  return new Map(keys.map((key, index) => [key, FIRST_HANDLER + index]));
}
