// SMAP and SMEP against the tags that generated code sees. What each access may do is in conformance/kernel/user-pages.c.

import { beforeEach, describe, expect, it } from 'vitest';
import * as L from '../../abi/layout.ts';
import { CR0_PE, CR0_PG, CR4_PGE, TestMachine } from '../testing/machine.ts';

const DIRECTORY = 0x10000;
const TABLE = 0x11000;
const USER_PAGE = 0x403000;
const SUPERVISOR_PAGE = 0x404000;
const FRAME = 0x20000;
const AC = 0x40000;
const SMEP = 1 << 20;
const SMAP = 1 << 21;

let m: TestMachine;
const entry = (linear: number) => TABLE + ((linear >>> 12) & 1023) * 4;

beforeEach(async () => {
  m = await TestMachine.create();
  m.poke32(DIRECTORY + 4, TABLE | 7);
  for (let n = 0; n < 16; n++) m.poke32(TABLE + n * 4, (FRAME + n * 0x1000) | 7);
  m.poke32(entry(SUPERVISOR_PAGE), FRAME | 3);
  m.monitor.cr_write(4, SMAP | SMEP | CR4_PGE);
  m.monitor.cr_write(3, DIRECTORY);
  m.monitor.cr_write(0, CR0_PE | CR0_PG);
});

function read(linear: number): number | undefined {
  m.monitor.mem_read32(linear);
  return m.takeException()?.error;
}

describe('user-mode pages under SMAP', () => {
  it('have tags for supervisor code only between STAC and CLAC', () => {
    expect(read(USER_PAGE)).toBe(1);
    m.monitor.stac();
    expect(m.flags & AC).toBe(AC);
    m.monitor.mem_write32(USER_PAGE, 5);
    m.monitor.mem_read32(SUPERVISOR_PAGE);
    expect(m.tlb(USER_PAGE)).toMatchObject({ read: true, write: true });
    m.monitor.clac();
    expect(m.flags & AC).toBe(0);
    expect(m.tlb(USER_PAGE)).toMatchObject({ read: false, write: false });
    expect(m.tlb(SUPERVISOR_PAGE).read).toBe(true);
    expect(read(USER_PAGE)).toBe(1);
  });

  it('are found again without a walk', () => {
    m.monitor.stac();
    m.monitor.mem_write32(USER_PAGE, 5);
    m.monitor.clac();
    const misses = m.get32(L.N_TLB_MISSES);
    m.monitor.stac();
    expect(m.tlb(USER_PAGE)).toMatchObject({ read: true, write: true });
    expect(m.get32(L.N_TLB_MISSES)).toBe(misses);
  });

  it.each([
    ['INVLPG', () => m.monitor.tlb_flush_page(USER_PAGE)],
    ['a flush', () => m.monitor.tlb_flush(1)],
    ['a page that moved', () => m.monitor.tlb_forget_machine(m.machinePage((FRAME + 0x3000) >>> 12))],
  ])('do not come back after %s while they were put aside', (_, flush) => {
    m.monitor.stac();
    m.monitor.mem_write32(USER_PAGE, 5);
    m.monitor.clac();
    flush();
    m.monitor.stac();
    expect(m.tlb(USER_PAGE)).toMatchObject({ read: false, write: false });
  });

  it('do not get write tags back that were withdrawn meanwhile', () => {
    m.monitor.stac();
    m.monitor.mem_write32(USER_PAGE, 5);
    m.monitor.clac();
    m.monitor.tlb_withdraw_writes();
    m.monitor.stac();
    expect(m.tlb(USER_PAGE)).toMatchObject({ read: true, write: false });
  });

  it('leave the place in the TLB to whoever takes it', () => {
    const other = USER_PAGE + L.TLB_ENTRIES * 4096;
    m.poke32(DIRECTORY + (other >>> 22) * 4, TABLE | 3);
    m.monitor.stac();
    m.monitor.mem_write32(USER_PAGE, 5);
    m.monitor.clac();
    m.monitor.mem_read32(other);
    m.monitor.stac();
    expect([m.tlb(other).read, m.tlb(USER_PAGE).read]).toEqual([true, false]);
  });

  it('leave no trace of a void entry: who takes its place is found by what goes through the valid ones', () => {
    const other = USER_PAGE + L.TLB_ENTRIES * 4096;
    m.poke32(DIRECTORY + (other >>> 22) * 4, TABLE | 3);
    m.monitor.stac();
    m.monitor.mem_write32(USER_PAGE + 0x2000, 5);
    m.monitor.tlb_flush(1);
    m.monitor.clac();
    m.monitor.mem_write32(other + 0x2000, 5);
    m.monitor.tlb_withdraw_writes();
    expect(m.tlb(other + 0x2000)).toMatchObject({ read: true, write: false });
  });

  it('are void when more of them are used than are listed', () => {
    m.monitor.stac();
    const pages = Array.from({ length: L.USER_PAGES_SLOTS + 1 }, (_, n) => 0x405000 + n * 4096);
    for (const page of pages) m.monitor.mem_read32(page);
    expect(pages.map((page) => m.tlb(page).read)).toEqual(pages.map((_, n) => n > 0));
    m.monitor.clac();
    expect(pages.some((page) => m.tlb(page).read)).toBe(false);
  });

  it('are closed by a POPF without AC and by CPL 3, and a running region is left', () => {
    m.monitor.stac();
    m.monitor.mem_read32(USER_PAGE);
    m.monitor.popf(2, 4);
    expect([m.tlb(USER_PAGE).read, m.get32(L.LEAVE)]).toEqual([false, 1]);
    m.monitor.stac();
    expect(m.tlb(USER_PAGE).read).toBe(true);
    m.set32(L.CPL, 3);
    m.monitor.mode_update();
    expect(m.tlb(USER_PAGE).read).toBe(false);
    expect(read(USER_PAGE)).toBeUndefined();
  });

  it('have no tags left after a fetch from one', () => {
    m.monitor.cr_write(4, SMAP);
    m.monitor.code_address(USER_PAGE);
    expect(m.takeException()).toBeUndefined();
    expect(m.tlb(USER_PAGE).read).toBe(false);
  });
});

it('SMEP refuses a fetch also where the page has been read', () => {
  m.monitor.cr_write(4, SMEP);
  expect(read(USER_PAGE)).toBeUndefined();
  m.monitor.code_address(USER_PAGE);
  expect(m.takeException()).toEqual({ vector: 14, error: 17 });
});
