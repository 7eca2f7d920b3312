import { afterEach, describe, expect, it, vi } from 'vitest';
import { webLocksWitness } from './web-locks.ts';

/** Web Locks in memory: exclusive holders, and waiters that get the lock when the holder's agent ends. */
class FakeLocks {
  readonly #held = new Map<string, (() => void)[]>();

  request(name: string, ...rest: unknown[]): Promise<unknown> {
    const callback = rest[rest.length - 1] as () => unknown;
    const { signal } = rest.length > 1 ? (rest[0] as { signal: AbortSignal }) : { signal: undefined };
    const waiters = this.#held.get(name);
    if (!waiters) {
      if (!signal) this.#held.set(name, []);
      return Promise.resolve(callback());
    }
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('aborted')));
      waiters.push(() => !signal?.aborted && resolve(callback()));
    });
  }

  end(name: string): void {
    const waiters = this.#held.get(name) ?? [];
    this.#held.delete(name);
    for (const waiter of waiters) waiter();
  }
}

afterEach(() => vi.unstubAllGlobals());

describe('the witness by Web Locks', () => {
  it('is absent where there are none', () => {
    vi.stubGlobal('navigator', {});
    expect(webLocksWitness()).toBeUndefined();
  });

  it('tells the end of a holder to all who watch, and to none who stopped', async () => {
    const locks = new FakeLocks();
    vi.stubGlobal('navigator', { locks });
    const witness = webLocksWitness()!;
    await witness.hold('a');
    const gone: string[] = [];
    witness.watch('a', () => gone.push('first'));
    witness.watch('a', () => gone.push('second'));
    witness.watch('a', () => gone.push('third'))();
    await Promise.resolve();
    expect(gone).toEqual([]);
    locks.end('a');
    expect(gone).toEqual(['first', 'second']);
  });
});
