import { describe, expect, it } from 'vitest';
import { cpuMsBetween, measureThreads, parseSchedstat } from './thread-times.ts';

describe('parseSchedstat', () => {
  it('takes the time on a CPU, not that of waiting', () => expect(parseSchedstat('1234567 89 10\n')).toBe(1234567));
  it.each(['', '12', '1 2 x\n'])('refuses what is no such line: %j', (line) =>
    expect(() => parseSchedstat(line)).toThrow('schedstat'),
  );
});

describe('cpuMsBetween', () => {
  it('adds what each thread has used, whole for one that has begun, nothing for one that has ended', () => {
    const before = new Map([
      [1, 5e6],
      [2, 70e6],
    ]);
    const after = new Map([
      [1, 7.5e6],
      [3, 1e6],
    ]);
    expect(cpuMsBetween(before, after)).toBe(3.5);
  });
});

describe('measureThreads', () => {
  it('counts this process, and never back', () => {
    const before = measureThreads(process.pid);
    const after = measureThreads(process.pid);
    expect(after.get(process.pid)).toBeGreaterThanOrEqual(before.get(process.pid) ?? Number.NaN);
  });
  it('fails for a process that is not there', () => expect(() => measureThreads(2 ** 30)).toThrow('has gone'));
});
