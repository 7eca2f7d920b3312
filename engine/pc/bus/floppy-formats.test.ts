import { expect, test } from 'vitest';
import { cutOffFormat, FLOPPY_FORMATS, floppyFormat, formatSize } from './floppy-formats.ts';

test.each([
  [160, 40, 1, 8],
  [180, 40, 1, 9],
  [320, 40, 2, 8],
  [360, 40, 2, 9],
  [720, 80, 2, 9],
  [1200, 80, 2, 15],
  [1440, 80, 2, 18],
  [1680, 80, 2, 21],
  [1722, 82, 2, 21],
  [2880, 80, 2, 36],
])('%i KB', (kb, cylinders, heads, sectors) => {
  expect(floppyFormat(kb * 1024)).toMatchObject({ cylinders, heads, sectors });
});

test('no two formats have the same size', () => {
  expect(new Set(FLOPPY_FORMATS.map(formatSize)).size).toBe(FLOPPY_FORMATS.length);
});

test('an image of another size is the beginning of a disk', () => {
  expect(floppyFormat(512)).toBeUndefined();
  expect(cutOffFormat(512)?.sectors).toBe(18);
  expect(cutOffFormat(1440 * 1024 + 512)?.sectors).toBe(36);
  expect(cutOffFormat(2880 * 1024 + 512)).toBeUndefined();
  expect(cutOffFormat(0)).toBeUndefined();
});
