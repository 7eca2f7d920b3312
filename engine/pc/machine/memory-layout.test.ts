import { beforeEach, expect, test } from 'vitest';
import type { MemoryWindow } from '../../base/memory-window.ts';
import { MemoryMap } from '../bus/memory-map.ts';
import { MemoryLayout } from './memory-layout.ts';

const RAM_PAGES = 0x400;
let map: readonly MemoryWindow[];
let memoryMap: MemoryMap;
beforeEach(() => {
  memoryMap = new MemoryMap((windows) => {
    map = windows;
  });
});

/** What reads and writes of a guest-physical page reach. */
function at(page: number): unknown[] {
  const window = map.find(({ first, pages }) => first <= page && page < first + pages);
  if (!window) return ['device', 'device'];
  const offset = page - window.first;
  return [window.reads, window.writes].map((start) =>
    typeof start === 'number' ? start + offset : (start ?? 'device'),
  );
}

test('without ROM there is RAM but for the video window', () => {
  const layout = new MemoryLayout(memoryMap, RAM_PAGES, 0);
  layout.shadow(0xffffffff);
  for (const page of [0, 0x9f, 0xc0, 0xff, 0x100, RAM_PAGES - 1]) expect(at(page)).toEqual([page, page]);
  for (const page of [0xa0, 0xbf, RAM_PAGES, 0xfffff]) expect(at(page)).toEqual(['device', 'device']);
});

test('ROM ends at 4 GiB, its last 128 KiB at 1 MiB too', () => {
  const pages = 64;
  new MemoryLayout(memoryMap, RAM_PAGES, pages);
  expect(at(0xfffff)).toEqual([RAM_PAGES + pages - 1, 'dropped']);
  expect(at(0x100000 - pages)).toEqual([RAM_PAGES, 'dropped']);
  expect(at(0xff)).toEqual([RAM_PAGES + pages - 1, 'dropped']);
  expect(at(0xe0)).toEqual([RAM_PAGES + pages - 32, 'dropped']);
  expect(at(0xdf)).toEqual([0xdf, 0xdf]);
});

test('the chipset sends reads and writes of each 16 KiB to RAM by themselves', () => {
  const layout = new MemoryLayout(memoryMap, RAM_PAGES, 16);
  // Bits 24 and 25: the 13th area, F0000h; 30 and 31: the last one.
  layout.shadow((1 << 24) | (2 << 30));
  expect(at(0xf0)).toEqual([0xf0, 'dropped']);
  expect(at(0xf4)).toEqual([RAM_PAGES + 4, 'dropped']);
  expect(at(0xff)).toEqual([RAM_PAGES + 15, 0xff]);
  layout.shadow(0xffffffff);
  expect(at(0xff)).toEqual([0xff, 0xff]);
  expect(at(0xfffff)).toEqual([RAM_PAGES + 15, 'dropped']);
});

test('the local APIC hides RAM where it is put', () => {
  const layout = new MemoryLayout(memoryMap, RAM_PAGES, 0);
  layout.placeLocalApic(0x5000);
  expect(at(5)).toEqual(['device', 'device']);
  expect([at(4), at(6)]).toEqual([
    [4, 4],
    [6, 6],
  ]);
  layout.placeLocalApic(undefined);
  expect(at(5)).toEqual([5, 5]);
});
