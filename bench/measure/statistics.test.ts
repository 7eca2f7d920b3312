import { describe, expect, it } from 'vitest';
import { geometricMean, median } from './statistics.ts';

describe('median', () => {
  it('is the value in the middle, whatever the order', () => expect(median([9, 1, 5])).toBe(5));
  it('is between the two in the middle', () => expect(median([10, 1, 2, 4])).toBe(3));
  it('does not sort as text, and leaves its argument alone', () => {
    const values = [100, 9, 20];
    expect(median(values)).toBe(20);
    expect(values).toEqual([100, 9, 20]);
  });
  it('is of something', () => expect(() => median([])).toThrow(RangeError));
});

describe('geometricMean', () => {
  it('weighs twice as fast and twice as slow alike', () => expect(geometricMean([2, 0.5])).toBeCloseTo(1));
  it('is of something', () => expect(() => geometricMean([])).toThrow(RangeError));
});
