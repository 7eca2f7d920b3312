// What each instruction needs of CPUID, for every row of the opcode tables and every prefix: what is decoded is announced, what
// is not announced raises #UD and is reported, and the rest is reserved.

import { beforeAll, describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { Decoder, NeedBytes } from '../isa/decoder.ts';
import { BASE, FEATURES, type Feature, type FeatureBit } from '../isa/features.ts';
import { TestMachine } from '../monitor/testing/machine.ts';
import { definitionOf } from '../semantics/index.ts';

const REGISTERS = { eax: L.RAX, ebx: L.RBX, ecx: L.RCX, edx: L.RDX };
const MODE = L.MODE_CS32 | L.MODE_SS32 | L.MODE_FLAT | L.MODE_USER;
const PREFIXES: Record<string, readonly number[]> = { np: [], '66': [0x66], f2: [0xf2], f3: [0xf3] };

let machine: TestMachine;
beforeAll(async () => {
  machine = await TestMachine.create();
});

function isAnnounced(feature: Feature): boolean {
  if (feature === BASE) return true;
  const { leaf, subleaf, register, bit }: FeatureBit = FEATURES[feature];
  // Beyond the last leaf CPUID gives that of the last one.
  machine.set32(L.RAX, leaf & 0x80000000);
  machine.monitor.cpuid();
  if (machine.get32(L.RAX) >>> 0 < leaf) return false;
  machine.set32(L.RAX, leaf);
  machine.set32(L.RCX, subleaf);
  machine.monitor.cpuid();
  return ((machine.get32(REGISTERS[register]) >>> bit) & 1) === 1;
}

/** What a user-mode program meets: the mnemonic, UD (reserved) or UNKNOWN (of an absent extension). */
function decoded(...bytes: number[]): string {
  return new Decoder().decode(Uint8Array.from([...bytes, ...new Array<number>(12).fill(0)]), 0, MODE).mnemonic;
}

function withPrefixes(...bytes: number[]): Record<string, string> {
  return Object.fromEntries(Object.entries(PREFIXES).map(([name, prefix]) => [name, decoded(...prefix, ...bytes)]));
}

describe('the opcode tables', () => {
  const { present, absent } = Decoder.rows();

  it('decode only what CPUID announces', () => {
    const unannounced = present.filter(({ feature }) => !isAnnounced(feature));
    expect(unannounced.map(({ mnemonic, feature }) => `${mnemonic}: ${feature}`)).toEqual([]);
    expect(new Set(present.map(({ feature }) => feature)).size).toBeGreaterThan(15);
  });

  it('list as absent only what CPUID does not announce', () => {
    const announced = absent.filter(({ feature }) => feature === BASE || isAnnounced(feature));
    expect(announced.map(({ mnemonic, feature }) => `${mnemonic}: ${feature}`)).toEqual([]);
  });

  it('have a definition for all that they decode, and no encoding both there and absent', () => {
    expect(present.filter(({ mnemonic }) => !definitionOf(mnemonic))).toEqual([]);
    const found: string[] = [];
    const covers = (
      key: 'prefix' | 'digit' | 'form' | 'modrm',
      a: (typeof present)[number],
      b: (typeof present)[number],
    ) => a[key] === undefined || a[key] === b[key];
    const decoder = new Decoder();
    for (const escapes of [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]])
      for (let opcode = 0; opcode < 256; opcode++) {
        const there = decoder.rowsOf(escapes, opcode);
        const gone = decoder.absentRowsOf(escapes, opcode);
        for (const row of gone)
          if (
            there.some((other) =>
              (['prefix', 'digit', 'form', 'modrm'] as const).every((key) => covers(key, other, row)),
            )
          )
            found.push(row.mnemonic);
      }
    expect(found).toEqual([]);
  });
});

