import { describe, expect, it } from 'vitest';
import type { VmStatus } from '../../workers/api.ts';
import { CAPACITY, SampleHistory } from './samples.ts';

const vm = (instructions: number, cpu = 0.5) =>
  ({
    id: 'v',
    cpu,
    memoryActiveMiB: 40,
    counters: { instructions, translatedInstructions: instructions * 0.9 },
  }) as VmStatus;

describe('samples', () => {
  it('form MIPS from two readings', () => {
    const history = new SampleHistory();
    history.recordVm(vm(0), 0);
    history.recordVm(vm(100_000_000), 500);
    expect(history.latest('v')).toEqual({ cpu: 50, mips: 200, translated: 90, memory: 40 });
  });

  it('make no rate across a power cycle', () => {
    const history = new SampleHistory();
    history.recordVm(vm(5_000_000), 0);
    history.recordVm(vm(1000), 500);
    expect(history.latest('v')?.mips).toBe(0);
  });

  it('keep a bounded past, in ascending time', () => {
    const history = new SampleHistory();
    for (let n = 0; n < CAPACITY + 50; n++) history.recordVm(vm(n), 1000);
    const { time } = history.series('v');
    expect(time).toHaveLength(CAPACITY);
    expect(time.every((t, n) => n === 0 || t > time[n - 1])).toBe(true);
  });

  it('tell only who asked about that object', () => {
    const history = new SampleHistory();
    let calls = 0;
    const stop = history.subscribe('v', () => calls++);
    history.subscribe('other', () => calls++);
    history.recordVm(vm(1), 0);
    stop();
    history.recordVm(vm(2), 500);
    expect(calls).toBe(1);
  });
});
