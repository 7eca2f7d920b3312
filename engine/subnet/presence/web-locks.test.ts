import { afterEach, describe, expect, it, vi } from 'vitest';
import { settled } from '../../base/testing/virtual-time.ts';
import { webLocksTerms, webLocksWitness } from './web-locks.ts';

/** Web Locks in memory: exclusive holders, and waiters that get the lock when the holder lets go or its agent ends. */
class FakeLocks {
  readonly #held = new Map<string, (() => void)[]>();

  request(name: string, ...rest: unknown[]): Promise<unknown> {
    const callback = rest[rest.length - 1] as () => unknown;
    const { signal, ifAvailable } = (rest.length > 1 ? rest[0] : {}) as { signal?: AbortSignal; ifAvailable?: boolean };
    const waiters = this.#held.get(name);
    if (!waiters) {
      if (signal) return Promise.resolve(callback());
      this.#held.set(name, []);
      return Promise.resolve((callback as (lock: object) => unknown)({ name })).finally(() => this.end(name));
    }
    if (ifAvailable) return Promise.resolve((callback as (lock: null) => unknown)(null));
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('aborted')));
      waiters.push(() => !signal?.aborted && resolve(callback()));
    });
  }

  async query() {
    return { held: [...this.#held.keys()].map((name) => ({ name, mode: 'exclusive' })) };
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

describe('the terms of offices by Web Locks', () => {
  it('are absent where there are none', () => {
    vi.stubGlobal('navigator', {});
    expect(webLocksTerms()).toBeUndefined();
  });

  it('are given once, counted for each office, and free when their holder lets go', async () => {
    vi.stubGlobal('navigator', { locks: new FakeLocks() });
    const terms = webLocksTerms()!;
    expect(await terms.latest('lab/dhcp')).toBe(0);
    const release = await terms.claim('lab/dhcp', 9);
    expect(await terms.claim('lab/dhcp', 9)).toBeUndefined();
    expect(await terms.claim('lab/dhcp', 10)).toBeDefined();
    expect(await terms.claim('lab/other', 11)).toBeDefined();
    expect(await terms.latest('lab/dhcp')).toBe(10);
    const freed: string[] = [];
    terms.watch('lab/dhcp', 9, () => freed.push('first'));
    terms.watch('lab/dhcp', 9, () => freed.push('second'))();
    expect(freed).toEqual([]);
    release?.();
    await settled();
    expect(freed).toEqual(['first']);
  });
});
