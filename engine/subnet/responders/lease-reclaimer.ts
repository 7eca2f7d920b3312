// Takes back leases of cards that are no more, so that the pool does not run dry: at once when a VM is deleted, and after a
// grace when the host that had the card is certainly gone, or has it no longer, and no other says that it has it.
//
// Invariant: nothing is taken from a card that may be alive. A frozen host counts as alive, whether it answers or not and
// whether this host has ever met it, and so does one of which this host cannot know whether it has ended (it was in another
// browser, on another machine); a card that no host ever announced (a guest of v86) keeps its lease until it expires or the
// user has the leases of cards that do not answer released.

import { every, type Timebase } from '../../base/timebase.ts';
import type { Knowledge } from '../presence/death-witness.ts';
import type { Lives } from '../presence/lives.ts';
import type { CardRegistry } from './card-registry.ts';
import type { Lease, LeaseTable } from './lease-table.ts';

export interface LeaseReclaimerOptions {
  leases: LeaseTable;
  cards: Pick<CardRegistry, 'holderOf' | 'knows'>;
  lives: Lives;
  timebase: Timebase;
  /** Asks on the network who has the address; what is answered comes in by `heard`. */
  ask(address: string): void;
  onReleased(lease: Lease): void;
}

const SWEEP_MS = 10_000;
/** From when no host says that it has a card: a VM may be on its way, or about to be started again elsewhere. */
const GRACE_MS = 60_000;
const ANSWER_MS = 2000;

export class LeaseReclaimer {
  readonly #options: LeaseReclaimerOptions;
  /** Of holders. */
  readonly #known = new Map<string, Knowledge>();
  readonly #watches = new Map<string, () => void>();
  /** Since when no host has the card. */
  readonly #orphaned = new Map<string, number>();
  /** The cards that have answered since the user asked for a release. */
  #answers: Set<string> | undefined;
  readonly #stopSweeping: () => void;

  constructor(options: LeaseReclaimerOptions) {
    this.#options = options;
    this.#stopSweeping = every(options.timebase, SWEEP_MS, () => this.sweep());
  }

  /** Looks at all leases. To be called when it has become known who has which card. */
  sweep(): void {
    const { leases, cards, timebase } = this.#options;
    const now = timebase.now();
    for (const lease of leases.current) {
      const holder = cards.holderOf(lease.mac);
      if (holder !== undefined) leases.noteHolder(lease.mac, holder, this.#look(holder) === 'held');
      if (holder !== undefined || !this.#isOrphan(lease)) {
        this.#orphaned.delete(lease.mac);
        continue;
      }
      const since = this.#orphaned.get(lease.mac) ?? now;
      this.#orphaned.set(lease.mac, since);
      if (now - since >= GRACE_MS) this.#release(lease);
    }
  }

  /** VMs with these cards were deleted. */
  deleted(macs: readonly string[]): void {
    const { leases, cards } = this.#options;
    const gone = new Set(macs.filter((mac) => cards.holderOf(mac) === undefined));
    for (const lease of leases.current) if (gone.has(lease.mac)) this.#release(lease);
  }

  /** A card shows that it uses the address. */
  heard(mac: string, address: string): void {
    this.#answers?.add(`${mac} ${address}`);
  }

  /**
   * At the user's request, releases unused leases: of cards that no host has, whose hosts are not frozen, and that do
   * not answer. Resolves with how many.
   */
  async releaseUnused(): Promise<number> {
    const { leases, cards, timebase, ask } = this.#options;
    const candidates = leases.current.filter(
      (lease) => cards.holderOf(lease.mac) === undefined && (lease.holder === undefined || this.#isOrphan(lease)),
    );
    this.#answers ??= new Set();
    const answers = this.#answers;
    for (const { address } of candidates) ask(address);
    await new Promise<void>((resolve) => timebase.after(ANSWER_MS, resolve));
    this.#answers = undefined;
    const unused = candidates.filter(
      ({ mac, address }) => !answers.has(`${mac} ${address}`) && cards.holderOf(mac) === undefined,
    );
    for (const lease of unused) this.#release(lease);
    return unused.length;
  }

  stop(): void {
    this.#stopSweeping();
    for (const stop of this.#watches.values()) stop();
    this.#watches.clear();
  }

  /** Does the host that had the card last exist no more, or say that it has it no longer? */
  #isOrphan({ holder, holderSeen }: Lease): boolean {
    if (holder === undefined) return false;
    if (this.#options.cards.knows(holder)) return true;
    const known = this.#look(holder);
    return known === 'ended' || (known === 'unknown' && holderSeen === true);
  }

  /** What is known by now of a holder. One that was not seen is looked for again: it may only now have taken its life lock. */
  #look(holder: string): Knowledge | undefined {
    const known = this.#known.get(holder);
    if (known === undefined ? !this.#watches.has(holder) : known === 'unknown') {
      this.#watches.get(holder)?.();
      const watch = this.#options.lives.watch(holder, (knowledge) => {
        this.#known.set(holder, knowledge);
        // To be noted at once: this host may not be there for the next look.
        if (knowledge === 'held') this.sweep();
      });
      this.#watches.set(holder, watch);
    }
    return known;
  }

  #release(lease: Lease): void {
    const { leases, onReleased } = this.#options;
    this.#orphaned.delete(lease.mac);
    leases.release(lease.mac, lease.address);
    onReleased(lease);
  }
}
