import { beforeEach, describe, expect, it } from 'vitest';
import type { MemoryWindow } from '../../../base/memory-window.ts';
import * as L from '../../abi/layout.ts';
import { RAM_PAGES, TestMachine } from '../testing/machine.ts';

const PAGE = 0xc; // within the 64 KiB of a real-mode segment
const ADDRESS = PAGE << 12;

let m: TestMachine;
beforeEach(async () => {
  m = await TestMachine.create();
});

describe('dirty log', () => {
  it('sees the first write to each page of a round, by the guest and by devices, and then lets writes pass', () => {
    m.monitor.mem_write8(ADDRESS, 1);
    expect(m.tlb(ADDRESS).write).toBe(true);
    m.startDirtyLog();
    expect(m.tlb(ADDRESS)).toMatchObject({ read: true, write: false });
    m.monitor.mem_read32(ADDRESS);
    m.monitor.mem_read32(ADDRESS + 0x1000);
    expect(m.tlb(ADDRESS + 0x1000)).toMatchObject({ read: true, write: false });
    expect(m.dirtyPages()).toEqual([]);
    m.monitor.mem_write8(ADDRESS, 2);
    expect(m.dirtyPages()).toEqual([PAGE]);
    expect(m.tlb(ADDRESS).write).toBe(true);
    m.monitor.phys_write32(0x7ffe, 3);
    expect(m.dirtyPages()).toEqual([7, 8, PAGE]);
    m.startDirtyLog();
    m.monitor.mem_write64(ADDRESS + 8, 4n);
    expect(m.dirtyPages()).toEqual([PAGE]);
  });

  it('sees what string instructions and page walks write', () => {
    m.monitor.cr_write(3, 0x10000);
    m.poke32(0x10000, 0x11003);
    m.poke32(0x11000 + PAGE * 4, ADDRESS | 3);
    m.monitor.cr_write(0, 0x80000001);
    m.startDirtyLog();
    m.monitor.mem_read8(ADDRESS);
    expect(m.dirtyPages()).toEqual([0x10, 0x11]);
    m.set32(L.RDI, ADDRESS);
    m.set32(L.RCX, 8);
    m.monitor.string_stos(4, 4, 3, 1);
    expect(m.dirtyPages()).toEqual([PAGE, 0x10, 0x11]);
  });
});

describe('p2m', () => {
  it('asks the host for a page that is not present', () => {
    m.setP2m(PAGE, 0);
    m.onHostCall = ({ values: [page] }) => m.setP2m(page, m.spareMachinePage(0) | L.P2M_PRESENT);
    m.monitor.mem_read32(ADDRESS);
    expect(m.takeCalls('p2m_fault')).toEqual([[PAGE, 0]]);
    expect(m.tlb(ADDRESS).machine).toBe(m.spareMachinePage(0));
  });

  it('breaks sharing before the first write, in every mapping', () => {
    m.setP2m(PAGE, m.machinePage(PAGE) | L.P2M_PRESENT | L.P2M_COW);
    m.poke32(ADDRESS, 0x55);
    m.set32(L.CPL, 3);
    m.monitor.mem_read32(ADDRESS);
    m.set32(L.CPL, 0);
    expect(m.monitor.mem_read32(ADDRESS)).toBe(0x55);
    expect(m.tlb(ADDRESS).write).toBe(false);
    const shared = m.machine(ADDRESS);
    m.onHostCall = ({ values: [page, write] }) => {
      expect(write).toBe(1);
      m.bytes.copyWithin(m.spareMachinePage(0), shared, shared + 4096);
      m.setP2m(page, m.spareMachinePage(0) | L.P2M_PRESENT);
    };
    m.monitor.mem_write8(ADDRESS + 1, 0x66);
    expect(m.takeCalls('p2m_fault')).toEqual([[PAGE, 1]]);
    expect(m.bytes[shared + 1]).toBe(0);
    expect(m.monitor.mem_read32(ADDRESS)).toBe(0x6655);
    expect(m.tlb(ADDRESS)).toEqual({ read: true, write: true, machine: m.spareMachinePage(0) });
    expect(m.tlb(ADDRESS, true).read).toBe(false);
  });
});

