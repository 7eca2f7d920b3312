// The characters of a text mode over its picture: they are selected and copied with the mouse, found by a search, and read by screen readers.
import { type CSSProperties, useMemo } from 'react';
import { type TextScreen, textLines } from '../../engine/pc/display/text-screen.ts';
import type { Match } from './find-text.ts';

const FONT = '100px "Red Hat Mono", ui-monospace, "DejaVu Sans Mono", monospace';
const FONT_SIZE = 100;
let advance: number | undefined;

/** How wide a character is, as a share of its font's size. */
function characterWidth(): number {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return 0.6;
  context.font = FONT;
  advance ??= context.measureText('M').width / FONT_SIZE;
  return advance;
}

/** @param width of the picture on the page, CSS pixels; `height` likewise */
export function TextLayer({
  text,
  width,
  height,
  matches,
}: {
  text: TextScreen;
  width: number;
  height: number;
  matches: readonly Match[];
}) {
  const { columns, rows } = text;
  const [cellWidth, cellHeight] = [width / columns, height / rows];
  const lines = useMemo(() => textLines(text), [text]);
  const fontSize = cellHeight * 0.9;
  const style: CSSProperties = {
    width,
    height,
    fontSize,
    lineHeight: `${cellHeight}px`,
    letterSpacing: cellWidth - characterWidth() * fontSize,
  };
  return (
    <>
      {matches.map(({ row, column, length }) => (
        <mark
          key={`${row}/${column}`}
          className="tv-screen-match"
          aria-hidden
          style={{
            left: column * cellWidth,
            top: row * cellHeight,
            width: length * cellWidth,
            height: cellHeight,
          }}
        />
      ))}
      <pre className="tv-screen-text" style={style}>
        {/* Each its own element: a line that changes takes the selection of the others not away. */}
        {lines.map((line, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
          <span key={row}>{`${line}\n`}</span>
        ))}
      </pre>
    </>
  );
}
