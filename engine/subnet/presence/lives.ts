// Whether a host can ever act again, asked of one of its lives by name: also of hosts that this one has never met, because they
// froze before it started. Web Locks know (web-locks.ts); without them only a goodbye that was heard is proof.

import { type DeathWitness, lifeOf, type NodeDescription, type Presence } from './presence.ts';

export interface Lives {
  /** The life of this host. */
  readonly own: string;
  /** Calls back when whoever led that life can certainly never act again. Returns the function that stops watching. */
  watch(life: string, onGone: () => void): () => void;
}

export function livesOf(self: NodeDescription, presence: Presence, witness: DeathWitness | undefined): Lives {
  return {
    own: lifeOf(self),
    watch(life, onGone) {
      const undo = [
        witness?.watch(life, onGone),
        presence.onGone(({ id, certain }) => {
          if (certain && life.startsWith(lifeOf({ id, startedAt: '' }))) onGone();
        }),
      ];
      return () => {
        for (const stop of undo) stop?.();
      };
    },
  };
}
