import { beforeEach, describe, expect, it } from 'vitest';
import * as L from '../../abi/layout.ts';
import { CR0_PE, CR0_PG, CR4_PAE, TestMachine } from '../testing/machine.ts';
import { ProtectedMachine, TSS } from '../testing/protected-mode.ts';

const GP0 = { vector: 13, error: 0 };
const UD = { vector: 6, error: undefined };
const TF_IOPL3 = 0x3000;

let p: ProtectedMachine;
let m: TestMachine;
beforeEach(async () => {
  p = await ProtectedMachine.create();
  m = p.machine;
});

function readMsr(index: number): bigint {
  m.set32(L.RCX, index);
  m.monitor.rdmsr();
  return (BigInt(m.get32(L.RDX)) << 32n) | BigInt(m.get32(L.RAX));
}

function writeMsr(index: number, value: bigint): void {
  m.set32(L.RCX, index);
  m.set32(L.RAX, Number(value & 0xffffffffn));
  m.set32(L.RDX, Number(value >> 32n));
  m.monitor.wrmsr();
}

describe('RESET', () => {
  it('leaves the CPU as the manual says', async () => {
    m = await TestMachine.create();
    expect(m.segment(L.SEG_CS)).toMatchObject({ selector: 0xf000, base: 0xffff0000, limit: 0xffff });
    expect(m.segment(L.SEG_DS)).toMatchObject({ selector: 0, base: 0, limit: 0xffff, write: 0xffffn });
    expect([m.get32(L.RIP), m.flags, m.get32(L.CR0)]).toEqual([0xfff0, 2, 0x60000010]);
    expect(m.get32(L.MODE)).toBe(L.MODE_REAL);
    expect([m.get32(L.FPU_CW), m.get32(L.FPU_TAG), m.get32(L.MXCSR)]).toEqual([0x40, 0, 0x1f80]);
    expect(m.get32(L.GDTR_LIMIT)).toBe(0xffff);
    expect(m.tlb(0).read).toBe(false);
  });
});

describe('control registers', () => {
  it('CR0 keeps ET, refuses PG without PE and NW without CD', () => {
    m.monitor.cr_write(0, CR0_PE);
    expect(m.monitor.cr_read(0)).toBe(CR0_PE | 0x10);
    m.monitor.cr_write(0, CR0_PG);
    expect(m.takeException()).toEqual(GP0);
    m.monitor.cr_write(0, CR0_PE | 0x20000000);
    expect(m.takeException()).toEqual(GP0);
  });

  it('CR0.EM and TS arm the FPU trap, CLTS disarms it', () => {
    m.monitor.cr_write(0, CR0_PE | 8);
    expect(m.get32(L.FPU_TRAP)).toBe(1);
    m.monitor.clts();
    expect(m.get32(L.FPU_TRAP)).toBe(0);
    m.monitor.lmsw(4);
    expect(m.get32(L.FPU_TRAP)).toBe(1);
    expect(m.get32(L.CR0) & 0xf).toBe(5); // LMSW cannot clear PE
  });

  it('CR4 refuses bits of features that are not offered', () => {
    m.monitor.cr_write(4, CR4_PAE | 0xe40);
    expect(m.takeException()).toBeUndefined();
    for (const bit of [0x1000, 0x2000, 0x20000]) {
      m.monitor.cr_write(4, bit);
      expect(m.takeException()).toEqual(GP0);
    }
    expect(m.monitor.cr_read(4)).toBe(CR4_PAE | 0xe40);
  });

  it('there is no CR1, CR5 or CR8', () => {
    for (const n of [1, 5, 8]) {
      m.monitor.cr_read(n);
      expect(m.takeException()).toEqual(UD);
    }
  });

  it.skipIf(TestMachine.pagesComeLate)('changes of CR0.PG and CR0.WP empty the TLB', () => {
    m.poke32(0x10000, 0x83);
    m.monitor.cr_write(4, 0x10);
    m.monitor.cr_write(3, 0x10000);
    m.monitor.mem_read8(0x5000);
    m.monitor.cr_write(0, CR0_PE | CR0_PG);
    expect(m.tlb(0x5000).read).toBe(false);
    m.monitor.mem_read8(0x5000);
    m.monitor.cr_write(0, CR0_PE | CR0_PG | 8);
    expect(m.tlb(0x5000).read).toBe(true);
    m.monitor.cr_write(0, CR0_PE | CR0_PG | 0x10000);
    expect(m.tlb(0x5000).read).toBe(false);
  });
});

