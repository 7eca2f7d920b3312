import { expect, it } from 'vitest';
import { dropsInWords, dropTotal } from './drop-words.ts';

it('says why frames were dropped, what matters most first', () => {
  const drops = { runt: 2, 'queue-full': 1500, storm: 0 };
  expect(dropTotal(drops)).toBe(1502);
  expect(dropsInWords(drops)).toEqual([
    '1,500 because the receiver’s queue was full',
    '2 shorter than an Ethernet header',
  ]);
});
