// Search in the text of a text mode's screen.

import { type TextScreen, textLines } from '../../engine/pc/display/text-screen.ts';

export interface Match {
  row: number;
  column: number;
  length: number;
}

/** Where the words stand, whatever their case; row by row. */
export function findText(text: TextScreen, words: string): Match[] {
  if (words === '') return [];
  const wanted = words.toLowerCase();
  return textLines(text).flatMap((line, row) => {
    const found: Match[] = [];
    const lower = line.toLowerCase();
    for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + wanted.length))
      found.push({ row, column: at, length: wanted.length });
    return found;
  });
}