it('privileged instructions raise #GP in user mode', () => {
  p.enterUser();
  const calls: [string, ...number[]][] = [
    ['cr_read', 0],
    ['cr_write', 3, 0],
    ['dr_read', 7],
    ['dr_write', 7, 0],
    ['lmsw', 0],
    ['clts'],
    ['ldt_table', 0, 0, 0],
    ['invlpg', 0],
    ['wbinvd'],
    ['rdmsr'],
    ['wrmsr'],
    ['rdpmc'],
    ['halt'],
    ['cli'],
  ];
  for (const [name, ...values] of calls) {
    m.monitor[name](...values);
    expect([name, m.takeException()]).toEqual([name, GP0]);
  }
  expect(m.get32(L.RUN_STATE)).toBe(L.RUN_RUNNING);
});

describe('debug registers', () => {
  it('have fixed bits, and DR4 and DR5 as aliases', () => {
    m.monitor.dr_write(6, 0);
    expect(m.monitor.dr_read(4) >>> 0).toBe(0xffff0ff0);
    m.monitor.dr_write(7, 0xffffffff & ~0x2000);
    expect(m.monitor.dr_read(5) >>> 0).toBe(0xffff07ff);
  });

  it('CR4.DE takes the aliases away', () => {
    m.monitor.cr_write(4, 8);
    m.monitor.dr_read(4);
    expect(m.takeException()).toEqual({ vector: 6, error: undefined });
    m.monitor.dr_read(6);
    expect(m.takeException()).toBeUndefined();
  });

  it('breakpoints make the CPU look at each access, as long as they are enabled', () => {
    m.monitor.dr_write(7, 0x000d_0402);
    expect(m.get32(L.WATCH)).toBe(L.WATCH_DATA);
    m.monitor.dr_write(7, 0x0002_0402);
    expect(m.get32(L.WATCH)).toBe(0); // ports, without CR4.DE
    m.monitor.cr_write(4, 8);
    expect(m.get32(L.WATCH)).toBe(L.WATCH_PORTS);
    m.monitor.dr_write(7, 0x400);
    expect(m.get32(L.WATCH)).toBe(0);
  });

  it('breakpoints on ports trap IN and OUT that touch them, and each element of INS', () => {
    m.monitor.cr_write(4, 8);
    m.monitor.dr_write(0, 0x60);
    m.monitor.dr_write(1, 0x64);
    m.monitor.dr_write(7, 0x0022_0408 | 0x2); // one byte each
    const trapped = () => {
      const traps = m.get32(L.PENDING_TRAPS);
      m.set32(L.PENDING_TRAPS, 0);
      return traps;
    };
    m.monitor.port_in(0x61, 1);
    expect(trapped()).toBe(0);
    m.monitor.port_in(0x60, 1);
    expect(trapped()).toBe(1);
    m.monitor.port_out(0x61, 4, 0);
    expect(trapped()).toBe(2);
    m.set32(L.RDX, 0x60);
    m.set32(L.RDI, 0x100);
    m.set32(L.RCX, 3);
    expect(m.monitor.string_ins(1, 4, 3, 1)).toBe(1);
    expect([m.get32(L.RCX), trapped()]).toEqual([2, 1]);
    m.monitor.cr_write(4, 0);
    m.monitor.port_in(0x60, 1);
    expect(trapped()).toBe(0);
  });

  it('DR7.GD traps the next access', () => {
    m.monitor.dr_write(7, 0x2000);
    m.monitor.dr_read(0);
    expect(m.takeException()).toEqual({ vector: 1, error: undefined });
    expect(m.monitor.dr_read(6) & 0x2000).toBe(0x2000);
    expect(m.monitor.dr_read(7)).toBe(0x400);
  });
});

