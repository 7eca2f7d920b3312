import { expect, it } from 'vitest';
import { cloneSize } from './clone-size.ts';

it('counts the bytes of buffers in whatever they are packed', () => {
  const bytes = new Uint8Array(1000);
  for (const value of [bytes, { bytes }, [bytes], new Map([['bytes', bytes]]), new Set([bytes]), bytes.buffer]) {
    expect(cloneSize(value)).toBeGreaterThanOrEqual(1000);
    expect(cloneSize(value)).toBeLessThan(1050);
  }
  expect(cloneSize('x'.repeat(500))).toBe(508);
  expect(cloneSize({ a: 1, b: null, c: undefined, d: 1n, e: true })).toBe(8 * 6 + 5);
});
