import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ImageReader } from '../image-file.ts';
import { CD_SECTOR, CdFiles, type DirectoryEntry, readVolume } from '../iso9660.ts';
import { recognize } from '../recognize.ts';
import { memoryFile } from '../testing/images.ts';
import { type CdEntry, CdError } from './cd-tree.ts';
import { type MadeCd, makeCd } from './make-cd.ts';

const TIME = Date.UTC(2024, 1, 29, 13, 14, 15);
const LONG = `${'a long name '.repeat(20)}.text`;

interface Content {
  size: number;
  /** Byte of which it consists, plus the offset. */
  seed: number;
}

const content = (size: number, seed = 0): Content => ({ size, seed });
const bytesOf = ({ seed }: Content, offset: number, length: number) =>
  Uint8Array.from({ length }, (_, i) => (seed + offset + i) * 13);
const readContent = (of: Content, offset: number, length: number) => Promise.resolve(bytesOf(of, offset, length));
const file = (path: string, size = 10, seed = 0): CdEntry<Content> => ({
  path,
  modified: TIME,
  content: content(size, seed),
});
const folder = (path: string): CdEntry<Content> => ({ path, modified: TIME });

function cdOf(entries: CdEntry<Content>[]): MadeCd<Content> {
  return makeCd(entries, { volumeId: 'my files', created: TIME }, readContent);
}

const ENTRIES = [
  file('readme.txt', 5000, 1),
  file('Überraschung für Łukasz 日本.odt', 3, 2),
  file(LONG, 4, 3),
  file('empty', 0),
  // More than one continuation area, and more than a sector of them.
  ...Array.from({ length: 20 }, (_, i) => file(`folder/${i} ${'w'.repeat(240)}.text`, i, i)),
  file('folder/inner/deep.bin', 2048, 4),
  file('folder/second.TXT', 2049, 5),
  folder('nothing in it'),
  ...Array.from({ length: 60 }, (_, i) => file(`many/the same beginning ${i}.html`, i, i)),
  file('a/b/c/d/e/f/g/h/i/j/eleven.txt', 11, 6),
  file('smile 😀.txt', 7, 7),
];

async function whole(cd: MadeCd<Content>): Promise<Uint8Array> {
  return cd.read(0, cd.size);
}

async function opened(cd: MadeCd<Content>): Promise<ImageReader> {
  return ImageReader.open(memoryFile(await whole(cd)));
}

async function filesOf(cd: MadeCd<Content>): Promise<CdFiles> {
  const reader = await opened(cd);
  const volume = await readVolume(reader);
  if (!volume?.root) throw new Error('no volume');
  return new CdFiles(reader, volume.root);
}