describe('CPUID', () => {
  function leaf(eax: number, ecx = 0) {
    m.set32(L.RAX, eax);
    m.set32(L.RCX, ecx);
    m.monitor.cpuid();
    return [L.RAX, L.RBX, L.RCX, L.RDX].map((register) => m.get32(register));
  }
  const text = (words: number[]) =>
    String.fromCharCode(...words.flatMap((word) => [0, 8, 16, 24].map((shift) => (word >>> shift) & 255)));

  it('names vendor, hypervisor and brand', () => {
    const [, ebx, ecx, edx] = leaf(0);
    expect(text([ebx, edx, ecx])).toBe('GenuineIntel');
    expect(text(leaf(0x40000000).slice(1))).toBe('TabvisorHV\0\0');
    const brand = [0x80000002, 0x80000003, 0x80000004].flatMap((n) => leaf(n));
    expect(text(brand).replace(/\0+$/, '')).toBe('tabvisor virtual CPU');
  });

  it('offers no feature whose control bits are refused', () => {
    const [, , ecx, edx] = leaf(1);
    expect(edx & (1 << 26)).toBe(1 << 26); // SSE2
    expect(edx & ((1 << 9) | (1 << 28))).toBe(0); // APIC HTT
    expect(ecx >>> 0).toBe(0x80980201); // hypervisor, POPCNT, SSE4.2, SSE4.1, SSSE3, SSE3
  });

  it('keeps back what it is told to, and shows the local APIC where there is one', () => {
    m.set32(L.CPUID_SIGNATURE, 0x673);
    m.set32(L.CPUID_HIDDEN_EDX, 1 << 26);
    m.set32(L.MSR_APIC_BASE, 0xfee00900);
    const [eax, , , edx] = leaf(1);
    expect([eax, edx & (1 << 26), edx & (1 << 9)]).toEqual([0x673, 0, 1 << 9]);
  });

  it('gives the TSC frequency', () => {
    const [denominator, numerator, crystal] = leaf(0x15);
    expect((crystal * numerator) / denominator).toBe(L.TSC_HZ);
    expect(leaf(0x40000010)[0]).toBe(L.TSC_HZ / 1000);
  });

  it('answers unknown basic leaves with the last one', () => {
    expect(leaf(0x1000)).toEqual(leaf(0x16));
  });
});

