import { spawnSync } from 'node:child_process';
import { gzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { recognize } from '../../engine/pc/images/recognize.ts';
import type { PackedFormat } from '../../engine/pc/images/recognized.ts';
import { memoryFile } from '../../engine/pc/images/testing/images.ts';
import { type Choice, peek, type Unpacked, unpack } from './unpack.ts';
import { UnpackError } from './unpack-error.ts';
import type { UnpackOptions, UnpackProgress } from './unpack-job.ts';

/** Marsaglia's xorshift32: runs of it alternate with zeros, as in a disk image. */
function sample(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let state = seed * 2654435761 + 1;
  for (let i = 0; i < size; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = (i >> 13) & 1 ? state : (i * seed) >> 10;
  }
  return bytes;
}

const DATA = sample(700_000);
const missing = ['xz', 'zstd', 'zip'].filter((tool) => spawnSync(tool, ['--version']).error);

function packedBy(tool: string, input: Uint8Array, ...args: string[]): Uint8Array<ArrayBuffer> {
  const { stdout, status, stderr } = spawnSync(tool, [...args, '-c'], { input, maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${tool}: ${stderr}`);
  return new Uint8Array(stdout);
}

async function unpacked(
  packed: Uint8Array<ArrayBuffer>,
  format: PackedFormat,
  options?: UnpackOptions,
): Promise<Uint8Array> {
  const result = (await unpack({ name: 'disk.img.x', contents: new Blob([packed]) }, format, options)) as Unpacked;
  return new Uint8Array(await result.contents.arrayBuffer());
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}

interface Case {
  format: PackedFormat;
  pack(input: Uint8Array): Uint8Array<ArrayBuffer>;
}

const gzip: Case = { format: 'gzip', pack: (input) => new Uint8Array(gzipSync(input)) };
const zip: Case = { format: 'zip', pack: (input) => new Uint8Array(zipSync({ 'disk.img': input })) };
const xz: Case = { format: 'xz', pack: (input) => packedBy('xz', input) };
const zstd: Case = { format: 'zstd', pack: (input) => packedBy('zstd', input) };
const ALL = missing.length ? [gzip, zip] : [gzip, zip, xz, zstd];

describe.each(ALL)('unpack: $format', ({ format, pack }) => {
  const packed = pack(DATA);

  it('gives what was packed, of any size', async () => {
    expect(same(await unpacked(packed, format), DATA)).toBe(true);
    for (const size of [0, 1, 1000, 65_536])
      expect(same(await unpacked(pack(DATA.subarray(0, size)), format), DATA.subarray(0, size))).toBe(true);
    const large = sample(5 << 20, 7);
    expect(same(await unpacked(pack(large), format), large)).toBe(true);
  });

  it('a truncated file is said to be one, or damaged', async () => {
    for (const size of [1, 20, 5000, packed.length >> 1, packed.length - 9, packed.length - 1])
      await expect(unpacked(packed.slice(0, size), format), `${size} bytes`).rejects.toThrow(/truncated|damaged/);
  });

  it('a byte that is changed in the contents is noticed', async () => {
    for (let i = 1; i <= 24; i++) {
      const changed = packed.slice();
      changed[Math.floor((packed.length * (i + 4)) / 32)] ^= 1 << (i % 8);
      await expect(unpacked(changed, format), `change ${i}`).rejects.toThrow(UnpackError);
    }
  });

  it('refuses what unpacks to more than the limit', async () => {
    await expect(unpacked(packed, format, { limit: 500_000 })).rejects.toThrow('more than 488 KiB');
    expect(same(await unpacked(packed, format, { limit: 700_000 }), DATA)).toBe(true);
  });

  it('can be cancelled before and while it unpacks, and unpacks the next file then', async () => {
    const before = AbortSignal.abort(new Error('stop'));
    await expect(unpacked(packed, format, { signal: before })).rejects.toThrow('stop');
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('enough'));
    await expect(unpacked(packed, format, { signal: controller.signal, onProgress })).rejects.toThrow('enough');
    expect(same(await unpacked(packed, format), DATA)).toBe(true);
  });

  it('says how far it is', async () => {
    const seen: UnpackProgress[] = [];
    await unpacked(packed, format, { onProgress: (progress) => seen.push(progress) });
    expect(seen.length).toBeGreaterThan(1);
    const reads = seen.map(({ read }) => read);
    expect(reads).toEqual(reads.toSorted((a, b) => a - b));
    expect(seen.at(-1)?.read).toBeGreaterThan(packed.length * 0.9);
    expect(seen.at(-1)?.total).toBe(packed.length);
  });

  it('random damage ends with an error or the contents', async () => {
    const small = pack(DATA.subarray(0, 30_000));
    for (let seed = 1; seed <= 40; seed++) {
      const changed = small.slice(0, seed % 3 ? small.length : (small.length * seed) / 41);
      for (let i = 0; i < 1 + (seed % 4); i++) changed[(seed * 977 + i * 3571) % changed.length] = seed * 37 + i;
      const result = await unpacked(changed, format, { limit: 1 << 24 }).catch((error: unknown) => error);
      expect(result instanceof UnpackError || result instanceof Uint8Array, `seed ${seed}: ${result}`).toBe(true);
    }
  });
});

describe('unpack: gzip', () => {
  it('takes several members, each checked', async () => {
    const parts = [DATA.subarray(0, 100_000), DATA.subarray(100_000, 100_001), DATA.subarray(100_001)];
    const members = parts.map(gzip.pack);
    expect(same(await unpacked(joined(...members), 'gzip'), DATA)).toBe(true);
    const wrong = joined(...members);
    wrong[members[0].length - 5] ^= 1; // the first member's checksum
    await expect(unpacked(wrong, 'gzip')).rejects.toThrow('checksum');
  });

  it('a bomb is stopped at the limit', async () => {
    const bomb = gzip.pack(new Uint8Array(16 << 20));
    await expect(unpacked(bomb, 'gzip', { limit: 1 << 20 })).rejects.toThrow('more than 1 MiB');
  });

  it('takes the suffix off the name', async () => {
    const file = { name: 'debian.img.GZ', contents: new Blob([gzip.pack(DATA)]) };
    expect(await unpack(file, 'gzip')).toMatchObject({ name: 'debian.img' });
  });
});

describe.skipIf(missing.length > 0)(
  `unpack: xz and zstd as their programs make them${missing.length ? ` (missing: ${missing.join(', ')})` : ''}`,
  () => {
    it.each([['-0'], ['-9'], ['--check=none'], ['--check=crc32'], ['-T2', '--block-size=100000']])(
      'xz %j',
      async (...args) => {
        expect(same(await unpacked(packedBy('xz', DATA, ...args), 'xz'), DATA)).toBe(true);
      },
    );

    it('xz: several streams, with padding', async () => {
      const file = joined(
        xz.pack(DATA.subarray(0, 1000)),
        new Uint8Array(8),
        xz.pack(DATA.subarray(1000)),
        new Uint8Array(4),
      );
      expect(same(await unpacked(file, 'xz'), DATA)).toBe(true);
    });

    it('xz: a filter that is not known is named', async () => {
      await expect(unpacked(packedBy('xz', DATA, '--x86', '--lzma2'), 'xz')).rejects.toThrow(
        'a filter that is not known',
      );
    });

    it('xz: a checksum that is not known is named', async () => {
      await expect(unpacked(packedBy('xz', DATA, '--check=sha256'), 'xz')).rejects.toThrow('kind of checksum');
    });

    it.each([['-1'], ['-19'], ['--no-check'], ['--long=24'], ['--ultra', '-22'], ['-T2']])(
      'zstd %j',
      async (...args) => {
        expect(same(await unpacked(packedBy('zstd', DATA, ...args), 'zstd'), DATA)).toBe(true);
      },
    );

    it('zstd: several frames, with others’ data between', async () => {
      const skipped = Uint8Array.of(0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3);
      const file = joined(zstd.pack(DATA.subarray(0, 1000)), skipped, zstd.pack(DATA.subarray(1000)));
      expect(same(await unpacked(file, 'zstd'), DATA)).toBe(true);
      await expect(unpacked(joined(file, Uint8Array.of(1, 2, 3, 4)), 'zstd')).rejects.toThrow('damaged');
    });

    it('zstd: a window that is too large is refused before it is set aside', async () => {
      const header = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 21 << 3, 1, 0, 0);
      await expect(unpacked(header, 'zstd')).rejects.toThrow('128 MiB of memory');
    });

    it('a peek sees the beginning, and no more is unpacked', async () => {
      for (const { format, pack } of [gzip, xz, zstd]) {
        const first = await peek(new Blob([pack(DATA)]), format);
        expect(first && same(first, DATA.subarray(0, 512)), format).toBe(true);
        expect(await peek(new Blob([Uint8Array.of(1, 2, 3)]), format)).toBeUndefined();
      }
      expect(await peek(new Blob(['PK']), 'zip')).toBeUndefined();
    });

    it('initial RAM disks are recognized through it', async () => {
      const cpio = new TextEncoder().encode(`070701${'0'.repeat(104)}`.padEnd(5000, 'x'));
      for (const { format, pack } of [gzip, xz, zstd]) {
        const bytes = pack(cpio);
        const found = await recognize(memoryFile(bytes), (as) => peek(new Blob([bytes]), as));
        expect(found).toMatchObject({ kind: 'initrd', packed: format });
      }
    });
  },
);

describe('unpack: ZIP', () => {
  const archive = (files: Record<string, Uint8Array>) => ({
    name: 'x.zip',
    contents: new Blob([new Uint8Array(zipSync(files))]),
  });
  const text = new TextEncoder().encode('hello');

  it('takes the one image among other files', async () => {
    const file = archive({ 'readme.txt': text, 'fd/DISK1.IMG': DATA, '__MACOSX/._DISK1.IMG': text });
    const result = (await unpack(file, 'zip')) as Unpacked;
    expect(result.name).toBe('DISK1.IMG');
    expect(same(new Uint8Array(await result.contents.arrayBuffer()), DATA)).toBe(true);
  });

  it('takes the only file whatever its name', async () => {
    expect(await unpack(archive({ 'folder/unnamed': text }), 'zip')).toMatchObject({ name: 'unnamed' });
  });

  it('asks where it is not clear, and takes what is chosen', async () => {
    const file = archive({ 'a.img': text, 'b.img': DATA });
    expect((await unpack(file, 'zip')) as Choice).toEqual({
      members: [
        { name: 'a.img', size: 5 },
        { name: 'b.img', size: DATA.length },
      ],
    });
    const chosen = (await unpack(file, 'zip', {}, 'a.img')) as Unpacked;
    expect(await chosen.contents.text()).toBe('hello');
    await expect(unpack(file, 'zip', {}, 'c.img')).rejects.toThrow('no file named c.img');
  });

  it('says what is wrong', async () => {
    await expect(unpack(archive({}), 'zip')).rejects.toThrow(UnpackError);
    await expect(unpack({ name: 'x', contents: new Blob(['PK\x03\x04 and nothing else']) }, 'zip')).rejects.toThrow(
      'damaged',
    );
  });
});

describe('unpack', () => {
  it('a format that is not unpacked here is said', async () => {
    await expect(unpacked(DATA, 'bzip2')).rejects.toThrow('cannot be unpacked here');
  });

  it('a file that has vanished', async () => {
    const contents = {
      size: 100,
      slice: () => ({ arrayBuffer: () => Promise.reject(new Error('NotReadableError')) }),
    } as unknown as Blob;
    await expect(unpack({ name: 'x', contents }, 'gzip')).rejects.toThrow(
      'The file can no longer be read (NotReadableError). Choose it again.',
    );
  });
});
