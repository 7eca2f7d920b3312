import { expect, test } from 'vitest';
import { drawWords } from './wide-pixels.ts';

test.each([1, 2, 3, 4, 7, 1366, 16_383, 16_384, 40_001])('%i pixels, and none beside them', (count) => {
  const words = Int32Array.from({ length: count + 2 }, (_, n) => Math.imul(n, 0x01020307));
  const pixels = new Int32Array(count + 3).fill(-1);
  drawWords(words, 1, count, pixels, 2);
  const bytes = new Uint8Array(words.buffer);
  const wanted = new Uint8Array(pixels.byteLength).fill(0xff);
  for (let n = 0; n < count; n++)
    wanted.set([bytes[4 * n + 6]!, bytes[4 * n + 5]!, bytes[4 * n + 4]!, 0xff], 4 * (n + 2));
  expect(new Uint8Array(pixels.buffer)).toEqual(wanted);
});
