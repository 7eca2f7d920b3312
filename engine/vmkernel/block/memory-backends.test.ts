import { expect, it } from 'vitest';
import { BlankBackend, openBlob } from './memory-backends.ts';

const CHUNK = 64 * 1024;

/** A file of the user's, as a browser gives it. */
function chosen(bytes: Uint8Array<ArrayBuffer>) {
  const file = { slices: 0, changed: false };
  const blob = {
    size: bytes.length,
    slice: (start: number, end: number) => ({
      async arrayBuffer() {
        file.slices++;
        if (file.changed) throw new DOMException('The requested file could not be read.', 'NotReadableError');
        return bytes.slice(start, end).buffer;
      },
    }),
  } as unknown as Blob;
  return { file, backend: openBlob(blob) };
}

it('is read in slices, each once', async () => {
  const bytes = Uint8Array.from({ length: 3 * CHUNK + 10 }, (_, i) => (i >> 8) & 0xff);
  const { file, backend } = chosen(bytes);
  const into = new Uint8Array(1024);
  for (const offset of [CHUNK - 512, 0, 512]) {
    await backend.read(offset, into);
    expect(Buffer.compare(into, bytes.subarray(offset, offset + 1024))).toBe(0);
  }
  await backend.read(3 * CHUNK, into);
  expect([into[9], into[10]]).toEqual([bytes[3 * CHUNK + 9], 0]);
  expect(file.slices).toBeLessThanOrEqual(4);
});

it('is read ahead of a reader who goes on, many slices at once, to its end', async () => {
  const bytes = Uint8Array.from({ length: 100 * CHUNK + 10 }, (_, i) => (i >> 12) & 0xff);
  const { file, backend } = chosen(bytes);
  const into = new Uint8Array(CHUNK);
  for (let at = 0; at < 100 * CHUNK; at += CHUNK) {
    await backend.read(at, into);
    expect(Buffer.compare(into, bytes.subarray(at, at + CHUNK))).toBe(0);
  }
  await backend.read(100 * CHUNK, into);
  expect([into[9], into[10]]).toEqual([bytes[100 * CHUNK + 9], 0]);
  expect(file.slices).toBeLessThan(20);
});

it('does not read ahead of one who jumps', async () => {
  const { file, backend } = chosen(new Uint8Array(100 * CHUNK));
  for (let at = 0; at < 100 * CHUNK; at += 10 * CHUNK) await backend.read(at, new Uint8Array(512));
  expect(file.slices).toBe(10);
});

it('is asked for again what could not be read ahead', async () => {
  const { file, backend } = chosen(new Uint8Array(30 * CHUNK).fill(1));
  await backend.read(0, new Uint8Array(512));
  file.changed = true;
  await expect(backend.read(CHUNK, new Uint8Array(512))).rejects.toMatchObject({ failure: 'gone' });
  file.changed = false;
  const into = new Uint8Array(512);
  for (const chunk of [1, 2, 3, 9]) {
    await backend.read(chunk * CHUNK, into.fill(0));
    expect(into.every((byte) => byte === 1)).toBe(true);
  }
});

it('that was changed since is gone; what was read before is still there', async () => {
  const { file, backend } = chosen(new Uint8Array(30 * CHUNK).fill(1));
  await backend.read(0, new Uint8Array(512));
  file.changed = true;
  await expect(backend.read(20 * CHUNK, new Uint8Array(512))).rejects.toMatchObject({
    failure: 'gone',
    message: expect.stringContaining('changed, moved or deleted'),
  });
  await expect(backend.read(512, new Uint8Array(512))).resolves.toBeUndefined();
});

it('a new disk is zeros as far as it goes', async () => {
  const blank = new BlankBackend(2 ** 40);
  const into = new Uint8Array(512).fill(7);
  await blank.read(2 ** 40 - 512, into);
  expect(into.every((byte) => byte === 0)).toBe(true);
  expect(blank.size).toBe(2 ** 40);
});
