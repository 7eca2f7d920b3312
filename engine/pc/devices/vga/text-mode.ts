// Mode 3, 80 × 25 characters in 16 colours, as a VGA's BIOS sets it (IBM VGA Technical Reference, "register values by mode"): what a
// multiboot kernel finds that is started without firmware (Linux: firmware/linux-screen.ts).

const SEQUENCER = [0x03, 0x00, 0x03, 0x00, 0x02];
const CRTC = [
  ...[0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00, 0x4f, 0x0d, 0x0e, 0x00, 0x00, 0x00, 0x00],
  ...[0x9c, 0x8e, 0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3, 0xff],
];
const GRAPHICS = [0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x0e, 0x00, 0xff];
const ATTRIBUTE = [
  ...[0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x07, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f],
  ...[0x0c, 0x00, 0x0f, 0x08, 0x00],
];
/** The first 64 colours are those of an EGA's monitor: two bits of each component, the one with less weight above. */
const COLORS = Array.from({ length: 64 }, (_, color) =>
  [2, 1, 0].map((bit) => ((color >> bit) & 1) * 0x2a + ((color >> (bit + 3)) & 1) * 0x15),
);

const indexed = (port: number, values: readonly number[]): [number, number][] =>
  values.flatMap((value, index): [number, number][] => [
    [port, index],
    [port + 1, value],
  ]);

/** Ports and what is written to them, in this order. */
export const TEXT_MODE: readonly [number, number][] = [
  [0x3c2, 0x67],
  ...indexed(0x3c4, SEQUENCER),
  ...indexed(0x3d4, CRTC),
  ...indexed(0x3ce, GRAPHICS),
  ...ATTRIBUTE.flatMap((value, index): [number, number][] => [
    [0x3c0, index],
    [0x3c0, value],
  ]),
  [0x3c0, 0x20],
  [0x3c8, 0],
  ...COLORS.flat().map((value): [number, number] => [0x3c9, value]),
];

/** Of the window at B8000h; more than the font takes. */
const POSITIONS = 0x4000;
/** A blank, grey on black. */
const BLANK = 0x0720;
/** Positions, as bytes of plane 2, and the lines of a glyph that a font of 8 × 16 dots uses. */
const GLYPH_SIZE = 32;
const GLYPH_LINES = 16;

/** The memory from its start on: blanks, and in plane 2 a font of 16 bytes a character. */
export function clearedText(font: Uint8Array = new Uint8Array()): Uint8Array {
  const words = new Uint32Array(POSITIONS).fill(BLANK);
  for (const [n, line] of font.entries())
    words[Math.floor(n / GLYPH_LINES) * GLYPH_SIZE + (n % GLYPH_LINES)]! |= line << 16;
  return new Uint8Array(words.buffer);
}
