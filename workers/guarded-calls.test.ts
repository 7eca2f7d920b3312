import { describe, expect, it } from 'vitest';
import { guardCalls } from './guarded-calls.ts';

describe('guardCalls', () => {
  it('passes arguments, results and errors on', async () => {
    const guarded = guardCalls(
      {
        add: async (a: number, b: number) => a + b,
        fail: async () => {
          throw new Error('no');
        },
      },
      new Promise<string>(() => {}),
    );
    expect(await guarded.add(2, 3)).toBe(5);
    await expect(guarded.fail()).rejects.toThrow('no');
  });

  it('rejects calls that wait and calls that come when the other side is gone', async () => {
    let leave = (_reason: string) => {};
    const gone = new Promise<string>((resolve) => {
      leave = resolve;
    });
    const guarded = guardCalls({ never: () => new Promise<void>(() => {}) }, gone);
    const waiting = guarded.never();
    leave('Its tab was closed.');
    await expect(waiting).rejects.toThrow('Its tab was closed.');
    await expect(guarded.never()).rejects.toThrow('Its tab was closed.');
  });

  it('is no promise itself', async () => {
    const guarded = guardCalls({ call: async () => 1 }, new Promise<string>(() => {}));
    expect(await Promise.resolve(guarded)).toBe(guarded);
  });
});
