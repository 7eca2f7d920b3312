import { expect, test } from 'vitest';
import { cutOffFormat, FLOPPY_FORMATS, floppyFormat, formatSize } from './floppy-formats.ts';

test.each([
  [160, '160 KB', 40, 1, 8],
  [180, '180 KB', 40, 1, 9],
  [320, '320 KB', 40, 2, 8],
  [360, '360 KB', 40, 2, 9],
  [720, '720 KB', 80, 2, 9],
  [1200, '1.2 MB', 80, 2, 15],
  [1440, '1.44 MB', 80, 2, 18],
  [1680, '1.68 MB', 80, 2, 21],
  [1722, '1.72 MB', 82, 2, 21],
  [2880, '2.88 MB', 80, 2, 36],
])('%i KB', (kb, name, cylinders, heads, sectors) => {
  expect(floppyFormat(kb * 1024)).toMatchObject({ name, cylinders, heads, sectors });
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
