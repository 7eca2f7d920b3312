import { expect, test } from 'vitest';
import { masterBootRecord } from './boot-disk.ts';

test('the boot record has the code, one active partition to the end of the disk, and the signature', () => {
  const record = masterBootRecord(new Uint8Array(440).fill(0xaa), 131_072);
  const view = new DataView(record.buffer);
  expect(record.subarray(0, 440).every((byte) => byte === 0xaa)).toBe(true);
  expect([record[446], record[450]]).toEqual([0x80, 0x0e]);
  expect([view.getUint32(454, true), view.getUint32(458, true)]).toEqual([2048, 131_072 - 2048]);
  expect([...record.subarray(462, 510)].every((byte) => byte === 0)).toBe(true);
  expect(view.getUint16(510, true)).toBe(0xaa55);
  expect(() => masterBootRecord(new Uint8Array(441), 131_072)).toThrow(RangeError);
});
