import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { Decoder, NeedBytes } from './decoder.ts';
import type { Instruction, Operand } from './instruction.ts';
import { type Decoding, parseOperand, readDecodings } from './testing/decodings.ts';

const FLAT32 = L.MODE_CS32 | L.MODE_SS32 | L.MODE_FLAT;
const decodings = readDecodings(readFileSync(new URL('./testing/decodings.txt', import.meta.url), 'utf8'));
const decoder = new Decoder();

function decode(bytes: readonly number[], mode = FLAT32): Instruction {
  return decoder.decode(new Uint8Array([...bytes, ...new Array<number>(16).fill(0)]), 0, mode);
}

function decodeLike({ mode, bytes }: Decoding): Instruction {
  return decode(bytes, mode === 32 ? FLAT32 : L.MODE_REAL);
}

// Where the names differ: the definitions split what the assembler calls by one name, or join what it distinguishes.
const OTHER_NAMES: Record<string, string> = {
  PUSHSEG: 'push',
  POPSEG: 'pop',
  POPSEG_SS: 'pop',
  POPE: 'pop',
  MOVFROMSEG: 'mov',
  MOVTOSEG: 'mov',
  MOVFROMCR: 'mov',
  MOVTOCR: 'mov',
  MOVFROMDR: 'mov',
  MOVTODR: 'mov',
  CALLI: 'call',
  CALLF: 'call',
  CALLFM: 'call',
  JMPI: 'jmp',
  JMPF: 'jmp',
  JMPFM: 'jmp',
  IMUL2: 'imul',
  IMUL3: 'imul',
  MOVQX: 'movq',
  ICEBP: 'int1',
  NOPE: 'nop',
};
/** By the operand size the assembler has two names for one instruction. */
const SIZED_NAMES: Record<string, readonly [narrow: string, wide: string]> = {
  CBW: ['cbw', 'cwde'],
  CWD: ['cwd', 'cdq'],
  JCXZ: ['jcxz', 'jecxz'],
};
/** Done as NOP or as another instruction on purpose, or not done. */
const NOT_NAMED =
  /^(nop|prefetch\w*|invd|ud[012]|s[gi]dtd|l[gi]dtd|clac|stac|sysret|syscall|rsm|fn(dis|en)i.*|fnsetpm.*)$/;
const NOT_DONE = ['UNKNOWN', 'UD'];
/** Registers that there are none of, or that must not be written: #UD, though the assembler names them. */
const UNDEFINED_MOVES = /^mov (cs,|cr1,|\w+,cr1$)/;
/** Their memory operands are implied, or the assembler prints what the definition knows. */
const IMPLIED_OPERANDS = /^(movs|cmps|stos|lods|scas|ins|outs|xlat|aa[md]|f|in[ts]|icebp|ljmp|enter)/;

function expectedName(instruction: Instruction): string {
  const { mnemonic, operandSize, addressSize } = instruction;
  const sized = SIZED_NAMES[mnemonic];
  if (sized) return sized[(mnemonic === 'JCXZ' ? addressSize : operandSize) === 4 ? 1 : 0];
  return (
    OTHER_NAMES[mnemonic] ??
    mnemonic
      .toLowerCase()
      .replace(/:.*$/, '')
      .replace(/^(movs|cmps|stos|lods|scas|ins|outs)8$/, '$1')
  );
}

/** What distinguishes the operand, without the size of what it is part of. */
function shape(operand: Operand, instruction: Instruction): unknown {
  switch (operand.kind) {
    case 'memory': {
      const { base, index, scale, displacement, segment } = operand;
      const mask = operand.addressSize === 2 ? 0xffff : 0xffffffff;
      return { base, index, scale, displacement: (displacement & mask) >>> 0, segment };
    }
    case 'register':
      return { offset: operand.offset };
    case 'relative':
      return { value: ((instruction.length + operand.value) & (operand.size === 2 ? 0xffff : 0xffffffff)) >>> 0 };
    case 'immediate': {
      const bits = operand.size === 4 ? 32 : operand.size * 8;
      return { value: Number(BigInt.asUintN(bits, BigInt(operand.value))), selector: operand.selector };
    }
  }
}

