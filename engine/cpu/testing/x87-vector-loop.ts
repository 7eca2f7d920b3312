// The vectors of one x87 encoding as a guest's loop over a table, so that the translator runs all of them behind one compilation.
// As on the processor that they were recorded on (vectors/x87/harness.c), the instruction is between FRSTOR and FNSAVE, which does
// not wait: what an unmasked exception leaves is there to see.
//
// An entry, to which EDI points: memory operand, EFLAGS before and after, image for FRSTOR, image of FNSAVE.

import type { Outcome } from '../../../vectors/x87/machine.ts';
import type { Vector, VectorGroup } from '../../../vectors/x87/reader.ts';
import * as L from '../abi/layout.ts';
import type { BareMachine } from './bare-machine.ts';

const CODE = 0x1000;
const TABLE = 0x20000;
/** No entry crosses a page. */
const ENTRY = 256;
const [FLAGS_BEFORE, FLAGS_AFTER, BEFORE, AFTER] = [12, 13, 16, 128] as const;
/** Pages of guest RAM for a table of 1500 vectors. */
export const LOOP_PAGES = 0x100;

// The 32-bit image (SDM vol. 1 §8.1.10): seven words, then ST(0) to ST(7), ten bytes each.
const [CONTROL, STATUS, TAGS, REGISTERS] = [0, 4, 8, 28] as const;
const REGISTER_SIZE = 10;
const TOP_SHIFT = 11;
/** Of a register that is not empty FRSTOR takes the tag from its contents. */
const EMPTY = 3;
/** CF PF AF ZF SF */
const FLAGS = 0xd5;

function loop(opcode: number, modrm: number): number[] {
  const body = [
    ...[0xdd, 0x67, BEFORE], // FRSTOR [EDI + BEFORE]
    ...[0x8a, 0x67, FLAGS_BEFORE, 0x9e], // MOV AH, [EDI + FLAGS_BEFORE]; SAHF
    ...[opcode, modrm], // with [EDI] if it has a memory operand
    ...[0x9f, 0x88, 0x67, FLAGS_AFTER], // LAHF; MOV [EDI + FLAGS_AFTER], AH
    ...[0xdd, 0xb7, AFTER, 0, 0, 0], // FNSAVE [EDI + AFTER]
    ...[0x81, 0xc7, ENTRY & 0xff, ENTRY >> 8, 0, 0], // ADD EDI, ENTRY
    0x49, // DEC ECX
  ];
  return [...body, 0x75, -(body.length + 2) & 0xff, 0xf4]; // JNZ; HLT
}

function writeEntry(bytes: Uint8Array, { controlWord, registers, empty, top, eflags, operand }: Vector): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  bytes.set(operand);
  bytes[FLAGS_BEFORE] = eflags;
  view.setUint16(BEFORE + CONTROL, controlWord, true);
  view.setUint16(BEFORE + STATUS, top << TOP_SHIFT, true);
  const tags = registers.reduce((word, _, n) => word | ((empty >> n) & 1 ? EMPTY << (2 * n) : 0), 0);
  view.setUint16(BEFORE + TAGS, tags, true);
  for (let i = 0; i < registers.length; i++) {
    const { significand, signExponent } = registers[(top + i) & 7]!;
    const at = BEFORE + REGISTERS + i * REGISTER_SIZE;
    view.setBigUint64(at, significand, true);
    view.setUint16(at + 8, signExponent, true);
  }
}

function readEntry(bytes: Uint8Array, { operand }: Vector): Outcome {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const statusWord = view.getUint16(AFTER + STATUS, true);
  const registers = Array.from({ length: 8 }, (_, n) => {
    const at = AFTER + REGISTERS + ((n - (statusWord >> TOP_SHIFT)) & 7) * REGISTER_SIZE;
    return { significand: view.getBigUint64(at, true), signExponent: view.getUint16(at + 8, true) };
  });
  return {
    statusWord,
    tagWord: view.getUint16(AFTER + TAGS, true),
    eflags: bytes[FLAGS_AFTER]! & FLAGS,
    registers,
    operand: bytes.subarray(0, operand.length),
  };
}

/** Runs a group's vectors, of which there may be 1500, on a machine with LOOP_PAGES; the outcomes in their order. */
export function runVectorLoop(machine: BareMachine, { opcode, modrm, vectors }: VectorGroup): Outcome[] {
  const table = new Uint8Array(vectors.length * ENTRY);
  const entryOf = (bytes: Uint8Array, n: number): Uint8Array => bytes.subarray(n * ENTRY, (n + 1) * ENTRY);
  vectors.forEach((vector, n) => {
    writeEntry(entryOf(table, n), vector);
  });
  machine.poke(TABLE, table);
  machine.poke(CODE, loop(opcode, modrm));
  machine.executor.stateReplaced();
  machine.setRegister(L.RCX, vectors.length);
  machine.setRegister(L.RDI, TABLE);
  machine.run(CODE);
  const results = machine.bytes(TABLE, table.length);
  return vectors.map((vector, n) => readEntry(entryOf(results, n), vector));
}
