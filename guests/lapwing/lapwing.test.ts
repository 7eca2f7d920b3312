import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fat12Floppy } from './fat12.ts';
import { floppyImage, path } from './files.ts';
import { type BuildRecord, makeImage, sha256, sourceHash, tools } from './make.ts';
import { readFat12 } from './testing/fat12-reader.ts';
import { lifeCells } from './testing/life-reference.ts';

const record = JSON.parse(readFileSync(path('build.json'), 'utf8')) as BuildRecord;
const BOOT_SECTOR = new Uint8Array(512).fill(0xcc);

describe('the image', () => {
  const image = floppyImage();
  const files = readFat12(image);

  test('is a bootable floppy disk with the files that it should have', () => {
    expect(image.length).toBe(1_474_560);
    expect([image[0], image[2], image[510], image[511]]).toEqual([0xeb, 0x90, 0x55, 0xaa]);
    expect(Object.keys(files).filter((name) => !name.startsWith('SRC/'))).toEqual([
      'LAPWING.SYS',
      'README.TXT',
      'LICENSE.TXT',
    ]);
  });

  test('the texts are those of the repository, in lines as DOS has them', () => {
    const text = (name: string) => new TextDecoder().decode(files[name]);
    const source = (name: string) => readFileSync(path(name), 'utf8').replaceAll('\n', '\r\n');
    expect(text('README.TXT')).toBe(source('README.TXT'));
    expect(text('LICENSE.TXT')).toBe(source('../../LICENSE'));
    // What is not ASCII has become one question mark.
    expect(text('SRC/LIFE.C')).toBe(source('kernel/life.c').replaceAll(/[^\0-\x7f]/gu, '?'));
  });

  test('is the one that was recorded, made from the present sources', () => {
    expect(sha256(image)).toBe(record.image);
    expect(sourceHash()).toBe(record.sources);
  });

  test('comes out the same when it is made again with the recorded tools', (context) => {
    const found = tools();
    const here = found === undefined ? 'no gcc -m32' : `${found.compiler}, ${found.linker}`;
    const recorded = `${record.compiler}, ${record.linker}`;
    if (here !== recorded) context.skip(`made with ${recorded}; here is ${here}`);
    expect(sha256(makeImage())).toBe(record.image);
  });
});

describe('FAT12', () => {
  test('files of all sizes and directories in directories come back', () => {
    const sizes = [0, 1, 511, 512, 513, 5000];
    const inner = Object.fromEntries(sizes.map((size, n) => [`F${n}.BIN`, new Uint8Array(size).fill(n + 1)]));
    const image = fat12Floppy(BOOT_SECTOR, 'TEST', { A: { B: inner }, 'LAST.TXT': new Uint8Array([1]) });
    const expected = Object.fromEntries(Object.entries(inner).map(([name, bytes]) => [`A/B/${name}`, bytes]));
    expect(readFat12(image)).toEqual({ ...expected, 'LAST.TXT': new Uint8Array([1]) });
  });

  test("the boot sector's code stays around the parameter block", () => {
    const image = fat12Floppy(BOOT_SECTOR, 'TEST', {});
    expect([...image.subarray(0, 3), ...image.subarray(62, 512)].every((byte) => byte === 0xcc)).toBe(true);
  });

  test.each([
    ['a name with a lower-case letter', { 'a.TXT': new Uint8Array(1) }],
    ['a name of nine characters', { ABCDEFGHI: new Uint8Array(1) }],
    ['more than the disk holds', { A: new Uint8Array(2847 * 512 + 1) }],
    [
      'more than the root directory holds',
      Object.fromEntries(Array.from({ length: 224 }, (_, n) => [`F${n}`, new Uint8Array()])),
    ],
  ])('refused: %s', (_, files) => {
    expect(() => fat12Floppy(BOOT_SECTOR, 'TEST', files)).toThrow();
  });
});

test('the numbers of living cells that guests/README.md gives', () => {
  const readme = readFileSync(path('../README.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| `life (\d+)( soup)?` +\| +(\d+) +\|$/gm)];
  expect(rows.length).toBe(3);
  for (const [, generations, soup, cells] of rows) {
    expect(lifeCells(soup === undefined ? 'pentomino' : 'soup', Number(generations))).toBe(Number(cells));
  }
});
