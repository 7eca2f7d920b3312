import { describe, expect, it } from 'vitest';
import { ResetWatch } from './reset-watch.ts';

describe('ResetWatch', () => {
  it('calls three resets within seconds without output a loop, and says how quick they were', () => {
    const watch = new ResetWatch();
    expect(watch.reset(1000, 0)).toBeUndefined();
    expect(watch.reset(2000, 0)).toBeUndefined();
    expect(watch.reset(3500, 0)).toBe('it reset itself 3 times within 3 s without printing anything');
  });

  it('starts over when the guest prints, when time passes, and when someone else starts the VM', () => {
    const watch = new ResetWatch();
    for (let n = 1; n <= 10; n++) expect(watch.reset(n * 100, n)).toBeUndefined();
    for (let n = 1; n <= 10; n++) expect(watch.reset(n * 15_000, 10)).toBeUndefined();
    watch.reset(150_001, 10);
    watch.forget();
    expect(watch.reset(150_002, 10)).toBeUndefined();
    expect(watch.reset(150_003, 10)).toBeUndefined();
    expect(watch.reset(150_004, 10)).toContain('within 1 s');
  });
});