// The rule of the manuals: an instruction marked NP, and every MMX or SSE one, has no other prefixes than its own.
describe('an extension instruction with a prefix that is not its own', () => {
  const isOwn = ({ prefix }: { prefix?: string | undefined }, name: string): boolean => prefix === name;

  it('is another instruction or none', () => {
    const decoder = new Decoder();
    const mistaken: string[] = [];
    for (const escapes of [[0x0f], [0x0f, 0x38], [0x0f, 0x3a]])
      for (let opcode = 0; opcode < 256; opcode++)
        for (const row of decoder.rowsOf(escapes, opcode)) {
          if (row.prefix === undefined) continue;
          const modrm = row.modrm ?? ((row.digit ?? 0) << 3) | (row.form === 'm' ? 0x05 : 0xc0);
          for (const [name, prefix] of Object.entries(PREFIXES)) {
            if (isOwn(row, name)) continue;
            const mnemonic = decoded(...prefix, ...escapes, opcode, modrm);
            const others = decoder
              .rowsOf(escapes, opcode)
              .filter((other) => isOwn(other, name) || other.prefix === undefined);
            if (!['UD', 'UNKNOWN'].includes(mnemonic) && !others.some((other) => other.mnemonic === mnemonic))
              mistaken.push(`${name} ${row.mnemonic}: ${mnemonic}`);
          }
        }
    expect(mistaken).toEqual([]);
  });

  it.each([
    ['CLFLUSH', [0x0f, 0xae, 0x3b], 'UNKNOWN', 'UD', 'UD'],
    ['FXSAVE', [0x0f, 0xae, 0x03], 'UD', 'UD', 'UD'],
    ['FXRSTOR', [0x0f, 0xae, 0x0b], 'UD', 'UD', 'UD'],
    ['LDMXCSR', [0x0f, 0xae, 0x13], 'UD', 'UD', 'UD'],
    ['STMXCSR', [0x0f, 0xae, 0x1b], 'UD', 'UD', 'UD'],
    ['FENCE', [0x0f, 0xae, 0xe8], 'UD', 'UD', 'UNKNOWN'],
    ['FENCE', [0x0f, 0xae, 0xf0], 'UNKNOWN', 'UNKNOWN', 'UNKNOWN'],
    ['FENCE', [0x0f, 0xae, 0xf8], 'UD', 'UD', 'UD'],
    ['EMMS', [0x0f, 0x77], 'UD', 'UD', 'UD'],
    ['CLAC', [0x0f, 0x01, 0xca], 'UD', 'UD', 'UD'],
    ['MOVNTI', [0x0f, 0xc3, 0x03], 'UD', 'UD', 'UD'],
    ['RDTSCP', [0x0f, 0x01, 0xf9], 'RDTSCP', 'RDTSCP', 'RDTSCP'],
    ['CMPXCHG8B', [0x0f, 0xc7, 0x0b], 'CMPXCHG8B', 'CMPXCHG8B', 'CMPXCHG8B'],
    ['UD', [0x0f, 0xb8, 0xc0], 'UD', 'UD', 'POPCNT'],
    ['BSF', [0x0f, 0xbc, 0xc0], 'BSF', 'BSF', 'BSF'],
  ])('%s as real processors have it', (np, bytes, narrow, f2, f3) => {
    expect(withPrefixes(...bytes)).toEqual({ np, '66': narrow, f2, f3 });
  });
});

describe('x87 encodings', () => {
  /** Those that an AMD EPYC (family 26) refuses, by opcode. */
  const RESERVED: Record<number, readonly number[]> = {
    217: [0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xe2, 0xe3, 0xe6, 0xe7, 0xef],
    218: [...range(0xe0, 0xe8), ...range(0xea, 0xff)],
    219: [0xe5, 0xe6, 0xe7, ...range(0xf8, 0xff)],
    221: range(0xf0, 0xff),
    222: [0xd8, ...range(0xda, 0xdf)],
    223: [...range(0xe1, 0xe7), ...range(0xf8, 0xff)],
  };
  const RESERVED_MEMORY = [0xd9 * 8 + 1, 0xdb * 8 + 4, 0xdb * 8 + 6, 0xdd * 8 + 5];

  function range(first: number, last: number): number[] {
    return Array.from({ length: last - first + 1 }, (_, n) => first + n);
  }

  it('are reserved as on a real processor, and never reported', () => {
    for (let opcode = 0xd8; opcode <= 0xdf; opcode++) {
      const refused = range(0xc0, 0xff).filter((modrm) => decoded(opcode, modrm) === 'UD');
      expect(refused, opcode.toString(16)).toEqual(RESERVED[opcode] ?? []);
      for (let digit = 0; digit < 8; digit++)
        expect(decoded(opcode, (digit << 3) | 5) === 'UD', `${opcode.toString(16)} /${digit}`).toBe(
          RESERVED_MEMORY.includes(opcode * 8 + digit),
        );
    }
  });

  it('of no opcode at all wait for bytes that cannot matter', () => {
    expect(() => new Decoder().decode(Uint8Array.of(0x0f, 0x24), 0, MODE)).not.toThrow(NeedBytes);
  });
});