describe('makeCd', () => {
  it('makes a volume that is recognized, with nothing wrong but that it does not boot', async () => {
    const cd = cdOf(ENTRIES);
    expect(cd.size % CD_SECTOR).toBe(0);
    const found = await recognize(memoryFile(await whole(cd)));
    expect(found).toMatchObject({ kind: 'cd', volumeId: 'MY_FILES', volumeSize: cd.size });
    expect(found.problems.map(({ text }) => text)).toEqual([expect.stringContaining('no boot catalog')]);
    expect(await readVolume(await opened(cd))).toMatchObject({ joliet: true, unterminated: false });
  });

  it('boots a file that it is told to', async () => {
    const entries = [...ENTRIES, file('isolinux/isolinux.bin', 5000, 7)];
    const cd = makeCd(entries, { volumeId: 'boots', created: TIME, boot: 'isolinux/isolinux.bin' }, readContent);
    const offset = (cd.sectorOf('isolinux/isolinux.bin') ?? 0) * CD_SECTOR;
    expect(await cd.read(offset, 5000)).toEqual(bytesOf(content(5000, 7), 0, 5000));
    const found = await recognize(memoryFile(await whole(cd)));
    expect(found).toMatchObject({ kind: 'cd', volumeId: 'BOOTS', volumeSize: cd.size });
    expect(found.kind === 'cd' && found.bootEntries).toEqual([
      { platform: 'bios', emulation: 'none', bootable: true, offset, loadedBytes: 2048 },
    ]);
    const files = await filesOf(cd);
    for (const { path, content: own } of entries) if (own) expect((await files.find(path))?.size, path).toBe(own.size);
    const missing = () => makeCd(ENTRIES, { volumeId: 'boots', created: TIME, boot: 'folder' }, readContent);
    expect(missing).toThrow(CdError);
    expect(cd.sectorOf('none')).toBeUndefined();
  });

  it('has every file under the name it was given, with its bytes', async () => {
    const cd = cdOf(ENTRIES);
    const files = await filesOf(cd);
    for (const { path, content: own } of ENTRIES) {
      const found = await files.find(path);
      expect(found?.name, path).toBe(path.split('/').at(-1));
      if (!own) continue;
      expect(found?.size, path).toBe(own.size);
      expect(await cd.read(found?.offset ?? 0, own.size)).toEqual(bytesOf(own, 0, own.size));
    }
  });

  it('reads any range', async () => {
    const cd = cdOf(ENTRIES);
    const all = await whole(cd);
    let seed = 1;
    for (let i = 0; i < 300; i++) {
      seed = (seed * 48271) % 0x7fffffff;
      const offset = seed % cd.size;
      const length = (seed >> 3) % 9000;
      expect(Buffer.compare(await cd.read(offset, length), all.slice(offset, offset + length))).toBe(0);
    }
    expect(await cd.read(cd.size, 10)).toEqual(new Uint8Array(0));
  });

  it('copies no content: the parts are the contents themselves', () => {
    const entries = [file('x', 3 * 2 ** 30), file('y', 2 ** 32 - 1)];
    const cd = cdOf(entries);
    expect(cd.parts).toContain(entries[0].content);
    expect(cd.size).toBeGreaterThan(7 * 2 ** 30);
  });

  it('keeps apart what has the same name', async () => {
    const cd = cdOf([file('a.txt', 1), file('a.txt', 2), file('a.txt/b', 3), file('dir/x', 4), file('dir', 5)]);
    const files = await filesOf(cd);
    const names = (await files.list()).map(({ name, size, directory }) => [name, directory || size]);
    expect(new Map(names as [string, unknown][])).toEqual(
      new Map<string, unknown>([
        ['a.txt', 1],
        ['a (2).txt', 2],
        ['a (3).txt', true],
        ['dir', true],
        ['dir (2)', 5],
      ]),
    );
  });

  it('records lie in order, whole in their sectors', async () => {
    const cd = cdOf(ENTRIES);
    const files = await filesOf(cd);
    const many = (await files.find('many')) as DirectoryEntry;
    expect(many.size).toBeGreaterThan(CD_SECTOR);
    const bytes = await cd.read(many.offset, many.size);
    const names: string[] = [];
    for (let at = 0; at < bytes.length; at += bytes[at] || CD_SECTOR - (at % CD_SECTOR)) {
      if (bytes[at] === 0) continue;
      expect((at % CD_SECTOR) + bytes[at]).toBeLessThanOrEqual(CD_SECTOR);
      names.push(String.fromCharCode(...bytes.subarray(at + 33, at + 33 + bytes[at + 32])));
    }
    expect(names).toEqual(names.toSorted());
    expect(new Set(names).size).toBe(62);
    for (const name of names.slice(2)) expect(name).toMatch(/^[A-Z0-9_]{1,8}\.[A-Z0-9_]{0,3};1$/);
  });

  it('an empty CD is one, too', async () => {
    const files = await filesOf(cdOf([]));
    expect(await files.list()).toEqual([]);
  });

  it('refuses what has no room, and names it', () => {
    expect(() => cdOf([file('big.bin', 2 ** 32)])).toThrow(
      new CdError('“big.bin” is too large for a CD: a file has less than 4 GiB there.'),
    );
    expect(() => cdOf(Array.from({ length: 60_001 }, (_, i) => file(`${i}`)))).toThrow(/too many for one CD/);
    expect(() => cdOf([file('d/'.repeat(200))])).toThrow(/levels/);
  });

  it.each(['', '/', '.', '../..', '\0', 'a//b', '\ud800', `${'x'.repeat(100_000)}`, ';1', '...', ' '])(
    'takes the path %j',
    async (path) => {
      const files = await filesOf(cdOf([file(path), folder(path), file(path)]));
      expect((await files.list()).length).toBeGreaterThan(0);
    },
  );

  it('cuts a name that no system would have', async () => {
    const files = await filesOf(cdOf([file(`${'x'.repeat(100_000)}.txt`)]));
    expect((await files.list())[0].name).toBe(`${'x'.repeat(251)}.txt`);
  });

  it('a content that has become shorter is an error', async () => {
    const cd = makeCd([file('x', 5000)], { volumeId: 'X', created: TIME }, () => Promise.resolve(new Uint8Array(1)));
    await expect(cd.read(0, cd.size)).rejects.toThrow('has changed');
  });
});