describe('against objdump', () => {
  it('finds the length of every encoding', () => {
    const wrong = decodings
      // Processors differ in whether these have a ModRM byte.
      .filter(({ name }) => !/^ud[01]$/.test(name))
      .map((decoding) => ({ decoding, length: decodeLike(decoding).length }))
      .filter(({ decoding, length }) => length !== decoding.bytes.length);
    expect(wrong).toEqual([]);
    expect(decodings.length).toBeGreaterThan(1300);
  });

  it('finds the instruction', () => {
    const wrong = decodings.flatMap((decoding) => {
      const instruction = decodeLike(decoding);
      const name = expectedName(instruction);
      // The suffix says an operand size that only the stack shows.
      const same = decoding.name === name || decoding.name.replace(/[wd]$/, '') === name;
      return same || NOT_NAMED.test(decoding.name) || UNDEFINED_MOVES.test(decoding.text)
        ? []
        : [`${decoding.text}: ${instruction.mnemonic}`];
    });
    expect(wrong).toEqual([]);
  });

  it('finds every operand that is written out', () => {
    const wrong = decodings.flatMap((decoding) => {
      const instruction = decodeLike(decoding);
      if (IMPLIED_OPERANDS.test(decoding.name) || NOT_DONE.includes(instruction.mnemonic)) return [];
      const found = instruction.operands.map((operand) => JSON.stringify(shape(operand, instruction)));
      return decoding.operands
        .map((text) => JSON.stringify(parseOperand(text)))
        .filter((wanted) => !found.includes(wanted))
        .map((wanted) => `${decoding.text}: ${wanted} is not in ${found.join(' ')}`);
    });
    expect(wrong).toEqual([]);
  });

  it('tells how wide a memory operand is', () => {
    const wrong = decodings.flatMap((decoding) => {
      const memory = decodeLike(decoding).operands.find(({ kind }) => kind === 'memory');
      if (!memory || decoding.memorySize === undefined || IMPLIED_OPERANDS.test(decoding.name)) return [];
      if (NOT_NAMED.test(decoding.name)) return [];
      return memory.size === decoding.memorySize ? [] : [`${decoding.text}: ${memory.size} bytes`];
    });
    expect(wrong).toEqual([]);
  });
});

describe('prefixes', () => {
  it('take the last segment override', () => {
    expect(decode([0x64, 0x65, 0x8b, 0x00]).operands[1]).toMatchObject({ segment: L.SEG_GS });
    expect(decode([0x65, 0x64, 0xa4]).segment).toBe(L.SEG_FS);
    expect(decode([0xa4]).segment).toBe(L.SEG_DS);
  });

  it('do not toggle: 66 66 is one 66', () => {
    expect(decode([0x66, 0x66, 0x40]).operandSize).toBe(2);
    expect(decode([0x66, 0x40], 0).operandSize).toBe(4);
  });

  it('select repetition by the last of F2 and F3', () => {
    expect(decode([0xf3, 0xa4]).repeat).toBe(1);
    expect(decode([0xf3, 0xf2, 0xa6]).repeat).toBe(2);
  });

  it('allow LOCK only where a lockable instruction writes memory', () => {
    expect(decode([0xf0, 0x01, 0x08]).mnemonic).toBe('ADD');
    expect(decode([0xf0, 0x01, 0xc8]).mnemonic).toBe('UD');
    expect(decode([0xf0, 0x03, 0x08]).mnemonic).toBe('UD');
    expect(decode([0xf0, 0x39, 0x08]).mnemonic).toBe('UD');
    expect(decode([0xf0, 0x90]).mnemonic).toBe('UD');
    expect(decode([0xf0, 0x0f, 0xc7, 0x08]).mnemonic).toBe('CMPXCHG8B');
  });

  it('make an instruction of more than fifteen bytes a #GP', () => {
    const prefixes = (count: number): number[] => [...new Array<number>(count).fill(0x66), 0x40];
    expect(decode(prefixes(14))).toMatchObject({ mnemonic: 'INC', length: 15 });
    expect(decode(prefixes(15)).mnemonic).toBe('GP');
    expect(decode(prefixes(40)).mnemonic).toBe('GP');
    expect(decode([...new Array<number>(10).fill(0x2e), 0x81, 0x05]).mnemonic).toBe('GP');
  });
});

