// Writes decodings.txt: what GNU objdump makes of encodings chosen here, as the reference for the decoder. Run by hand when the
// choice changes: npx tsx engine/cpu/isa/testing/record-decodings.ts (Debian: binutils).
//
// A line holds mode (16 or 32), the bytes of the instruction and objdump's text, separated by tabs.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

if (process.argv.length > 2) {
  console.log(
    'npx tsx engine/cpu/isa/testing/record-decodings.ts: writes decodings.txt anew beside itself. It takes no arguments.',
  );
  process.exit(process.argv[2] === '--help' ? 0 : 2);
}

const OUTPUT = fileURLToPath(new URL('decodings.txt', import.meta.url));
/** Room for one instruction; what it leaves is NOPs, so that the next one starts at its place. */
const SLOT = 32;
const NOP = 0x90;
/** Follows every opcode: displacement and immediate that show their order, and that no sign extension changes. */
const FILLER = [0x78, 0x56, 0x34, 0x12, 0x21, 0x43, 0x65, 0x07];
/** Prefixes and escapes are no opcodes; the VEX, EVEX and XOP ranges are not of this machine. */
const NOT_OPCODES = new Set([0x0f, 0x26, 0x2e, 0x36, 0x3e, 0x62, 0x64, 0x65, 0x66, 0x67, 0xc4, 0xc5, 0xf0, 0xf2, 0xf3]);
/** Escapes 0F 38 and 0F 3A, 3DNow!, MPX, and what only other processors have. */
const NOT_SECOND_OPCODES = new Set([
  0x0e, 0x0f, 0x1a, 0x1b, 0x24, 0x26, 0x36, 0x37, 0x38, 0x3a, 0x78, 0x79, 0xa6, 0xa7,
]);
const GROUPS = [0x80, 0x81, 0x83, 0xc0, 0xc1, 0xd0, 0xd3, 0xf6, 0xf7, 0xfe, 0xff, ...range(0xd8, 8)];

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, n) => first + n);
}

/** [EBP+ESI*4+disp8] with ECX as the register, and EDX with ECX. */
const MEMORY_FORM = [0x4c, 0xb5];
const REGISTER_FORM = [0xca];

function opcodes(): number[][] {
  const one = range(0, 256).filter((opcode) => !NOT_OPCODES.has(opcode));
  const two = range(0, 256).filter((opcode) => !NOT_SECOND_OPCODES.has(opcode));
  const starts = [...one.map((opcode) => [opcode]), ...two.map((opcode) => [0x0f, opcode])];
  const groups = GROUPS.flatMap((opcode) =>
    range(0, 8).flatMap((digit) => [
      [opcode, (digit << 3) | 0x05],
      [opcode, 0xc1 | (digit << 3)],
    ]),
  );
  return [
    ...starts.flatMap((start) => [
      [...start, ...MEMORY_FORM],
      [...start, ...REGISTER_FORM],
    ]),
    ...groups,
  ];
}

function addresses32(): number[][] {
  const plain = range(0, 3).flatMap((mod) => range(0, 8).map((rm) => [0x8b, (mod << 6) | (2 << 3) | rm]));
  const withSib = range(0, 3).flatMap((mod) =>
    range(0, 32).map((n) => [0x8b, (mod << 6) | (2 << 3) | 4, ((n & 3) << 6) | ((n & 7) << 3) | ((n >> 2) & 7)]),
  );
  const registers = range(0, 8).flatMap((n) => [
    [0x8a, 0xc0 | (n << 3) | (7 - n)],
    [0x8b, 0xc0 | (n << 3) | (7 - n)],
  ]);
  return [...plain.filter((bytes) => (bytes[1]! & 7) !== 4), ...withSib, ...registers];
}

function addresses16(): number[][] {
  return range(0, 24).map((n) => [0x8b, ((n >> 3) << 6) | (2 << 3) | (n & 7)]);
}

function prefixed(): number[][] {
  const segments = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65].flatMap((segment) => [
    [segment, 0x8b, 0x45],
    [segment, 0xa1],
    [segment, 0xac],
  ]);
  const sizes = [0x05, 0x40, 0xa1, 0xab, 0x68, 0x6a, 0xe8, 0xe9, 0x98, 0x99, 0xc8, 0xb8].flatMap((opcode) => [
    [0x66, opcode],
    [0x67, opcode],
    [0x66, 0x67, opcode],
  ]);
  const repeats = [0xf2, 0xf3].flatMap((repeat) => [0xa4, 0xa7, 0xab, 0xae, 0x6d].map((opcode) => [repeat, opcode]));
  const simd = [0x66, 0xf2, 0xf3].flatMap((prefix) =>
    [0x10, 0x2a, 0x2d, 0x51, 0x58, 0x5a, 0x6f, 0x70, 0x7e, 0xb8, 0xd6, 0xe6].flatMap((opcode) => [
      [prefix, 0x0f, opcode, ...MEMORY_FORM],
      [prefix, 0x0f, opcode, ...REGISTER_FORM],
    ]),
  );
  return [...segments, ...sizes, ...repeats, ...simd, [0xf0, 0x01, 0x08], [0xf3, 0x90], [0x65, 0x66, 0x67, 0x8b, 0x12]];
}

function disassemble(mode: 16 | 32, starts: readonly number[][]): string[] {
  const image = new Uint8Array(starts.length * SLOT).fill(NOP);
  starts.forEach((start, index) => {
    image.set([...start, ...FILLER], index * SLOT);
  });
  const folder = mkdtempSync(join(tmpdir(), 'decodings-'));
  try {
    const file = join(folder, 'image');
    writeFileSync(file, image);
    const machine = mode === 16 ? 'i8086' : 'i386';
    const options = ['-D', '-b', 'binary', '-m', machine, '-M', 'intel', '-w', '--insn-width=16'];
    const text = execFileSync('objdump', [...options, file], { encoding: 'utf8', maxBuffer: 1 << 26 });
    return text.split('\n').flatMap((line) => {
      const match = /^\s*([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(.*)$/.exec(line);
      if (!match) return [];
      const address = Number.parseInt(match[1]!, 16);
      // objdump's idea of what is undefined is not the processors': aliases of x87 instructions run everywhere.
      if (address % SLOT !== 0 || line.includes('(bad)')) return [];
      // A branch is printed with its absolute target: make it relative to the instruction.
      const instruction = match[3]!.replace(
        /^((?:addr16 |data16 )?(?:j\w+|callw?|loop\w*))(\s+)0x([0-9a-f]+)$/,
        (_, name, gap, target) => {
          const distance =
            (Number.parseInt(target, 16) - address) & (mode === 16 || name.endsWith('w') ? 0xffff : 0xffffffff);
          return `${name}${gap}0x${(distance >>> 0).toString(16)}`;
        },
      );
      return [`${mode}\t${match[2]}\t${instruction.replace(/\s+/g, ' ').replace(/ *#.*/, '').trim()}`];
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const narrow = [...addresses16(), [0x66, 0x67, 0x8b, 0x44, 0x8b], [0x05], [0xe8], [0xe9], [0xb8], [0xc3], [0xff, 0x36]];
const address16In32 = addresses16().map((bytes) => [0x67, ...bytes]);
const lines = [
  ...disassemble(32, [...opcodes(), ...addresses32(), ...prefixed(), ...address16In32]),
  ...disassemble(16, narrow),
];
writeFileSync(OUTPUT, `${[...new Set(lines)].join('\n')}\n`);
console.log(`${OUTPUT}: ${lines.length} decodings`);
