// A DeathWitness by the Web Locks API (W3C Web Locks, section 2): a lock is released when its worker or tab ends, however it
// ends, and never before. That tells the dead from the frozen, which silence cannot.

import type { DeathWitness } from './presence.ts';

/** Undefined where the platform has no Web Locks (Node 20). */
export function webLocksWitness(): DeathWitness | undefined {
  const locks = globalThis.navigator?.locks;
  if (!locks) return undefined;
  return {
    hold: (life) =>
      new Promise((held, failed) => {
        locks
          .request(life, () => {
            held();
            return new Promise(() => {});
          })
          .catch(failed);
      }),
    watch(life, onGone) {
      const stop = new AbortController();
      locks
        .request(life, { signal: stop.signal, mode: 'shared' }, () => {
          if (!stop.signal.aborted) onGone();
        })
        // Rejects only when it is aborted, or when this agent itself is being torn down: nobody is left to tell.
        .catch(() => {});
      return () => stop.abort();
    },
  };
}
