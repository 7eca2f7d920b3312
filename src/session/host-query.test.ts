import { describe, expect, it } from 'vitest';
import { readHostQuery } from './host-query.ts';

const read = (address: string) => readHostQuery(new URLSearchParams(address));

describe('the address of a host page', () => {
  it('says which host, or leaves it to the console', () => {
    expect(read('host')).toEqual({ name: undefined, memoryMiB: 512 });
    expect(read('host&name=&memory=256')).toEqual({ name: undefined, memoryMiB: 256 });
    expect(read('host&name=%20rack%20%202&memory=4095')).toEqual({ name: 'rack 2', memoryMiB: 4095 });
  });

  it.each([
    ['memory=3.5', 'memory=3.5. A host’s memory is a whole number of MiB'],
    ['memory=0', 'memory=0.'],
    ['memory=', 'memory=.'],
    ['memory=-1', 'memory=-1.'],
    ['memory=NaN', 'memory=NaN.'],
    ['memory=1e9', 'memory=1e9.'],
    ['memory=lots', 'memory=lots.'],
    ['memory=5000', 'from 16 to 4095'],
    [`memory=${'9'.repeat(5000)}`, '…. A host’s memory'],
    [`name=${'x'.repeat(5000)}`, 'at most 63 characters'],
    ['name=a%0Ab', 'control characters'],
    ['name=%E2%80%AEevil', 'control characters'],
    ['name=%20', 'A name is needed'],
  ])('with %j is refused with the reason', (address, reason) => {
    const { problem } = read(`host&${address}`);
    expect(problem).toContain(reason);
    expect((problem ?? '').length).toBeLessThan(200);
  });
});
