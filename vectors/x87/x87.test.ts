// Every x87 instruction against what a real processor did: bit-exact, but for the transcendental instructions, whose last bit is
// the processor's own affair (one unit in the last place, and with it C1).

import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { monitorBytes } from '../../scripts/build-monitor.ts';
import { type Outcome, rowOf, X87Machine } from './machine.ts';
import { type Extended, readVectors, type Vector, type VectorGroup } from './reader.ts';

const C1 = 0x200;
const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const hex = ({ signExponent, significand }: Extended) =>
  `${signExponent.toString(16).padStart(4, '0')}:${significand.toString(16).padStart(16, '0')}`;

let machine: X87Machine;

beforeAll(async () => {
  machine = new X87Machine(new WebAssembly.Module(await monitorBytes()));
});

/** Number of extended numbers between a and b. */
function distance(a: Extended, b: Extended): bigint {
  const rank = ({ signExponent, significand }: Extended) => {
    const magnitude = (BigInt(signExponent & 0x7fff) << 63n) | (significand & 0x7fffffffffffffffn);
    return signExponent >> 15 ? -magnitude : magnitude;
  };
  const difference = rank(a) - rank(b);
  return difference < 0n ? -difference : difference;
}

/** One line per part of the state that differs; empty if all is as it should be. */
function differences(actual: Outcome, { after, top }: Vector, tolerance: bigint): string[] {
  const lines: string[] = [];
  const ignored = tolerance > 0n ? C1 : 0;
  const check = (what: string, is: number, should: number) => {
    if (is !== should) lines.push(`${what} ${is.toString(16)}, not ${should.toString(16)}`);
  };
  check('status word', actual.statusWord & ~ignored, after.statusWord & ~ignored);
  check('tag word', actual.tagWord, after.tagWord);
  check('eflags', actual.eflags, after.eflags);
  actual.registers.forEach((value, n) => {
    const expected = after.registers[n];
    if (hex(value) === hex(expected) || (tolerance > 0n && distance(value, expected) <= tolerance)) return;
    lines.push(`ST(${(n - top) & 7}) of before ${hex(value)}, not ${hex(expected)}`);
  });
  const memory = Buffer.from(actual.operand).toString('hex');
  const expectedMemory = Buffer.from(after.operand).toString('hex');
  if (memory !== expectedMemory) lines.push(`memory ${memory}, not ${expectedMemory}`);
  return lines;
}

function failures({ opcode, modrm, vectors }: VectorGroup, tolerance: bigint): string[] {
  return vectors.flatMap((vector) => {
    const lines = differences(machine.run(opcode, modrm, vector), vector, tolerance);
    if (!lines.length) return [];
    const [a, b] = [0, 1].map((i) => hex(vector.registers[(vector.top + i) & 7]));
    const operand = Buffer.from(vector.operand).toString('hex');
    return `CW ${vector.controlWord.toString(16)} empty ${vector.empty.toString(2)} ST ${a} ${b} ${operand}: ${lines.join('; ')}`;
  });
}

const name = ({ opcode, modrm }: VectorGroup) =>
  `${rowOf(opcode, modrm).mnemonic} (${opcode.toString(16)} ${modrm.toString(16).padStart(2, '0')})`;

describe('exact', () => {
  for (const group of readVectors(file('exact.bin.gz'))) {
    it(`${name(group)}, ${group.vectors.length} vectors`, () => expect(failures(group, 0n)).toEqual([]));
  }
});

describe('transcendental', () => {
  for (const group of readVectors(file('transcendental.bin.gz'))) {
    it(`${name(group)}, ${group.vectors.length} vectors`, () => expect(failures(group, 1n)).toEqual([]));
  }
});
