// Locks of terms in memory, for a process whose nodes all end with it; and none, for a host that is to hold no office.

import type { Knowledge } from './death-witness.ts';
import type { TermLocks } from './office.ts';

interface TermLock {
  held: boolean;
  waiting: Set<() => void>;
}

export class MemoryTerms implements TermLocks {
  readonly #offices = new Map<string, Map<number, TermLock>>();

  async latest(office: string): Promise<number> {
    const held = [...this.#terms(office)].filter(([, lock]) => lock.held);
    return Math.max(0, ...held.map(([term]) => term));
  }

  async claim(office: string, term: number): Promise<(() => void) | undefined> {
    const lock = this.#lock(office, term);
    if (lock.held) return undefined;
    lock.held = true;
    return () => {
      lock.held = false;
      for (const onEnded of lock.waiting) queueMicrotask(onEnded);
      lock.waiting.clear();
    };
  }

  watch(office: string, term: number, onKnown: (knowledge: Knowledge) => void): () => void {
    const lock = this.#lock(office, term);
    const { held } = lock;
    let wanted = true;
    const tell = (knowledge: Knowledge) => wanted && onKnown(knowledge);
    const ended = () => tell('ended');
    queueMicrotask(() => tell(held ? 'held' : 'unknown'));
    if (held) lock.waiting.add(ended);
    return () => {
      wanted = false;
      lock.waiting.delete(ended);
    };
  }

  #terms(office: string): Map<number, TermLock> {
    const terms = this.#offices.get(office) ?? new Map<number, TermLock>();
    this.#offices.set(office, terms);
    return terms;
  }

  #lock(office: string, term: number): TermLock {
    const terms = this.#terms(office);
    const lock = terms.get(term) ?? { held: false, waiting: new Set() };
    terms.set(term, lock);
    return lock;
  }
}

/** No term is given: no host answers DHCP and DNS. */
export const NO_TERMS: TermLocks = { latest: async () => 0, claim: async () => undefined, watch: () => () => {} };
