import { afterEach, describe, expect, it, vi } from 'vitest';
import { settled } from '../../base/testing/virtual-time.ts';
import { webLocksTerms, webLocksWitness } from './web-locks.ts';

/** Web Locks in memory: exclusive holders, and waiters that get the lock when the holder lets go or its agent ends. */
class FakeLocks {
  readonly #held = new Map<string, (() => void)[]>();
  readonly #modes = new Map<string, string>();

  request(name: string, ...rest: unknown[]): Promise<unknown> {
    const callback = rest[rest.length - 1] as () => unknown;
    const options = (rest.length > 1 ? rest[0] : {}) as { signal?: AbortSignal; ifAvailable?: boolean; mode?: string };
    const { signal, ifAvailable, mode = 'exclusive' } = options;
    const waiters = this.#held.get(name);
    if (!waiters) {
      if (signal) return Promise.resolve(callback());
      this.#held.set(name, []);
      this.#modes.set(name, mode);
      return Promise.resolve((callback as (lock: object) => unknown)({ name })).finally(() => this.end(name));
    }
    if (ifAvailable) return Promise.resolve((callback as (lock: null) => unknown)(null));
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('aborted')));
      waiters.push(() => !signal?.aborted && resolve(callback()));
    });
  }

  async query() {
    return { held: [...this.#held.keys()].map((name) => ({ name, mode: this.#modes.get(name) })) };
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
    const known: string[] = [];
    witness.watch('a', (knowledge) => known.push(`first ${knowledge}`));
    witness.watch('a', (knowledge) => known.push(`second ${knowledge}`));
    witness.watch('a', (knowledge) => known.push(`third ${knowledge}`))();
    await settled();
    expect(known.splice(0)).toEqual(['first held', 'second held']);
    locks.end('a');
    expect(known).toEqual(['first ended', 'second ended']);
  });

  it('does not know of a lock that nobody holds here, and is not misled by others who look', async () => {
    const locks = new FakeLocks();
    vi.stubGlobal('navigator', { locks });
    const witness = webLocksWitness()!;
    const known: string[] = [];
    witness.watch('elsewhere', (knowledge) => known.push(knowledge));
    void locks.request('looked at', { mode: 'shared' }, () => new Promise(() => {}));
    witness.watch('looked at', (knowledge) => known.push(knowledge));
    await settled();
    expect(known).toEqual(['unknown', 'unknown']);
  });

  it('says nothing while the locks cannot be asked', async () => {
    const locks = new FakeLocks();
    locks.query = () => Promise.reject(new Error('not now'));
    vi.stubGlobal('navigator', { locks });
    const witness = webLocksWitness()!;
    await witness.hold('a');
    const known: string[] = [];
    witness.watch('a', (knowledge) => known.push(knowledge));
    await settled();
    expect(known).toEqual([]);
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
    const known: string[] = [];
    terms.watch('lab/dhcp', 9, (knowledge) => known.push(knowledge));
    terms.watch('lab/dhcp', 9, () => known.push('the second'))();
    await settled();
    expect(known.splice(0)).toEqual(['held']);
    release?.();
    await settled();
    expect(known.splice(0)).toEqual(['ended']);
    terms.watch('lab/dhcp', 9, (knowledge) => known.push(knowledge));
    await settled();
    expect(known).toEqual(['unknown']);
  });
});
