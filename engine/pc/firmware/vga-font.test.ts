import { expect, it } from 'vitest';
import { vgaFont } from './vga-font.ts';

function font(): Uint8Array {
  const bytes = new Uint8Array(4096).map((_, n) => (n * 37) | 1);
  for (const blank of [0x00, 0x20, 0xff]) bytes.fill(0, blank * 16, blank * 16 + 16);
  for (const [block, line] of [
    [0xdb, 0xff],
    [0xdd, 0xf0],
    [0xde, 0x0f],
  ])
    bytes.fill(line, block * 16, block * 16 + 16);
  return bytes;
}

/** A font between what else a ROM has. */
const rom = (bytes: Uint8Array, before: number) =>
  Uint8Array.of(...new Uint8Array(before).fill(0xaa), ...bytes, ...new Uint8Array(100));

it('is found wherever it lies in a ROM', () => {
  expect(vgaFont(rom(font(), 9592))).toEqual(font());
  expect(vgaFont(rom(font(), 1))).toEqual(font());
  expect(vgaFont(font())).toEqual(font());
});

it('is nothing that only has some of its blocks, and no part of one', () => {
  const other = font();
  other[0xde * 16 + 15] = 0;
  expect(vgaFont(rom(other, 10))).toBeUndefined();
  expect(vgaFont(font().subarray(0, 4095))).toBeUndefined();
  expect(vgaFont(new Uint8Array(8192))).toBeUndefined();
});
