// Life locks between nodes of a TestWire, those of one browser: held until their node is killed, and seen by these nodes alone.

import type { DeathWitness, Knowledge } from '../presence/death-witness.ts';
import type { TestWire } from './test-wire.ts';

const DELAY_MS = 0.1;

export class TestWitness {
  readonly #wire: TestWire;
  readonly #held = new Set<string>();
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(wire: TestWire) {
    this.#wire = wire;
  }

  of(node: string): DeathWitness {
    const timebase = this.#wire.timebaseOf(node);
    return {
      hold: async (life) => {
        this.#held.add(life);
        this.#wire.onDeath(node, () => this.#release(life));
      },
      watch: (life, onKnown) => {
        let wanted = true;
        const tell = (knowledge: Knowledge) => timebase.after(DELAY_MS, () => wanted && onKnown(knowledge));
        const ended = () => void tell('ended');
        const held = this.#held.has(life);
        tell(held ? 'held' : 'unknown');
        if (held) this.#waitersOf(life).add(ended);
        return () => {
          wanted = false;
          this.#waitersOf(life).delete(ended);
        };
      },
    };
  }

  #release(life: string): void {
    this.#held.delete(life);
    for (const ended of this.#waitersOf(life)) ended();
    this.#waiting.delete(life);
  }

  #waitersOf(life: string): Set<() => void> {
    const waiters = this.#waiting.get(life) ?? new Set();
    this.#waiting.set(life, waiters);
    return waiters;
  }
}