describe('MSRs', () => {
  it('unknown ones raise #GP and leave EDX:EAX alone', () => {
    m.set32(L.RAX, 77);
    readMsr(0x9999);
    expect(m.takeException()).toEqual(GP0);
    expect(m.get32(L.RAX)).toBe(77);
    writeMsr(0x9999, 0n);
    expect(m.takeException()).toEqual(GP0);
  });

  it('EFER takes NXE, and SCE, which means nothing outside of 64-bit mode', () => {
    writeMsr(0xc0000080, 0x801n);
    expect(readMsr(0xc0000080)).toBe(0x801n);
    writeMsr(0xc0000080, 0x100n);
    expect(m.takeException()).toEqual(GP0);
  });

  it('the machine check has no bank that could report', () => {
    expect(readMsr(0x179)).toBe(0n);
    writeMsr(0x17a, 4n);
    expect(readMsr(0x17a)).toBe(4n);
    for (const write of [() => writeMsr(0x17a, 8n), () => writeMsr(0x179, 0n), () => writeMsr(0x400, 0n)]) {
      write();
      expect(m.takeException()).toEqual(GP0);
    }
  });

  it('MISC_ENABLE keeps its switches, and refuses changes of what it reports', () => {
    expect(readMsr(0x1a0)).toBe(0x1801n);
    writeMsr(0x1a0, 0x400c51809n);
    expect(readMsr(0x1a0)).toBe((0x400c51809n & ~0x800n) | 0x1800n);
    writeMsr(0x1a0, 0x1881n);
    expect(m.takeException()).toEqual(GP0);
  });

  it('MISC_ENABLE limits CPUID and takes NX away', () => {
    const cpuid = (leaf: number, register: number) => {
      m.set32(L.RAX, leaf);
      m.set32(L.RCX, 0);
      m.monitor.cpuid();
      return m.get32(register);
    };
    writeMsr(0x1a0, 0x401801n);
    expect([cpuid(0, L.RAX), cpuid(7, L.RAX)]).toEqual([2, 1]);
    expect(cpuid(0x80000001, L.RDX) & (1 << 20)).toBe(1 << 20);
    writeMsr(0x1a0, 0x400001801n);
    expect(cpuid(0, L.RAX)).toBe(0x16);
    expect(cpuid(0x80000001, L.RDX) & (1 << 20)).toBe(0);
    writeMsr(0xc0000080, 0x800n);
    expect(m.takeException()).toEqual(GP0);
  });

  it('PAT refuses undefined memory types', () => {
    expect(readMsr(0x277)).toBe(0x0007040600070406n);
    writeMsr(0x277, 0x0007040600070402n);
    expect(m.takeException()).toEqual(GP0);
    writeMsr(0x277, 0x0007010600070106n);
    expect(readMsr(0x277)).toBe(0x0007010600070106n);
  });

  it('offers speculation control, whose command register is write-only', () => {
    expect(readMsr(0x10a) & 2n).toBe(2n);
    writeMsr(0x48, 1n);
    expect(readMsr(0x48)).toBe(1n);
    writeMsr(0x48, 4n);
    expect(m.takeException()).toEqual(GP0);
    writeMsr(0x49, 1n);
    expect(m.takeException()).toBeUndefined();
    readMsr(0x49);
    expect(m.takeException()).toEqual(GP0);
  });

  it('MTRRs keep what a CPU accepts, and refuse the rest', () => {
    expect(readMsr(0xfe)).toBe(0x508n); // eight variable ranges, fixed ones, write-combining; as QEMU's
    const kept: [number, bigint][] = [
      [0x2ff, 0xc06n],
      [0x250, 0x0606060606060606n],
      [0x258, 0x0504010006060606n],
      [0x259, 0n],
      ...[0, 1, 2, 3, 4, 5, 6, 7].map((n): [number, bigint] => [0x268 + n, BigInt(n === 2 || n === 3 ? 1 : n % 7)]),
      ...[0, 2, 4, 6, 8, 10, 12, 14].map((n): [number, bigint] => [0x200 + n, 0x80000000n + BigInt(n << 12)]),
      ...[1, 3, 5, 7, 9, 11, 13, 15].map((n): [number, bigint] => [0x200 + n, 0xfff00800n]),
    ];
    for (const [index, value] of kept) {
      writeMsr(index, value);
      expect([index, m.takeException()]).toEqual([index, undefined]);
    }
    for (const [index, value] of kept) expect([index, readMsr(index)]).toEqual([index, value]);
    const refused: [number, bigint][] = [
      [0xfe, 0x508n], // read-only
      [0x2ff, 0x2n], // no memory type
      [0x2ff, 0x106n], // reserved
      [0x2ff, 0x1_0000_0c06n],
      [0x250, 0x0606060606060207n],
      [0x26f, 0x0300000000000000n],
      [0x200, 0x80000003n],
      [0x200, 0x80000106n], // reserved
      [0x200, 0x1_0000_0006n], // beyond what an address can have
      [0x201, 0xfff00806n],
      [0x20f, 0xf_fff0_0800n],
      [0x210, 0n], // the ninth range
      [0x251, 0n],
    ];
    for (const [index, value] of refused) {
      writeMsr(index, value);
      expect([index, value, m.takeException()]).toEqual([index, value, GP0]);
    }
    for (const [index, value] of kept) expect([index, readMsr(index)]).toEqual([index, value]);
    m.set32(L.CPUID_HIDDEN_EDX, 1 << 12);
    for (const index of [0xfe, 0x200, 0x250, 0x2ff]) {
      readMsr(index);
      expect(m.takeException()).toEqual(GP0);
      writeMsr(index, 0n);
      expect(m.takeException()).toEqual(GP0);
    }
  });

  it('the TSC follows the host, and TSC_ADJUST its writes', () => {
    m.now = 5_000_000_000;
    m.set64(L.TSC_OFFSET, 7n);
    m.monitor.rdtsc();
    expect([m.get32(L.RAX), m.get32(L.RDX)]).toEqual([705_032_711, 1]);
    writeMsr(0x10, 1000n);
    m.now += 234;
    expect(readMsr(0x10)).toBe(1234n);
    expect(readMsr(0x3b)).toBe(BigInt.asUintN(64, 1000n - 5_000_000_007n));
    writeMsr(0x3b, 0n);
    expect(readMsr(0x10)).toBe(5_000_000_241n);
  });

  it('IA32_APIC_BASE moves the local APIC, and takes it away', () => {
    const write = (value: number, high = 0) => {
      m.set32(L.RCX, 0x1b);
      m.set32(L.RAX, value);
      m.set32(L.RDX, high);
      m.monitor.wrmsr();
      return m.takeException();
    };
    expect(write(0xfee00900)).toEqual(GP0); // there is none
    m.set32(L.HAS_LOCAL_APIC, 1);
    for (const [value, high] of [
      [0xfee00d00, 0],
      [0xfee00901, 0],
      [0xfee00b00, 0],
      [0xfee00900, 1],
    ])
      expect(write(value!, high)).toEqual(GP0);
    expect(write(0x5900)).toBeUndefined();
    expect(m.takeCalls('local_apic_moved')).toEqual([[0x5000]]);
    expect(write(0x5100)).toBeUndefined();
    expect(m.takeCalls('local_apic_moved')).toEqual([[0]]);
    m.set32(L.RAX, 1);
    m.monitor.cpuid();
    expect(m.get32(L.RDX) & (1 << 9)).toBe(0);
  });

  it('RDTSCP tells IA32_TSC_AUX too, in ECX', () => {
    writeMsr(0xc0000103, 0x12n);
    m.set64(L.RCX, 0xffffffffffffffffn);
    m.now = 5 * 2 ** 32 + 7;
    m.monitor.rdtscp();
    expect([m.get32(L.RDX), m.get32(L.RAX), m.get64(L.RCX)]).toEqual([5, 7, 0x12n]);
    writeMsr(0xc0000103, 0x100000000n);
    expect(m.takeException()).toEqual(GP0);
    expect(readMsr(0xc0000103)).toBe(0x12n);
  });

  it('CR4.TSD keeps RDTSC from user mode', () => {
    m.monitor.cr_write(4, 4);
    m.monitor.rdtsc();
    expect(m.takeException()).toBeUndefined();
    p.enterUser();
    m.monitor.rdtsc();
    expect(m.takeException()).toEqual(GP0);
  });
});

