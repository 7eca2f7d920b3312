import { beforeEach, describe, expect, it } from 'vitest';
import * as L from '../../abi/layout.ts';
import { CR0_PE, CR0_PG, CR0_WP, CR4_PAE, CR4_PGE, CR4_PSE, TestMachine } from '../testing/machine.ts';

// Tables and pages, guest-physical.
const DIRECTORY = 0x10000;
const TABLE = 0x11000;
const PAE_DIRECTORY = 0x12000;
const PAE_TABLE = 0x13000;
const DATA = 0x20000;

const P = 1;
const W = 2;
const U = 4;
const A = 0x20;
const D = 0x40;
const PS = 0x80;
const G = 0x100;
const NX = 1n << 63n;

// Error code bits
const WRITE = 2;
const USER = 4;
const RESERVED = 8;
const FETCH = 16;

const LINEAR = 0x00403000; // directory entry 1, table entry 3

let m: TestMachine;
beforeEach(async () => {
  m = await TestMachine.create();
});

function pageFault(): number | undefined {
  const exception = m.takeException();
  if (exception) expect(exception.vector).toBe(14);
  return exception?.error;
}

function enablePaging(cr0 = CR0_PE | CR0_PG, cr4 = 0): void {
  m.monitor.cr_write(4, cr4);
  m.monitor.cr_write(3, DIRECTORY);
  m.monitor.cr_write(0, cr0);
  expect(m.takeException()).toBeUndefined();
}

describe('without paging', () => {
  it('maps linear to guest-physical one to one and fills the TLB with the machine page of the p2m', () => {
    m.monitor.mem_write32(DATA + 4, 0x12345678);
    expect(m.peek32(DATA + 4)).toBe(0x12345678);
    expect(m.tlb(DATA)).toEqual({ read: true, write: true, machine: m.machine(DATA) });
  });

  it('masks A20', () => {
    m.set32(L.A20_MASK, 0xffefffff);
    m.monitor.tlb_flush(1);
    m.monitor.mem_write8(0x100010, 0x5a);
    expect(m.peek8(0x10)).toBe(0x5a);
  });
});

