import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { Decoder } from './decoder.ts';
import { branchTarget, disassemble } from './disassembler.ts';
import { readDecodings } from './testing/decodings.ts';

const FLAT32 = L.MODE_CS32 | L.MODE_SS32 | L.MODE_FLAT;
const decoder = new Decoder();

function decode(bytes: readonly number[], mode: number) {
  return decoder.decode(new Uint8Array([...bytes, ...new Array<number>(16).fill(0)]), 0, mode);
}

function text(bytes: readonly number[], mode = FLAT32, address = 0): string {
  const instruction = decode(bytes, mode);
  return disassemble(instruction, Uint8Array.from(bytes).subarray(0, instruction.length), address);
}

/** Encodings that are refused, or done as another instruction on purpose; registers named by the width that is used. */
const OTHERWISE = /^(ud[01]|syscall|sysret|rsm|clac|invd|prefetch|fndisi|lar|lsl|pinsrw)|\bcr1\b|mov cs,/;
/** The text has its short form here, which has tests of its own. */
const IN_SHORT = /\b(movs|cmps|stos|lods|scas|ins|outs|xlat) /;

/** What objdump writes and we leave out: a prefix without effect, an index that is none, a width that the register says. */
function plain(line: string): string {
  return line
    .replace(/^addr16 /, '')
    .replace(/^(push|call|jmp|enter)w /, '$1 ')
    .replace(/\[eiz\*1\+(0x[0-9a-f]+)\]/, 'ds:$1')
    .replace('+eiz*1', '')
    .replace('ss:[ebp', '[ebp')
    .replace('sidtd', 'sidt');
}

describe('disassemble', () => {
  it('writes what objdump writes', () => {
    const wrong = readDecodings(readFileSync(new URL('./testing/decodings.txt', import.meta.url), 'utf8'))
      .filter((decoding) => !OTHERWISE.test(decoding.text) && !IN_SHORT.test(decoding.text))
      .map(({ mode, bytes, text: wanted }) => ({
        wanted: plain(wanted),
        found: text(bytes, mode === 32 ? FLAT32 : L.MODE_REAL),
      }))
      // objdump leaves the width of an absolute MOV to the register.
      .map(({ wanted, found }) => ({
        wanted,
        found: /mov .*s:0x/.test(wanted) && !/PTR/.test(wanted) ? found.replace(/\w+ PTR /, '') : found,
      }))
      .filter(({ wanted, found }) => wanted !== found);
    expect(wrong).toEqual([]);
  });

  it('writes string instructions by their short names', () => {
    expect(text([0xf3, 0xa5])).toBe('rep movsd');
    expect(text([0xf3, 0x66, 0xab])).toBe('rep stosw');
    expect(text([0xf2, 0xae])).toBe('repnz scasb');
    expect(text([0xf3, 0xa6])).toBe('repz cmpsb');
    expect(text([0x65, 0xac])).toBe('lodsb gs:[esi]');
    expect(text([0xa5], L.MODE_REAL)).toBe('movsw');
  });

  it('tells a lock from its prefix', () => {
    expect(text([0xf0, 0x0f, 0xb1, 0x0a])).toBe('lock cmpxchg DWORD PTR [edx],ecx');
    expect(text([0x0f, 0xb1, 0x0a])).toBe('cmpxchg DWORD PTR [edx],ecx');
  });

  it('names segments that are not implied', () => {
    expect(text([0x65, 0x8b, 0x48, 0x10])).toBe('mov ecx,DWORD PTR gs:[eax+0x10]');
    expect(text([0x3e, 0x8b, 0x45, 0xfc])).toBe('mov eax,DWORD PTR ds:[ebp-0x4]');
    expect(text([0x8b, 0x45, 0xfc])).toBe('mov eax,DWORD PTR [ebp-0x4]');
  });

  it('writes targets as addresses', () => {
    expect(text([0xeb, 0xfe], FLAT32, 0xc0100000)).toBe('jmp 0xc0100000');
    expect(text([0xe8, 0, 0, 0, 0x40], FLAT32, 0xc0100000)).toBe('call 0x100005');
    expect(branchTarget(decode([0x75, 0x02], FLAT32), 0xfffffffe)).toBe(2);
    expect(branchTarget(decode([0x75, 0x7e], L.MODE_REAL), 0x1fff0)).toBe(0x10070);
    expect(branchTarget(decode([0x90], FLAT32), 0)).toBeUndefined();
  });

  it('knows 16-bit names and what it cannot name', () => {
    expect(text([0x98], L.MODE_REAL)).toBe('cbw');
    expect(text([0x66, 0x98], L.MODE_REAL)).toBe('cwde');
    expect(text([0x0f, 0xae, 0xf8])).toBe('sfence');
    expect(text([0x0f, 0x04])).toBe('(bad)');
  });
});
