// Whether a host can ever act again, asked of one of its lives by name: also of hosts that this one has never met, because they
// froze before it started. A witness knows (death-witness.ts), as far as it reaches; otherwise only a goodbye that was heard is proof.

import type { DeathWitness, Knowledge } from './death-witness.ts';
import { lifeOf, type NodeDescription, type Presence } from './presence.ts';

export interface Lives {
  /** The life of this host. */
  readonly own: string;
  /** As DeathWitness.watch; `ended` also when a goodbye is heard, whatever was known before. */
  watch(life: string, onKnown: (knowledge: Knowledge) => void): () => void;
}

export function livesOf(self: NodeDescription, presence: Presence, witness: DeathWitness | undefined): Lives {
  return {
    own: lifeOf(self),
    watch(life, onKnown) {
      const undo = [
        witness?.watch(life, onKnown),
        presence.onGone(({ id, certain }) => {
          if (certain && life.startsWith(lifeOf({ id, startedAt: '' }))) onKnown('ended');
        }),
      ];
      return () => {
        for (const stop of undo) stop?.();
      };
    },
  };
}
