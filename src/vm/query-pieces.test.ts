import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QueryPieces } from './query-pieces.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const cut = (text: string, position = 0) =>
  new QueryPieces().cut(encode(text), position).map((piece) => [piece.position, decode(piece.bytes)]);

describe('pieces of output by their questions', () => {
  it('begin where a question may', () => {
    expect(cut('ab\x1b[6ncd\x1b[c', 100)).toEqual([
      [100, 'ab'],
      [102, '\x1b[6ncd'],
      [108, '\x1b[c'],
    ]);
    for (const question of ['\x1b[>c', '\x1b[?6n', '\x1b[?2026$p', '\x1b]11;?\x07', '\x1bP$qm\x1b\\', '\u009b6n'])
      expect(cut(`text ${question}`)).toEqual([
        [0, 'text '],
        [5, question],
      ]);
  });

  it('are not cut for colours and cursor movements', () => {
    const plain = '\x1b[1;32mroot\x1b[0m:~# \x1b[K\x1b[2J\x1b[H é';
    expect(cut(plain)).toEqual([[0, plain]]);
  });

  it('have the same names however the output arrives', () => {
    const text = 'one\x1b[6n two \x1b[31mred\x1b]10;?\x07 three\x1b[?1;2$p\x1b[c end';
    const bytes = encode(text);
    const starts = (pieces: { position: number; bytes: Uint8Array }[]) => [...new Set(pieces.map((p) => p.position))];
    const questions = [3, 20, 33, 41];
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: bytes.length - 1 })), (cuts) => {
        const borders = [0, ...[...new Set(cuts)].sort((a, b) => a - b), bytes.length];
        const pieces = new QueryPieces();
        const all = borders.slice(1).flatMap((to, n) => pieces.cut(bytes.subarray(borders[n], to), borders[n]));
        expect(all.map((piece) => decode(piece.bytes)).join('')).toBe(text);
        const names = starts(all);
        for (const question of questions) expect(names).toContain(question);
      }),
    );
  });
});
