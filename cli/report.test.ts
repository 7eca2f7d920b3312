import { describe, expect, it } from 'vitest';
import type { Registers } from '../engine/vmkernel/spec/spec.ts';
import { formatRegisters } from './common/registers-text.ts';
import { formatStatistics } from './report.ts';

describe('the runner’s reports', () => {
  it('gives the figures of a run', () => {
    const text = formatStatistics(
      {
        instructions: 200_000_000,
        translatedInstructions: 150_000_000,
        tlbMisses: 1234,
        interrupts: 5,
        exceptions: 6,
        regions: 7,
        liveRegions: 6,
        wasmBytes: 20_480,
        evictions: 1,
        overhead: { cpu: 102_400, code: 8_388_608, pages: 167_936, translations: 153_600 },
        translationMs: 1000,
        exits: { slice: 1, request: 2, unlinked: 3, miss: 4000, fault: 5, interpret: 6 },
        invalidations: 8,
        undefinedInstructions: 0,
        busyMs: 4000,
        uptimeMs: 10_000,
      },
      8000,
    );
    expect(text).toContain('instructions  200,000,000\n');
    expect(text).toContain('MIPS          50.0 (while the vCPU ran)\n');
    expect(text).toContain('interpreted   25.0 %\n');
    expect(text).toContain('translated    75.0 %\n');
    expect(text).toContain('regions       7 made, 1 evicted, 6 left with 20 KiB of WebAssembly\n');
    expect(text).toContain(
      'overhead      tables 8,456 KiB (CPU and TLBs 100 KiB, decoded code 8,192 KiB, pages 164 KiB), translations about 150 KiB\n',
    );
    expect(text).toContain('translation   1.00 s (142.86 ms a region)\n');
    expect(text).toContain('exits         slice 1, request 2, unlinked 3, miss 4,000, fault 5, interpret 6\n');
    expect(text).toContain('TLB misses    1,234\n');
    expect(text).toContain('wall time     8.00 s\n');
    expect(text).toContain('vCPU busy     4.00 s (50.0 % of a core)\n');
  });

  it('divides by nothing when the guest ran nothing', () => {
    const nothing = {
      instructions: 0,
      translatedInstructions: 0,
      tlbMisses: 0,
      interrupts: 0,
      exceptions: 0,
      regions: 0,
      liveRegions: 0,
      wasmBytes: 0,
      evictions: 0,
      overhead: { cpu: 0, code: 0, pages: 0, translations: 0 },
      translationMs: 0,
      exits: { slice: 0, request: 0, unlinked: 0, miss: 0, fault: 0, interpret: 0 },
      invalidations: 0,
      undefinedInstructions: 0,
      busyMs: 0,
      uptimeMs: 0,
    };
    expect(formatStatistics(nothing, 0)).not.toMatch(/NaN|Infinity/);
  });

  it('shows registers as unsigned hexadecimal', () => {
    const names = 'eip eflags eax ebx ecx edx esi edi ebp esp cr0 cr2 cr3 cr4 cs ss ds es fs gs'.split(' ');
    const registers = Object.fromEntries(names.map((name) => [name, 0])) as unknown as Registers;
    expect(formatRegisters({ ...registers, cr0: -2147483648, eip: 0xc0101234 })).toMatch(
      /eip=c0101234 eflags=00000000\ncr0=80000000 /,
    );
  });
});
