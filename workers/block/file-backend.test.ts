import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openFile } from './file-backend.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'disk-'));
});
afterAll(() => rm(folder, { recursive: true }));

const atOnce = async () => {};
const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill);

async function file(name: string, contents: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, contents);
  return path;
}

it('is read and written in place, into shared memory too', async () => {
  const path = await file('disk', bytes(1024, 1));
  const backend = await openFile(path, false);
  expect([backend.size, backend.readOnly]).toEqual([1024, false]);
  await backend.write(512, bytes(512, 2), atOnce);
  await backend.writeZeroes(0, 256, atOnce);
  await backend.flush(atOnce);
  const shared = new Uint8Array(new SharedArrayBuffer(1024));
  await backend.read(0, shared);
  expect([shared[0], shared[256], shared[512]]).toEqual([0, 1, 2]);
  expect(Buffer.compare(await readFile(path), shared)).toBe(0);
  await backend.close();
});

it('has zeros behind an end that is inside a sector', async () => {
  const backend = await openFile(await file('odd', bytes(700, 1)), true);
  const into = bytes(1024, 9);
  await backend.read(0, into);
  expect([into[699], into[700], into[1023]]).toEqual([1, 0, 0]);
  await backend.close();
});

it('is not written before it may begin', async () => {
  const path = await file('held', bytes(512, 1));
  const backend = await openFile(path, false);
  const dropped = async () => {
    throw new Error('dropped');
  };
  await expect(backend.write(0, bytes(512, 2), dropped)).rejects.toThrow('dropped');
  expect((await readFile(path))[0]).toBe(1);
  await backend.close();
});

it('says what is wrong', async () => {
  await expect(openFile(folder, false)).rejects.toThrow(/cannot be opened: it is a directory\./);
  await expect(openFile(join(folder, 'none'), true)).rejects.toThrow(/none cannot be opened: there is no such file\./);
  await expect(openFile(folder, true)).rejects.toThrow('it is neither a file nor a block device');
  const path = await file('cut', bytes(1024, 1));
  const backend = await openFile(path, true);
  await truncate(path, 512);
  await expect(backend.read(512, bytes(512, 0))).rejects.toMatchObject({ failure: 'gone' });
  await backend.close();
});