describe('32-bit paging', () => {
  beforeEach(() => {
    m.poke32(DIRECTORY + 4, TABLE | P | W | U);
  });

  it('reads and writes through a two-level walk and sets A and D when due', () => {
    m.poke32(TABLE + 12, DATA | P | W);
    enablePaging();
    m.poke32(DATA + 8, 77);
    expect(m.monitor.mem_read32(LINEAR + 8)).toBe(77);
    expect(m.peek32(TABLE + 12)).toBe(DATA | P | W | A);
    expect(m.peek32(DIRECTORY + 4) & A).toBe(A);
    expect(m.tlb(LINEAR)).toMatchObject({ read: true, write: false });
    m.monitor.mem_write8(LINEAR + 8, 78);
    expect(m.peek32(TABLE + 12)).toBe(DATA | P | W | A | D);
    expect(m.tlb(LINEAR)).toMatchObject({ read: true, write: true });
    expect(m.peek8(DATA + 8)).toBe(78);
  });

  it('reports a missing table and a missing page with CR2', () => {
    enablePaging();
    m.monitor.mem_read32(LINEAR + 5);
    expect(pageFault()).toBe(0);
    expect(m.get32(L.CR2)).toBe(LINEAR + 5);
    m.monitor.mem_write32(0x80001234, 1);
    expect(pageFault()).toBe(WRITE);
    expect(m.get32(L.CR2)).toBe(0x80001234);
  });

  it('gives the user only U pages, and writes only to W pages', () => {
    m.poke32(TABLE + 12, DATA | P | W);
    m.poke32(TABLE + 16, (DATA + 0x1000) | P | U);
    enablePaging();
    m.set32(L.CPL, 3);
    m.monitor.mem_read8(LINEAR);
    expect(pageFault()).toBe(P | USER);
    m.monitor.mem_read8(LINEAR + 0x1000);
    expect(pageFault()).toBeUndefined();
    m.monitor.mem_write8(LINEAR + 0x1000, 1);
    expect(pageFault()).toBe(P | WRITE | USER);
    expect(m.peek32(TABLE + 16) & D).toBe(0);
  });

  it('takes the rights of both levels together', () => {
    m.poke32(DIRECTORY + 4, TABLE | P | U);
    m.poke32(TABLE + 12, DATA | P | W | U);
    enablePaging();
    m.set32(L.CPL, 3);
    m.monitor.mem_write8(LINEAR, 1);
    expect(pageFault()).toBe(P | WRITE | USER);
  });

  it('lets the supervisor write read-only pages unless CR0.WP', () => {
    m.poke32(TABLE + 12, DATA | P);
    enablePaging();
    m.monitor.mem_write8(LINEAR, 9);
    expect(pageFault()).toBeUndefined();
    expect(m.peek8(DATA)).toBe(9);
    m.monitor.cr_write(0, CR0_PE | CR0_PG | CR0_WP);
    m.monitor.mem_write8(LINEAR, 10);
    expect(pageFault()).toBe(P | WRITE);
    expect(m.peek8(DATA)).toBe(9);
  });

  it('maps 4 MiB pages only with CR4.PSE, and refuses their reserved bits', () => {
    m.poke32(DIRECTORY, P | W | PS);
    m.poke32(DATA, 0xabcd);
    enablePaging(CR0_PE | CR0_PG, CR4_PSE);
    expect(m.monitor.mem_read16(DATA)).toBe(0xabcd);
    m.monitor.mem_write16(DATA, 1);
    expect(m.peek32(DIRECTORY)).toBe(P | W | PS | A | D);
    m.poke32(DIRECTORY, P | W | PS | 0x2000);
    m.monitor.tlb_flush(1);
    m.monitor.mem_read16(DATA);
    expect(pageFault()).toBe(P | RESERVED);
  });

  it('checks both pages of a crossing access before the first byte is written', () => {
    m.poke32(TABLE + 12, DATA | P | W);
    enablePaging();
    m.poke32(DATA + 0xffc, 0);
    m.monitor.mem_write32(LINEAR + 0xffe, 0x11223344);
    expect(pageFault()).toBe(WRITE);
    expect(m.get32(L.CR2)).toBe(LINEAR + 0x1000);
    expect(m.peek32(DATA + 0xffc)).toBe(0);
    m.poke32(TABLE + 16, (DATA + 0x5000) | P | W);
    m.monitor.mem_write32(LINEAR + 0xffe, 0x11223344);
    expect(m.peek16(DATA + 0xffe)).toBe(0x3344);
    expect(m.peek16(DATA + 0x5000)).toBe(0x1122);
    expect(m.monitor.mem_read32(LINEAR + 0xffe)).toBe(0x11223344);
    expect(m.monitor.mem_read64(LINEAR + 0xffc)).toBe(0x1122_3344_0000n);
  });

  it.skipIf(TestMachine.pagesComeLate)('keeps global pages over a load of CR3 and drops them with CR4.PGE', () => {
    m.poke32(TABLE + 12, DATA | P | W | G);
    m.poke32(TABLE + 16, (DATA + 0x1000) | P | W);
    enablePaging(CR0_PE | CR0_PG, CR4_PGE);
    m.monitor.mem_read8(LINEAR);
    m.monitor.mem_read8(LINEAR + 0x1000);
    m.monitor.cr_write(3, DIRECTORY);
    expect(m.tlb(LINEAR).read).toBe(true);
    expect(m.tlb(LINEAR + 0x1000).read).toBe(false);
    m.monitor.cr_write(4, 0);
    expect(m.tlb(LINEAR).read).toBe(false);
  });

  it('drops a page on INVLPG, global or not, for both privileges', () => {
    m.poke32(TABLE + 12, DATA | P | W | U | G);
    enablePaging(CR0_PE | CR0_PG, CR4_PGE);
    m.monitor.mem_read8(LINEAR);
    m.set32(L.CPL, 3);
    m.monitor.mem_read8(LINEAR);
    m.set32(L.CPL, 0);
    m.poke32(TABLE + 12, 0);
    m.monitor.invlpg(LINEAR + 0x123);
    expect(m.tlb(LINEAR).read).toBe(false);
    expect(m.tlb(LINEAR, true).read).toBe(false);
  });

  it('keeps supervisor and user rights apart', () => {
    m.poke32(TABLE + 12, DATA | P | W);
    enablePaging();
    m.monitor.mem_write8(LINEAR, 1);
    expect(m.tlb(LINEAR).write).toBe(true);
    expect(m.tlb(LINEAR, true).read).toBe(false);
  });
});

