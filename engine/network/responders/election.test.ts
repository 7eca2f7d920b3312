import { afterEach, describe, expect, it, vi } from 'vitest';
import { webLocksElection } from './election.ts';

/** As much of the Web Locks API as an election uses: exclusive locks, granted in turn, given up by aborting the wait. */
class TestLocks {
  readonly #queues = new Map<string, Promise<unknown>>();

  async request(name: string, { signal }: { signal: AbortSignal }, held: () => unknown): Promise<unknown> {
    const turn = (this.#queues.get(name) ?? Promise.resolve()).then(() => {
      if (signal.aborted) throw new Error('AbortError');
      return held();
    });
    this.#queues.set(
      name,
      turn.catch(() => {}),
    );
    return turn;
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

afterEach(() => vi.unstubAllGlobals());

describe('the election by Web Locks', () => {
  it('has one holder for each office, and passes it on when the holder steps down', async () => {
    vi.stubGlobal('navigator', { locks: new TestLocks() });
    const election = webLocksElection()!;
    const elected: string[] = [];
    const stand = (office: string, name: string) => election.stand(office, () => elected.push(name));
    const first = stand('responder', 'first');
    const second = stand('responder', 'second');
    stand('responder', 'third');
    stand('bridge', 'another');
    await settled();
    expect(elected).toEqual(['first', 'another']);
    second();
    first();
    await settled();
    expect(elected).toEqual(['first', 'another', 'third']);
  });

  it('is not to be had where there are no Web Locks', () => {
    vi.stubGlobal('navigator', undefined);
    expect(webLocksElection()).toBeUndefined();
  });
});
