// Locks of terms between nodes of a TestWire, those of one browser: let go of when their node is killed, not when it is
// frozen, and a frozen node learns nothing until it thaws.

import { MemoryTerms } from '../presence/memory-terms.ts';
import type { TermLocks } from '../presence/office.ts';
import type { TestWire } from './test-wire.ts';

const DELAY_MS = 0.1;

export class TestTerms {
  readonly #wire: TestWire;
  readonly #shared = new MemoryTerms();

  constructor(wire: TestWire) {
    this.#wire = wire;
  }

  of(node: string): TermLocks {
    const shared = this.#shared;
    const timebase = this.#wire.timebaseOf(node);
    /** Passes a value on as the node would get it: a little later, and not while it is frozen. */
    const told = <T>(asked: Promise<T>): Promise<T> =>
      new Promise((resolve) => void asked.then((value) => timebase.after(DELAY_MS, () => resolve(value))));
    return {
      latest: (office) => told(shared.latest(office)),
      claim: (office, term) =>
        told(
          shared.claim(office, term).then((release) => {
            if (release) this.#wire.onDeath(node, release);
            return release;
          }),
        ),
      watch: (office, term, onKnown) =>
        shared.watch(office, term, (knowledge) => void timebase.after(DELAY_MS, () => onKnown(knowledge))),
    };
  }
}