describe('PAE paging', () => {
  beforeEach(() => {
    m.poke64(DIRECTORY, BigInt(PAE_DIRECTORY | P));
    m.poke64(PAE_DIRECTORY + 16, BigInt(PAE_TABLE | P | W | U)); // 0x400000
  });

  function enablePae(nx = false): void {
    if (nx) {
      m.set32(L.RCX, 0xc0000080);
      m.set32(L.RAX, 0x800);
      m.set32(L.RDX, 0);
      m.monitor.wrmsr();
    }
    enablePaging(CR0_PE | CR0_PG, CR4_PAE);
  }

  it('walks three levels and sets A and D', () => {
    m.poke64(PAE_TABLE + 24, BigInt(DATA | P | W | U));
    enablePae();
    m.monitor.mem_write32(LINEAR, 5);
    expect(m.peek32(DATA)).toBe(5);
    expect(m.peek32(PAE_TABLE + 24)).toBe(DATA | P | W | U | A | D);
    expect(m.peek32(PAE_DIRECTORY + 16)).toBe(PAE_TABLE | P | W | U | A);
  });

  it('maps 2 MiB pages', () => {
    m.poke64(PAE_DIRECTORY + 8, BigInt(0x200000 | P | W | PS));
    enablePae();
    m.monitor.mem_write32(0x3ff004, 6);
    expect(m.peek32(0x3ff004)).toBe(6);
    expect(m.peek32(PAE_DIRECTORY + 8)).toBe(0x200000 | P | W | PS | A | D);
  });

  it('refuses address bits that the CPU has not, and NX while EFER.NXE is 0', () => {
    m.poke64(PAE_TABLE + 24, BigInt(DATA | P) | (1n << 32n));
    enablePae();
    m.monitor.mem_read8(LINEAR);
    expect(pageFault()).toBe(P | RESERVED);
    m.poke64(PAE_TABLE + 24, BigInt(DATA | P) | NX);
    m.monitor.mem_read8(LINEAR);
    expect(pageFault()).toBe(P | RESERVED);
  });

  it('refuses execution of NX pages with the fetch bit in the error code', () => {
    m.poke64(PAE_TABLE + 24, BigInt(DATA | P) | NX);
    m.poke64(PAE_TABLE + 32, BigInt((DATA + 0x1000) | P));
    enablePae(true);
    expect(m.monitor.code_address(LINEAR + 0x1010)).toBe(DATA + 0x1010);
    expect(pageFault()).toBeUndefined();
    m.monitor.mem_read8(LINEAR);
    expect(pageFault()).toBeUndefined();
    m.monitor.code_address(LINEAR);
    expect(pageFault()).toBe(P | FETCH);
    m.monitor.code_address(LINEAR + 0x2000);
    expect(pageFault()).toBe(FETCH);
  });

  it.skipIf(TestMachine.pagesComeLate)('says where code can be fetched from without a fault that shows', () => {
    m.poke64(PAE_TABLE + 24, BigInt(DATA | P) | NX);
    m.poke64(PAE_TABLE + 32, BigInt((DATA + 0x1000) | P));
    enablePae(true);
    m.set32(L.CR2, 0x1234);
    expect(m.monitor.code_page(LINEAR + 0x1010)).toBe(DATA + 0x1000);
    expect(m.monitor.code_page(LINEAR)).toBe(L.NO_PAGE);
    expect(m.monitor.code_page(LINEAR + 0x2000)).toBe(L.NO_PAGE);
    expect(pageFault()).toBeUndefined();
    expect(m.get32(L.CR2)).toBe(0x1234);
  });

  it('uses the PDPTEs loaded with CR3, not those in memory', () => {
    m.poke64(PAE_TABLE + 24, BigInt(DATA | P));
    enablePae();
    m.poke64(DIRECTORY, 0n);
    m.monitor.mem_read8(LINEAR);
    expect(pageFault()).toBeUndefined();
    m.monitor.cr_write(3, DIRECTORY);
    m.monitor.mem_read8(LINEAR);
    expect(pageFault()).toBe(0);
  });

  it('raises #GP when CR3 points to PDPTEs with reserved bits', () => {
    enablePae();
    m.poke64(DIRECTORY + 8, BigInt(P | W));
    m.monitor.cr_write(3, DIRECTORY);
    expect(m.takeException()).toEqual({ vector: 13, error: 0 });
  });
});
