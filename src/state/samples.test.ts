import { describe, expect, it } from 'vitest';
import type { VmStatus } from '../../engine/host/api.ts';
import type { FleetReport } from './fleet.ts';
import { CAPACITY, SampleHistory } from './samples.ts';

const vm = (mips: number, cpu = 0.5) => ({ id: 'v', cpu, memoryActiveMiB: 40, mips, translated: 0.9 }) as VmStatus;

describe('samples', () => {
  it('are what the host measured, however close its reports are', () => {
    const history = new SampleHistory();
    history.recordVm(vm(200), 0);
    history.recordVm(vm(210), 1);
    expect(history.latest('v')).toEqual({ cpu: 50, mips: 210, translated: 90, memory: 40 });
  });

  it('of a host are its VMs’ by what each of them did', () => {
    const history = new SampleHistory();
    const vms = [vm(300, 0.75), vm(100, 0.25)];
    history.recordHost({ info: { id: 'h' }, vms, cpu: 1, memoryUsedMiB: 80 } as FleetReport, 0);
    const latest = history.latest('h');
    expect(latest?.mips).toBeCloseTo(250);
    expect(latest?.translated).toBeCloseTo(90);
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