describe('port I/O', () => {
  it('passes at CPL ≤ IOPL', () => {
    m.answer = 0x42;
    expect(m.monitor.port_in(0x60, 1)).toBe(0x42);
    p.enterUser(0x5000, TF_IOPL3);
    m.monitor.port_out(0x3f8, 2, 0x1234);
    expect(m.takeCalls('port_write')).toEqual([[0x3f8, 2, 0x1234]]);
    expect(m.get64(L.N_PORT_IO)).toBe(2n);
  });

  it('otherwise asks the bitmap of the TSS, for every byte of the access', () => {
    p.enterUser();
    m.monitor.port_in(0x60, 1);
    expect(m.takeException()).toEqual(GP0);
    m.poke16(TSS + 0x66, 0x68);
    m.poke8(TSS + 0x68 + (0x60 >> 3), 0b00000100); // port 0x62
    m.monitor.port_in(0x60, 1);
    m.monitor.port_in(0x60, 2);
    expect(m.takeException()).toBeUndefined();
    m.monitor.port_in(0x60, 4);
    expect(m.takeException()).toEqual(GP0);
    m.monitor.port_in(0x62, 1);
    expect(m.takeException()).toEqual(GP0);
    m.monitor.port_in(0x3f8, 1); // beyond the TSS's limit
    expect(m.takeException()).toEqual(GP0);
    expect(m.takeCalls('port_read')).toEqual([
      [0x60, 1],
      [0x60, 2],
    ]);
  });
});

describe('what is missing', () => {
  it('is #UD, counted, and told to the host', () => {
    m.monitor.not_implemented(55, 0x1234);
    expect(m.takeException()).toEqual(UD);
    expect(m.get64(L.N_UNDEFINED)).toBe(1n);
    expect(m.takeCalls('not_implemented')).toEqual([[55, 0x1234]]);
    m.monitor.undefined_opcode();
    expect(m.takeException()).toEqual(UD);
    expect(m.get64(L.N_UNDEFINED)).toBe(1n);
  });
});
