// Proof of death by the Web Locks API (W3C Web Locks, section 2): a lock is released when its worker or tab ends, however it
// ends, and never before. That distinguishes dead from frozen nodes, which silence cannot.
//
// A lock manager belongs to one origin in one profile of one browser. Every lock of another browser or machine is free here,
// which proves nothing: so a lock is watched only after it was seen held (death-witness.ts).

import type { DeathWitness, Knowledge } from './death-witness.ts';
import type { TermLocks } from './office.ts';

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
    watch: (life, onKnown) => watchLock(locks, life, onKnown),
  };
}

/** Undefined where the platform has no Web Locks (Node 20). */
export function webLocksTerms(): TermLocks | undefined {
  const locks = globalThis.navigator?.locks;
  if (!locks) return undefined;
  const prefixOf = (office: string) => `tabvisor/office/${office}/`;
  return {
    async latest(office) {
      const prefix = prefixOf(office);
      const taken = (await heldLocks(locks)).filter((name) => name.startsWith(prefix));
      return taken.reduce((highest, name) => Math.max(highest, Number(name.slice(prefix.length)) || 0), 0);
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
    watch: (office, term, onKnown) => watchLock(locks, `${prefixOf(office)}${term}`, onKnown),
  };
}

/** The names of the locks that are held. A watcher gets a lock for a moment when it is free: in shared mode, so not counted. */
async function heldLocks(locks: LockManager): Promise<string[]> {
  const { held = [] } = await locks.query();
  return held.flatMap(({ name, mode }) => (mode === 'exclusive' && name !== undefined ? [name] : []));
}

/** As DeathWitness.watch. */
function watchLock(locks: LockManager, name: string, onKnown: (knowledge: Knowledge) => void): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const watch = async () => {
    const isHeld = (await heldLocks(locks)).includes(name);
    if (signal.aborted) return;
    onKnown(isHeld ? 'held' : 'unknown');
    if (!isHeld || signal.aborted) return;
    await locks.request(name, { signal, mode: 'shared' }, () => {
      if (!signal.aborted) onKnown('ended');
    });
  };
  // Rejects only when it is aborted, or when this agent itself is being torn down: no listener is left.
  watch().catch(() => {});
  return () => stop.abort();
}
