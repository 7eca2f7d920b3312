import { describe, expect, it } from 'vitest';
import { MachineMemory } from '../../engine/vmkernel/memory/machine-memory.ts';
import { admission } from '../../engine/vmkernel/memory/vm-memory.ts';
import { fitProblem, fittingMemory } from './vm-fit.ts';

const host = (memoryMiB: number, memoryFreeMiB = memoryMiB) => ({ memoryFreeMiB, info: { name: 'host-a', memoryMiB } });

describe('the fit of a VM', () => {
  it('is checked against all that the host has, and against what is free if it is to run', () => {
    expect(fitProblem({ memoryMiB: 64 }, host(128), true)).toBeUndefined();
    expect(fitProblem({ memoryMiB: 160 }, host(128), false)).toMatch(
      /^host-a can never hold it: it needs 17\d MiB.* has 128 MiB\.$/,
    );
    expect(fitProblem({ memoryMiB: 64 }, host(128, 50), true)).toMatch(/no room to power it on now.* 50 MiB are free/);
    expect(fitProblem({ memoryMiB: 64 }, host(128, 50), false)).toBeUndefined();
    expect(fitProblem({ memoryMiB: Number.NaN }, host(128), true)).toBeUndefined();
  });

  it('is what the host itself would say', () => {
    const machine = new MachineMemory(64);
    const free = (machine.freePages * 4096) / 2 ** 20;
    for (let memory = 40; memory < 70; memory++)
      expect(fitProblem({ memoryMiB: memory }, host(64, free), true) === undefined).toBe(
        admission(machine, { memoryMiB: memory }) === undefined,
      );
  });

  it('counts what devices have of their own', () => {
    expect(fitProblem({ memoryMiB: 108, deviceKiB: 16 << 10 }, host(128), true)).toBeDefined();
    expect(fitProblem({ memoryMiB: 108 }, host(128), true)).toBeUndefined();
  });

  it('proposes less than a guest wants where it does not fit, but not much less', () => {
    expect(fittingMemory({ memoryMiB: 256 }, host(512))).toBe(256);
    const less = fittingMemory({ memoryMiB: 512 }, host(512));
    expect(less).toBeGreaterThan(400);
    expect(fitProblem({ memoryMiB: less }, host(512), true)).toBeUndefined();
    expect(fittingMemory({ memoryMiB: 2048 }, host(512))).toBe(2048);
  });
});
