import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkImage } from './image-check.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'images-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function checked(name: string, bytes: Uint8Array): Promise<string[]> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  const warnings: string[] = [];
  await checkImage(path, (text) => warnings.push(text));
  return warnings;
}

describe('an image whose format was not told', () => {
  it('is refused where a guest would write into a format such as qcow2, with the command that converts it', async () => {
    const qcow2 = Buffer.concat([Buffer.from('QFI\xfb\0\0\0\x03', 'latin1'), new Uint8Array(1016)]);
    await expect(checked('d.qcow2', qcow2)).rejects.toThrow(
      /^d\.qcow2: .*qemu-img convert -f qcow2 .*format raw it is used as it is/,
    );
  });

  it('is used with a warning where it is packed', async () => {
    expect(await checked('d.img.gz', gzipSync(new Uint8Array(4096)))).toEqual([
      expect.stringMatching(/^d\.img\.gz is packed \(gzip file.*Unpack it first/),
    ]);
  });

  it('is used without a word where it is sectors, or nobody knows what', async () => {
    expect(await checked('d.img', new Uint8Array(1 << 20))).toEqual([]);
    expect(await checked('any', new Uint8Array(700).fill(1))).toEqual([]);
    await checkImage(join(folder, 'missing'), () => expect.unreachable());
    await checkImage(folder, () => expect.unreachable());
  });
});
