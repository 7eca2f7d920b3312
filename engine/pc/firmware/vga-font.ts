// Finds the font of 8 × 16 dots in a VGA BIOS. Where it lies is said nowhere but in the program; what is the same in each is how some
// characters of code page 437 look: blanks are empty, blocks are full.

const CHARACTERS = 256;
const HEIGHT = 16;
const FONT_SIZE = CHARACTERS * HEIGHT;

const BLANKS = [0x00, 0x20, 0xff];
const FULL_BLOCK = 0xdb;
/** In its lines all of the left and of the right half. */
const HALF_BLOCKS = [
  { character: 0xdd, line: 0xf0 },
  { character: 0xde, line: 0x0f },
];

/** 16 bytes a character, the highest line first, bit 7 on the left; undefined if there is none. */
export function vgaFont(rom: Uint8Array): Uint8Array | undefined {
  for (let at = 0; at + FONT_SIZE <= rom.length; at++) {
    const all = (character: number, line: number) =>
      rom.subarray(at + character * HEIGHT, at + (character + 1) * HEIGHT).every((byte) => byte === line);
    if (
      all(FULL_BLOCK, 0xff) &&
      HALF_BLOCKS.every(({ character, line }) => all(character, line)) &&
      BLANKS.every((character) => all(character, 0))
    )
      return rom.slice(at, at + FONT_SIZE);
  }
  return undefined;
}