describe('code pages', () => {
  it('withholds the write tag and reports each store after it is done', () => {
    m.setCode(PAGE, true);
    m.onHostCall = () => expect(m.peek32(ADDRESS + 4)).toBe(7);
    m.monitor.mem_write32(ADDRESS + 4, 7);
    expect(m.tlb(ADDRESS)).toMatchObject({ read: true, write: false });
    expect(m.takeCalls('code_write')).toEqual([[ADDRESS + 4, 4]]);
    m.onHostCall = () => {};
    m.setCode(PAGE, false);
    m.monitor.mem_write32(ADDRESS + 4, 8);
    expect(m.takeCalls('code_write')).toEqual([]);
    expect(m.tlb(ADDRESS).write).toBe(true);
  });

  it('takes granted write tags away when a page becomes a code page', () => {
    m.monitor.mem_write8(ADDRESS, 1);
    m.monitor.mem_write8(ADDRESS + 0x1000, 1);
    m.setCode(PAGE, true);
    m.monitor.tlb_withdraw_page_writes(m.machinePage(PAGE));
    expect(m.tlb(ADDRESS)).toMatchObject({ read: true, write: false });
    expect(m.tlb(ADDRESS + 0x1000).write).toBe(true);
  });

  it('reports a string move into it once per page', () => {
    m.setCode(PAGE, true);
    m.set32(L.RDI, ADDRESS + 0xff0);
    m.set32(L.RCX, 0x10);
    m.monitor.string_stos(4, 4, 3, 1);
    expect(m.takeCalls('code_write')).toEqual([[ADDRESS + 0xff0, 0x10]]);
    expect(m.get32(L.RCX)).toBe(0);
  });
});

describe('MMIO', () => {
  it('sends the video window and what lies above RAM to the host, and never enters it in the TLB', () => {
    m.answer = 0xfeedbeef;
    expect(m.monitor.mem_read32(0xb8000) >>> 0).toBe(0xfeedbeef);
    m.monitor.mem_write16(0xa0002, 0x1234);
    m.monitor.mem_write64(0xfee00000, 0x1_0000_0002n);
    expect(m.calls).toEqual([
      { call: 'mmio_read', values: [0xb8000, 4] },
      { call: 'mmio_write', values: [0xa0002, 2, 0x1234] },
      { call: 'mmio_write', values: [0xfee00000, 4, 2] },
      { call: 'mmio_write', values: [0xfee00004, 4, 1] },
    ]);
    expect(m.tlb(0xb8000).read).toBe(false);
    expect(m.get64(L.N_MMIO)).toBe(3n);
  });

  it('ends RAM with the last page and treats the option ROM area as RAM', () => {
    m.monitor.mem_write8((RAM_PAGES << 12) - 1, 5);
    m.monitor.mem_write8(0xc0000, 6);
    expect(m.calls).toEqual([]);
    m.monitor.mem_write8(RAM_PAGES << 12, 7);
    expect(m.takeCalls('mmio_write')).toEqual([[RAM_PAGES << 12, 1, 7]]);
  });

  it('splits an access that begins in RAM and ends outside', () => {
    m.answer = 0xaa;
    m.poke16(0x9fffe, 0x1122);
    expect(m.monitor.mem_read32(0x9fffe) >>> 0).toBe(0xaaaa1122);
  });
});

