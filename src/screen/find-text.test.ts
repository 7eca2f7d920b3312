import { describe, expect, it } from 'vitest';
import { findText } from './find-text.ts';

const SCREEN = {
  columns: 10,
  rows: 3,
  characters: ['Type help ', 'help: HELP', '          '].join(''),
  attributes: new Uint8Array(30),
  cursor: undefined,
};

describe('findText', () => {
  it('finds each place, whatever its case', () => {
    expect(findText(SCREEN, 'Help')).toEqual([
      { row: 0, column: 5, length: 4 },
      { row: 1, column: 0, length: 4 },
      { row: 1, column: 6, length: 4 },
    ]);
  });

  it('finds nothing for nothing, across lines, and in what is not there', () => {
    for (const words of ['', 'help help', 'xyz']) expect(findText(SCREEN, words)).toEqual([]);
  });

  it('finds places that touch, not ones that overlap', () => {
    const screen = { ...SCREEN, columns: 5, rows: 1, characters: 'aaaaa' };
    expect(findText(screen, 'aa').map(({ column }) => column)).toEqual([0, 2]);
  });
});
