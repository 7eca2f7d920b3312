import { expect, it } from 'vitest';
import { RecentPlaces } from './recent-places.ts';

it('holds the places that were added last', () => {
  const places = new RecentPlaces(3);
  for (const place of [1, 2, 2, 3, 4]) places.add(place);
  expect([1, 2, 3, 4].map((place) => places.has(place))).toEqual([false, true, true, true]);
  places.clear();
  expect(places.has(4)).toBe(false);
});
