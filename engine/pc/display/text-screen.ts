// A text mode as characters, for selection, search, screen readers and tests.

import type { DisplayState } from '../bus/display.ts';
import { CP437 } from './cp437.ts';
import { bands, positionsOf } from './raster.ts';

export interface TextScreen {
  columns: number;
  rows: number;
  /** Row by row, one UTF-16 unit a cell. */
  characters: string;
  /** Row by row: foreground in bits 0 to 3, background in bits 4 to 7, of which bit 7 may mean that the character blinks. */
  attributes: Uint8Array<ArrayBuffer>;
  /** Undefined: there is none, or it is not on the screen. */
  cursor: { column: number; row: number } | undefined;
}

/** Undefined in a graphics mode, and while the screen is off. `vram`: the display's memory. */
export function textScreen({ picture }: DisplayState, vram: Uint8Array): TextScreen | undefined {
  if (picture.kind !== 'text') return undefined;
  const { raster, cursor } = picture;
  const { columns, mask } = raster;
  const words = positionsOf(vram);
  // Of a row that is split by scrolling, what is left of it is one too.
  const rows = bands(raster);
  const attributes = new Uint8Array(rows.length * columns);
  let characters = '';
  let found: TextScreen['cursor'];
  for (const [row, { position }] of rows.entries()) {
    for (let column = 0; column < columns; column++) {
      const at = (position + column) & mask;
      const word = words[at]!;
      characters += CP437[word & 0xff];
      attributes[row * columns + column] = word >>> 8;
      if (cursor && at === (cursor.position & mask)) found ??= { column, row };
    }
  }
  return { columns, rows: rows.length, characters, attributes, cursor: found };
}

/** Its lines, without the spaces at their ends. */
export function textLines({ columns, rows, characters }: TextScreen): string[] {
  return Array.from({ length: rows }, (_, row) => characters.slice(row * columns, (row + 1) * columns).trimEnd());
}