const missing = ['isoinfo', 'bsdtar'].filter((tool) => spawnSync(tool, ['--version']).error);

// What other programs make of it; `apt install genisoimage libarchive-tools`.
describe.skipIf(missing.length > 0)(
  `makeCd, read by isoinfo and bsdtar${missing.length ? ` (missing: ${missing.join(', ')})` : ''}`,
  () => {
    async function inFile<R>(entries: CdEntry<Content>[], use: (path: string, folder: string) => R): Promise<R> {
      const directory = mkdtempSync(join(tmpdir(), 'cd-'));
      try {
        const path = join(directory, 'made.iso');
        writeFileSync(path, await whole(cdOf(entries)));
        return use(path, directory);
      } finally {
        rmSync(directory, { recursive: true });
      }
    }
    const run = (tool: string, ...args: string[]) =>
      execFileSync(tool, args, {
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C.UTF-8' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    const paths = ENTRIES.filter(({ content: own }) => own).map(({ path }) => path);

    it('bsdtar unpacks all files as they were, with their times', async () => {
      await inFile(ENTRIES, (path, directory) => {
        run('bsdtar', '-xf', path, '-C', directory);
        for (const { path: name, content: own } of ENTRIES)
          if (own) expect(new Uint8Array(readFileSync(join(directory, name))), name).toEqual(bytesOf(own, 0, own.size));
        expect(run('bsdtar', '-tvf', path)).toContain('Feb 29  2024');
      });
    });

    it('isoinfo lists Rock Ridge’s names', async () => {
      const listed = await inFile(ENTRIES, (path) => run('isoinfo', '-R', '-f', '-i', path).split('\n'));
      for (const path of paths) expect(listed).toContain(`/${path}`);
    });

    it('isoinfo lists Joliet’s names and finds files by them', async () => {
      await inFile(ENTRIES, (path) => {
        const listed = run('isoinfo', '-J', '-f', '-i', path);
        expect(listed).toContain('/readme.txt');
        expect(listed).toContain('/folder/inner/deep.bin');
        expect(listed).toContain(`/${LONG.slice(0, 57)}.text`);
        expect(run('isoinfo', '-J', '-l', '-i', path)).toContain('Feb 29 2024');
        const bytes = execFileSync('isoinfo', ['-J', '-i', path, '-x', '/folder/second.TXT;1']);
        expect(bytes.equals(bytesOf(content(0, 5), 0, 2049))).toBe(true);
      });
    });

    it('isoinfo reads the 8.3 names, and the descriptors and path tables', async () => {
      await inFile(ENTRIES, (path) => {
        expect(run('isoinfo', '-f', '-i', path)).toContain('/README.TXT;1');
        expect(run('isoinfo', '-d', '-i', path)).toMatch(/Volume id: MY_FILES.*Joliet with UCS level 3.*Rock Ridge/s);
        expect(run('isoinfo', '-p', '-i', path)).toContain('FOLDER');
      });
    });
  },
);
