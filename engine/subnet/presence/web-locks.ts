// Proof of death by the Web Locks API (W3C Web Locks, section 2): a lock is released when its worker or tab ends, however it
// ends, and never before. That tells the dead from the frozen, which silence cannot.

import type { TermLocks } from './office.ts';
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
    watch: (life, onGone) => watchLock(locks, life, onGone),
  };
}

/** Undefined where the platform has no Web Locks (Node 20). */
export function webLocksTerms(): TermLocks | undefined {
  const locks = globalThis.navigator?.locks;
  if (!locks) return undefined;
  const prefixOf = (office: string) => `tabvisor/office/${office}/`;
  return {
    async latest(office) {
      const { held = [] } = await locks.query();
      const prefix = prefixOf(office);
      // Whoever watches a term holds its lock for a moment when it is free: that is shared.
      const taken = held.filter(({ name, mode }) => mode === 'exclusive' && name?.startsWith(prefix));
      return taken.reduce((highest, { name = '' }) => Math.max(highest, Number(name.slice(prefix.length)) || 0), 0);
    },
    claim: (office, term) =>
      new Promise((answer, failed) => {
        locks
          .request(`${prefixOf(office)}${term}`, { ifAvailable: true }, (granted) => {
            if (!granted) return answer(undefined);
            return new Promise<void>((release) => answer(release));
          })
          .catch(failed);
      }),
    watch: (office, term, onFree) => watchLock(locks, `${prefixOf(office)}${term}`, onFree),
  };
}

/** Calls back once the lock is free. Returns the function that stops watching. */
function watchLock(locks: LockManager, name: string, onFree: () => void): () => void {
  const stop = new AbortController();
  locks
    .request(name, { signal: stop.signal, mode: 'shared' }, () => {
      if (!stop.signal.aborted) onFree();
    })
    // Rejects only when it is aborted, or when this agent itself is being torn down: nobody is left to tell.
    .catch(() => {});
  return () => stop.abort();
}
