// Hands the outcomes that arrive at this host to the outgoing migrations they belong to. One for each host.

import type { Subnet } from '../subnet/carrier/subnet.ts';
import { OUTCOME, type Outcome } from './protocol.ts';

export class OutcomeRouter {
  readonly #routes = new Map<string, { target: string; hear: (outcome: Outcome) => void }>();
  readonly #stopListening: () => void;

  constructor(subnet: Subnet) {
    this.#stopListening = subnet.on(OUTCOME, (from, { migration, ...outcome }) => {
      const route = this.#routes.get(migration);
      if (route?.target === from) route.hear(outcome);
    });
  }

  /** Only what `target` says about `migration` is heard. Returns the function that ends it. */
  route(migration: string, target: string, hear: (outcome: Outcome) => void): () => void {
    this.#routes.set(migration, { target, hear });
    return () => this.#routes.delete(migration);
  }

  close(): void {
    this.#stopListening();
  }
}
