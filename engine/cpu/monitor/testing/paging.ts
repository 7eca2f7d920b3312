// Paging for tests of what happens to accesses at absent pages.
import type { TestMachine } from './machine.ts';

const DIRECTORY = 0x10000;
/** Of the first 4 MiB. */
export const PAGE_TABLE = 0x11000;

/** Identity map of the first 4 MiB, without the given pages. */
export function identityMap(m: TestMachine, ...absent: number[]): void {
  m.poke32(DIRECTORY, PAGE_TABLE | 7);
  for (let page = 0; page < 1024; page++) m.poke32(PAGE_TABLE + page * 4, absent.includes(page) ? 0 : (page << 12) | 7);
  m.monitor.cr_write(3, DIRECTORY);
  m.monitor.cr_write(0, 0x80000001);
}