describe('windows of the memory map', () => {
  // Four pages of memory behind RAM, seen at a place of their own, the first two of them below 1 MiB too.
  const EXTRA = RAM_PAGES;
  const HIGH = 0xfd000;
  const LOW = 0xe0;
  const high = (page: number) => (HIGH + page) * 4096;
  const low = (page: number) => (LOW + page) * 4096;

  /** Bytes 0xaa before RAM of bytes 0x55. `reads`, `writes`: of the pages below 1 MiB. */
  function install(
    reads: MemoryWindow['reads'],
    writes: MemoryWindow['writes'],
    highWrites: MemoryWindow['writes'] = EXTRA,
  ): void {
    for (let page = 0; page < 4; page++) {
      m.setP2m(EXTRA + page, m.spareMachinePage(3 - page) | L.P2M_PRESENT);
      m.bytes.fill(0xaa, m.spareMachinePage(page), m.spareMachinePage(page) + 4096);
    }
    for (const page of [0, 1]) m.bytes.fill(0x55, m.machine(low(page)), m.machine(low(page)) + 4096);
    m.mapMemory([
      { first: 0, pages: 0xa0, reads: 0, writes: 0 },
      { first: LOW, pages: 2, reads, writes },
      { first: 0x100, pages: RAM_PAGES - 0x100, reads: 0x100, writes: 0x100 },
      { first: HIGH, pages: 4, reads: EXTRA, writes: highWrites },
    ]);
  }

  it.each([
    ['alone', EXTRA, 'dropped', 0xaa, 0xaa, 0x55],
    ['before RAM that is written', EXTRA, LOW, 0xaa, 0xaa, 0x11],
    ['replaced by RAM that is only read', LOW, 'dropped', 0x55, 0x55, 0x55],
    ['replaced by RAM', LOW, LOW, 0x55, 0x11, 0x11],
  ] as const)('show ROM %s', (_, reads, writes, first, afterwards, inRam) => {
    install(reads, writes, 'dropped');
    const rom = low(1);
    expect(m.monitor.mem_read8(rom)).toBe(first);
    expect(m.tlb(rom)).toMatchObject({ read: true, write: reads === writes });
    m.monitor.mem_write8(rom, 0x11);
    expect(m.monitor.mem_read8(rom)).toBe(afterwards);
    expect(m.bytes[m.machine(rom)]).toBe(inRam);
    expect(m.calls).toEqual([]);
    m.set32(L.SEG + L.SEG_ES * L.SEG_SIZE + L.SEG_BASE, rom);
    m.set32(L.RDI, 8);
    m.set32(L.RAX, 0x22222222);
    m.set32(L.RCX, 2);
    expect(m.monitor.string_stos(4, 4, 3, 1)).toBe(0);
    expect(m.get32(L.RCX)).toBe(0);
    expect(m.bytes[m.machine(rom) + 15]).toBe(inRam === 0x11 ? 0x22 : 0x55);
    m.monitor.phys_write8(high(1), 0x11);
    expect(m.monitor.phys_read8(high(1))).toBe(0xaa);
    expect(m.monitor.readable_page(HIGH + 1)).toBe(m.spareMachinePage(2));
  });

  it('give the CPU device memory as they give it RAM: no exit, and the dirty log tells what changed', () => {
    install(undefined, undefined);
    m.startDirtyLog();
    m.monitor.mem_write32(high(2), 0x12345678);
    expect(m.tlb(high(2))).toEqual({ read: true, write: true, machine: m.spareMachinePage(1) });
    expect(m.monitor.mem_read32(high(2))).toBe(0x12345678);
    expect(m.monitor.mem_read8(high(0))).toBe(0xaa);
    expect(m.calls).toEqual([]);
    expect(m.dirtyPages(RAM_PAGES + 4)).toEqual([EXTRA + 2]);
    m.answer = 0x77;
    expect(m.monitor.mem_read8(low(0))).toBe(0x77);
    expect(m.monitor.mem_read8(high(4))).toBe(0x77);
  });

  it('show one page in several places: what is taken away is taken away in all', () => {
    install(EXTRA, EXTRA);
    m.monitor.mem_write8(low(1), 1);
    m.monitor.mem_write8(high(1), 2);
    expect(m.monitor.mem_read8(low(1))).toBe(2);
    m.monitor.tlb_withdraw_page_writes(m.spareMachinePage(2));
    for (const place of [low(1), high(1)]) expect(m.tlb(place)).toMatchObject({ read: true, write: false });
    m.setCode(EXTRA + 1, true);
    m.monitor.mem_write8(low(1), 3);
    expect(m.takeCalls('code_write')).toEqual([[low(1), 1]]);
    expect(m.tlb(low(1)).write).toBe(false);
    m.setP2m(EXTRA + 1, 0);
    m.monitor.tlb_reconcile();
    for (const place of [low(1), high(1)]) expect(m.tlb(place).read).toBe(false);
  });
});

describe('jump cache', () => {
  it('changes generation on INVLPG only if code of that page may be in it', () => {
    const generation = m.get32(L.JC_GENERATION);
    m.monitor.invlpg(ADDRESS);
    expect(m.get32(L.JC_GENERATION)).toBe(generation);
    m.monitor.code_address(ADDRESS);
    m.monitor.invlpg(ADDRESS + 0x1000);
    expect(m.get32(L.JC_GENERATION)).toBe(generation);
    m.monitor.invlpg(ADDRESS);
    expect(m.get32(L.JC_GENERATION)).toBe(generation + 2);
    m.monitor.invlpg(ADDRESS);
    expect(m.get32(L.JC_GENERATION)).toBe(generation + 2);
  });

  it('keeps what it knows of global pages on a load of CR3, not on a flush of all', () => {
    const keys = (): number[] => [m.get32(L.JC_GENERATION), m.get32(L.JC_GLOBAL_GENERATION)];
    const [local, global] = keys() as [number, number];
    m.monitor.tlb_flush(0);
    expect(keys()).toEqual([local + 2, global]);
    m.monitor.tlb_flush(1);
    expect(keys()).toEqual([local + 4, global + 2]);
    expect([local & 1, global & 1]).toEqual([1, 0]);
    expect(m.get32(L.JC_KEY_NOW) >>> 8).toBe(local + 4);
    expect(m.get32(L.JC_GLOBAL_KEY_NOW) >>> 8).toBe(global + 2);
  });

  it('is cleared when the generation wraps around', () => {
    m.set32(L.JC_GENERATION, 0xffffff);
    m.set32(L.JC + 5 * L.JC_ENTRY_SIZE + L.JC_TARGET, 1);
    m.monitor.tlb_flush(0);
    expect(m.get32(L.JC_GENERATION)).toBe(1);
    expect(m.get32(L.JC + 5 * L.JC_ENTRY_SIZE + L.JC_TARGET)).toBe(0);
  });
});
