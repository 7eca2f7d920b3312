// Checks an engine's results for x87 vectors: bit-exact, except for the transcendental instructions, whose last bit depends on
// the processor (one unit in the last place, and with it C1).

import { fileURLToPath } from 'node:url';
import { type Outcome, rowOf } from './machine.ts';
import { type Extended, readVectors, type Vector, type VectorGroup } from './reader.ts';

const C1 = 0x200;

/** Registers of a file's vectors may be so many units in the last place off; then C1 is not compared. */
const FILES = [
  { file: 'exact.bin.gz', tolerance: 0 },
  { file: 'transcendental.bin.gz', tolerance: 1 },
];

export interface X87Group extends VectorGroup {
  /** Mnemonic, encoding and number of vectors. */
  readonly name: string;
  readonly tolerance: number;
}

/** All groups, one for each encoding. */
export function x87Groups(): X87Group[] {
  return FILES.flatMap(({ file, tolerance }) =>
    readVectors(fileURLToPath(new URL(file, import.meta.url))).map((group) => {
      const { opcode, modrm, vectors } = group;
      const encoding = `${opcode.toString(16)} ${modrm.toString(16).padStart(2, '0')}`;
      return { ...group, name: `${rowOf(opcode, modrm).mnemonic} (${encoding}), ${vectors.length} vectors`, tolerance };
    }),
  );
}

const hex = ({ signExponent, significand }: Extended) =>
  `${signExponent.toString(16).padStart(4, '0')}:${significand.toString(16).padStart(16, '0')}`;

/** Number of extended numbers between a and b. */
function distance(a: Extended, b: Extended): bigint {
  const rank = ({ signExponent, significand }: Extended) => {
    const magnitude = (BigInt(signExponent & 0x7fff) << 63n) | (significand & 0x7fffffffffffffffn);
    return signExponent >> 15 ? -magnitude : magnitude;
  };
  const difference = rank(a) - rank(b);
  return difference < 0n ? -difference : difference;
}

function isClose(a: Extended, b: Extended, tolerance: number): boolean {
  if (a.significand === b.significand && a.signExponent === b.signExponent) return true;
  return tolerance > 0 && distance(a, b) <= tolerance;
}

/** One line per part of the state that differs; empty if all is as it should be. */
function differences(actual: Outcome, { after, top }: Vector, tolerance: number): string[] {
  const lines: string[] = [];
  const ignored = tolerance > 0 ? C1 : 0;
  const check = (what: string, is: number, should: number) => {
    if (is !== should) lines.push(`${what} ${is.toString(16)}, not ${should.toString(16)}`);
  };
  check('status word', actual.statusWord & ~ignored, after.statusWord & ~ignored);
  check('tag word', actual.tagWord, after.tagWord);
  check('eflags', actual.eflags, after.eflags);
  actual.registers.forEach((value, n) => {
    const expected = after.registers[n];
    if (isClose(value, expected, tolerance)) return;
    lines.push(`ST(${(n - top) & 7}) of before ${hex(value)}, not ${hex(expected)}`);
  });
  const memory = Buffer.from(actual.operand).toString('hex');
  const expectedMemory = Buffer.from(after.operand).toString('hex');
  if (memory !== expectedMemory) lines.push(`memory ${memory}, not ${expectedMemory}`);
  return lines;
}

/** One line for each vector whose outcome is not the processor's; `outcomes` are in the order of the vectors. */
export function failuresOf({ vectors, tolerance }: X87Group, outcomes: readonly Outcome[]): string[] {
  return vectors.flatMap((vector, n) => {
    const lines = differences(outcomes[n], vector, tolerance);
    if (!lines.length) return [];
    const [a, b] = [0, 1].map((i) => hex(vector.registers[(vector.top + i) & 7]));
    const operand = Buffer.from(vector.operand).toString('hex');
    return `CW ${vector.controlWord.toString(16)} empty ${vector.empty.toString(2)} ST ${a} ${b} ${operand}: ${lines.join('; ')}`;
  });
}
