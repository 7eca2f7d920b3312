// Which network cards there are on the subnet, and which host has them: every host announces the cards of all its VMs, running
// or not, whenever they change and when it is asked. What a host said stands until it says otherwise or is certainly gone: a
// frozen one keeps its cards.

import { DecodeError, fields, text } from '../../base/decode.ts';
import { macBytes } from '../../base/mac-address.ts';
import type { MessageKind, Subnet } from '../carrier/subnet.ts';
import type { Lives } from '../presence/lives.ts';

interface Cards {
  /** The life (engine/subnet/presence/lives.ts) of the host that announces them. */
  life: string;
  /** All that it has. */
  macs: string[];
  /** Those of VMs that were deleted just now. */
  deleted: string[];
}

const MAXIMUM_CARDS = 4096;
const MAXIMUM_HOSTS = 256;

const cardsKind: MessageKind<Cards> = {
  name: 'network-cards',
  decode(value) {
    const { life, macs, deleted } = fields(value);
    return { life: text(life, 'life'), macs: macList(macs, 'macs'), deleted: macList(deleted, 'deleted') };
  },
};

const cardsWantedKind: MessageKind<object> = { name: 'network-cards-wanted', decode: fields };

function macList(value: unknown, name: string): string[] {
  if (!Array.isArray(value) || value.length > MAXIMUM_CARDS) throw new DecodeError(`${name} is no list of cards`);
  return value.map((mac) => {
    try {
      macBytes(String(mac));
    } catch {
      throw new DecodeError(`${name} holds what is no MAC address`);
    }
    return String(mac).toLowerCase();
  });
}

export interface CardRegistryOptions {
  subnet: Subnet;
  lives: Lives;
  /** Something that was said has changed. `deleted`: cards of VMs that were deleted. */
  onChange(deleted: readonly string[]): void;
}

export class CardRegistry {
  readonly #options: CardRegistryOptions;
  /** By life; the latest statement last. */
  readonly #stated = new Map<string, ReadonlySet<string>>();
  readonly #watches = new Map<string, () => void>();

  constructor(options: CardRegistryOptions) {
    this.#options = options;
    const { subnet, lives } = options;
    this.#stated.set(lives.own, new Set());
    subnet.on(cardsKind, (_from, cards) => this.#hear(cards));
    subnet.on(cardsWantedKind, () => this.#tell([]));
  }

  /** This host has the cards of these MAC addresses, and no others. */
  setOwn(macs: readonly string[]): void {
    const own = new Set(macs.map((mac) => mac.toLowerCase()));
    const before = this.#own;
    if (own.size === before.size && [...own].every((mac) => before.has(mac))) return;
    this.#state(this.#options.lives.own, own);
    this.#tell([]);
    this.#options.onChange([]);
  }

  /** A VM with these cards was deleted here; setOwn has been called. */
  deleted(macs: readonly string[]): void {
    const gone = macs.map((mac) => mac.toLowerCase());
    this.#tell(gone);
    this.#options.onChange(gone);
  }

  /** Has all hosts announce their cards again. */
  ask(): void {
    this.#options.subnet.broadcast(cardsWantedKind, {});
  }

  /** The life of the host that has the card, the one that said so last; undefined if none says so. */
  holderOf(mac: string): string | undefined {
    let holder: string | undefined;
    for (const [life, macs] of this.#stated) if (macs.has(mac)) holder = life;
    return holder;
  }

  /** Has the host said which cards it has, in this life, and is not known to be gone? */
  knows(life: string): boolean {
    return this.#stated.has(life);
  }

  close(): void {
    for (const stop of this.#watches.values()) stop();
    this.#watches.clear();
  }

  get #own(): ReadonlySet<string> {
    return this.#stated.get(this.#options.lives.own) ?? new Set();
  }

  #tell(deleted: readonly string[]): void {
    const { subnet, lives } = this.#options;
    subnet.broadcast(cardsKind, { life: lives.own, macs: [...this.#own], deleted: [...deleted] });
  }

  #hear({ life, macs, deleted }: Cards): void {
    const { lives, onChange } = this.#options;
    if (life === lives.own || (!this.#stated.has(life) && this.#stated.size >= MAXIMUM_HOSTS)) return;
    this.#state(life, new Set(macs));
    if (!this.#watches.has(life))
      this.#watches.set(
        life,
        lives.watch(life, (knowledge) => knowledge === 'ended' && this.#gone(life)),
      );
    onChange(deleted);
  }

  #state(life: string, macs: ReadonlySet<string>): void {
    // The order only says who spoke last of a card that two have: one that is moving from the one to the other.
    const before = this.#stated.get(life);
    const gained = !before || [...macs].some((mac) => !before.has(mac));
    if (gained) this.#stated.delete(life);
    this.#stated.set(life, macs);
  }

  #gone(life: string): void {
    this.#watches.get(life)?.();
    this.#watches.delete(life);
    if (this.#stated.delete(life)) this.#options.onChange([]);
  }
}
