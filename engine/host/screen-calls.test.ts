import { inflateSync } from 'fflate';
import { expect, test } from 'vitest';
import { screenChunk } from './screen-calls.ts';

const PAGE = 4096;

function update() {
  const bytes = new Uint8Array(new SharedArrayBuffer(4 * PAGE), 0, 2 * PAGE).fill(7);
  return { pages: Uint32Array.of(3, 4), bytes, more: false };
}

test('pages that are shared lie where the host has put them', () => {
  const read = update();
  expect(screenChunk(read, { share: true }).bytes).toBe(read.bytes);
});

test('otherwise they are the reader’s, whatever the host reads next', () => {
  const read = update();
  const { bytes } = screenChunk(read, {});
  read.bytes.fill(0);
  expect(bytes.buffer).toBeInstanceOf(ArrayBuffer);
  expect(bytes).toEqual(new Uint8Array(2 * PAGE).fill(7));
});

test('or they are compressed', () => {
  const read = update();
  const { bytes, compressed } = screenChunk(read, { compress: true });
  read.bytes.fill(0);
  expect(compressed).toBe(true);
  expect(inflateSync(bytes)).toEqual(new Uint8Array(2 * PAGE).fill(7));
});
