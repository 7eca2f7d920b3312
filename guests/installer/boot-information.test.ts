import { expect, it } from 'vitest';
import { GuestBuildError } from '../packages/errors.ts';
import { addBootInformation } from './boot-information.ts';

it('says where the program is, how long, and the sum of its words behind the table', () => {
  const program = new Uint8Array(64 + 6).fill(0xee);
  program.set([1, 0, 0, 0x80, 3, 0x80], 64);
  addBootInformation(program, 0x123456);
  const words = new DataView(program.buffer);
  expect([8, 12, 16, 20].map((at) => words.getUint32(at, true))).toEqual([16, 0x123456, 70, 0x80008004]);
  expect([...program.subarray(24, 64)]).toEqual(Array(40).fill(0));
  expect([...program.subarray(0, 8)]).toEqual(Array(8).fill(0xee));
});

it('refuses what is no boot program', () => {
  expect(() => addBootInformation(new Uint8Array(64), 30)).toThrow(GuestBuildError);
});
