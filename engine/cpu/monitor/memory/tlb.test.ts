// The list of filled TLB entries, by what depends on it: whatever was filled, invalidated and refilled, a sweep misses nothing.

import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import * as L from '../../abi/layout.ts';
import { CR0_PE, CR0_PG, CR4_PGE, TestMachine } from '../testing/machine.ts';

const DIRECTORY = 0x10000;
const TABLE = 0x11000;
const DATA = 0x20000;
const PRESENT_WRITABLE = 3;
const GLOBAL = 0x100;
const BASE = 0x00400000;
/** Every other page of these is global. */
const PAGES = 16;

const linear = (page: number): number => BASE + page * 4096;

let m: TestMachine;
beforeEach(async () => {
  m = await TestMachine.create();
  m.poke32(DIRECTORY + 4, TABLE | PRESENT_WRITABLE);
  for (let page = 0; page < PAGES; page++)
    m.poke32(TABLE + page * 4, (DATA + page * 4096) | PRESENT_WRITABLE | (page % 2 ? GLOBAL : 0));
  m.monitor.cr_write(4, CR4_PGE);
  m.monitor.cr_write(3, DIRECTORY);
  m.monitor.cr_write(0, CR0_PE | CR0_PG);
});

it('names each valid entry after any order of fills, INVLPG and loads of CR3', () => {
  const step = fc.record({
    kind: fc.constantFrom('read' as const, 'write' as const, 'read' as const, 'invlpg' as const, 'cr3' as const),
    page: fc.nat(PAGES - 1),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      for (const { kind, page } of steps) {
        if (kind === 'read') m.monitor.mem_read8(linear(page));
        else if (kind === 'write') m.monitor.mem_write8(linear(page), 1);
        else if (kind === 'invlpg') m.monitor.invlpg(linear(page));
        else m.monitor.cr_write(3, DIRECTORY);
      }
      const global = Array.from({ length: PAGES }, (_, page) => page % 2 === 1 && m.tlb(linear(page)).read);
      m.monitor.tlb_withdraw_writes();
      expect(global.map((_, page) => m.tlb(linear(page)).write)).not.toContain(true);
      m.monitor.cr_write(3, DIRECTORY);
      expect(global.map((_, page) => m.tlb(linear(page)).read)).toEqual(global);
    }),
  );
});

it('finds room when entries were filled more often than it has', () => {
  for (let n = 0; n <= 2 * L.TLB_FILLED_MAXIMUM; n++) {
    m.monitor.mem_read8(linear(n % PAGES));
    m.monitor.invlpg(linear(n % PAGES));
  }
  for (let page = 0; page < PAGES; page++) m.monitor.mem_write8(linear(page), 1);
  expect(m.get32(L.TLB_FILLED_COUNT)).toBeLessThanOrEqual(L.TLB_FILLED_MAXIMUM);
  m.monitor.cr_write(3, DIRECTORY);
  for (let page = 0; page < PAGES; page++) expect(m.tlb(linear(page)).read).toBe(page % 2 === 1);
  m.monitor.tlb_withdraw_page_writes(m.machinePage((DATA + 4096) >>> 12));
  expect(m.tlb(linear(1)).write).toBe(false);
  expect(m.tlb(linear(3)).write).toBe(true);
});