describe('undefined encodings', () => {
  it('are #UD where a register has no such form or does not exist', () => {
    const move = (opcode: number, modrm: number): string =>
      decode([...(opcode > 0xff ? [0x0f] : []), opcode & 0xff, modrm]).mnemonic;
    expect(move(0x8e, 0xc8)).toBe('UD');
    expect(move(0x8e, 0xf0)).toBe('UD');
    expect(move(0x8e, 0xd0)).toBe('MOVTOSEG');
    expect(move(0x120, 0xc8)).toBe('UD');
    expect(move(0x120, 0xe0)).toBe('MOVFROMCR');
    expect(decode([0x0f, 0x0b]).mnemonic).toBe('UD');
  });

  it('of extensions that are not there keep their first bytes for the log; reserved ones are #UD', () => {
    expect(decode([0x0f, 0x05])).toMatchObject({ mnemonic: 'UNKNOWN', operands: [{ value: 0x050f }] });
    expect(decode([0x66, 0x0f, 0xae, 0x3b])).toMatchObject({ mnemonic: 'UNKNOWN', operands: [{ value: 0x3bae0f66 }] });
    expect(decode([0x8d, 0xc0]).mnemonic).toBe('UD');
    expect(decode([0xd9, 0xd2]).mnemonic).toBe('UD');
  });
});

describe('addressing modes', () => {
  it('of moves from control registers are ignored: rm is a register', () => {
    expect(decode([0x0f, 0x20, 0x05])).toMatchObject({ length: 3, memory: 'none' });
  });

  it('are flat in a flat mode with 32-bit addresses, but for FS and GS', () => {
    expect(decode([0x8b, 0x00]).memory).toBe('flat');
    expect(decode([0x8b, 0x00], L.MODE_CS32).memory).toBe('segmented');
    expect(decode([0x64, 0x8b, 0x00]).memory).toBe('segmented');
    expect(decode([0x2e, 0x8b, 0x00]).memory).toBe('segmented');
    expect(decode([0x67, 0x8b, 0x00]).memory).toBe('segmented');
    expect(decode([0x8b, 0xc0]).memory).toBe('none');
  });

  it('of the stack follow SS.B', () => {
    expect(decode([0x50]).stack).toBe('flat');
    expect(decode([0x50], L.MODE_CS32 | L.MODE_SS32).stack).toBe('wide');
    expect(decode([0x50], L.MODE_CS32 | L.MODE_FLAT).stack).toBe('narrow');
  });
});

it('asks for more bytes exactly when the instruction does not end within those given', () => {
  for (const { mode, bytes } of decodings)
    for (let length = 0; length < bytes.length; length++) {
      const cut = (): Instruction =>
        decoder.decode(new Uint8Array(bytes.slice(0, length)), 0, mode === 32 ? FLAT32 : L.MODE_REAL);
      // What is undefined by its opcode needs no more.
      const whole = decodeLike({ mode, bytes, text: '', name: '', operands: [], memorySize: undefined });
      if (!NOT_DONE.includes(whole.mnemonic)) expect(cut).toThrow(NeedBytes);
    }
});

it('decodes at any position, whatever lies before', () => {
  const bytes = new Uint8Array([0x66, 0x0f, 0xb8, 0x78, 0x56, 0x34, 0x12]);
  expect(decoder.decode(bytes, 2, FLAT32)).toEqual(decode([0xb8, 0x78, 0x56, 0x34, 0x12]));
});
