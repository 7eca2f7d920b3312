import { describe, expect, it } from 'vitest';
import { tokens } from './tokens.ts';

const coloured = (line: string) =>
  tokens(line)
    .filter(({ kind }) => kind !== 'plain')
    .map(({ text, kind }) => `${kind} ${text}`);

describe('tokens', () => {
  it('lose nothing of the line', () => {
    for (const line of [
      '    i32.load offset=8 align=1',
      'lock cmpxchg DWORD PTR gs:[eax-0x4],ecx',
      '  (func $region (;3;)',
    ])
      expect(
        tokens(line)
          .map(({ text }) => text)
          .join(''),
      ).toBe(line);
  });

  it('tell registers, numbers and widths of x86 apart', () => {
    expect(coloured('mov DWORD PTR gs:[eax+ecx*4-0x4],0x10')).toEqual([
      'quiet DWORD',
      'quiet PTR',
      'name gs',
      'name eax',
      'name ecx',
      'number 4',
      'number -0x4',
      'number 0x10',
    ]);
    expect(coloured('jne 0xc0101234')).toEqual(['control jne', 'number 0xc0101234']);
    expect(coloured('pxor xmm0,xmm1')).toEqual(['name xmm0', 'name xmm1']);
  });

  it('tell locals, control flow and offsets of WebAssembly apart', () => {
    expect(coloured('  local.get $var12')).toEqual(['name $var12']);
    expect(coloured('  i32.load offset=1568 align=1')).toEqual(['quiet offset=1568', 'quiet align=1']);
    expect(coloured('  i32.load offset=128 ;; RIP 4')).toEqual(['quiet offset=128', 'quiet ;; RIP 4']);
    expect(coloured('  br_if $label0')).toEqual(['control br_if', 'name $label0']);
    expect(coloured('  i32.const -1')).toEqual(['number -1']);
  });
});
