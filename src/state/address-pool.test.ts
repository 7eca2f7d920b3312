import { expect, it } from 'vitest';
import { poolInWords, poolState } from './address-pool.ts';

const pool = (size: number, free: number) => ({
  prefixLength: 24,
  first: '10.0.0.100',
  last: '10.0.0.249',
  size,
  free,
  unanswered: 0,
});

it('says how full the pool is', () => {
  expect([150, 16, 15, 1, 0].map((free) => poolState(pool(150, free)))).toEqual([
    'room',
    'room',
    'nearly-full',
    'nearly-full',
    'full',
  ]);
  expect(poolInWords(pool(1500, 1200))).toBe('1,200 of 1,500 free (10.0.0.100 to 10.0.0.249)');
});
