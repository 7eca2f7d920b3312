// DHCP leases: which NIC has which address until when, kept in a store so that a restart or another host answering changes
// nothing for the guests.
//
// A lease belongs to a MAC address, not to a client identifier: clones of a VM have the same identifier, and every virtual
// NIC a MAC address of its own. A NIC gets the address back that it had, as long as no other NIC needed it.

import { count, DecodeError, fields, flag, text } from '../../base/decode.ts';
import { macBytes } from '../../base/mac-address.ts';
import type { Timebase } from '../../base/timebase.ts';
import { ipv4FromNumber, ipv4Number } from '../packet/address.ts';
import type { SubnetPlan } from './subnet-plan.ts';

export interface Lease {
  mac: string;
  address: string;
  /** ms since the epoch. */
  expiresAt: number;
  /** The life (engine/subnet/presence/lives.ts) of the host that had the card last, if one ever said so. */
  holder?: string;
  /**
   * The holder's life was seen held by a host that writes this store, and so under the same locks: it has ended when it is
   * not held there any more, also if no host watched.
   */
  holderSeen?: boolean;
}

/** Where leases outlive the worker, for one term of the responder's office (fenced-leases.ts). */
export interface LeaseStore {
  /** What was saved last; of any form, the caller validates it. */
  load(): Promise<unknown>;
  save(leases: Lease[]): Promise<void>;
}

export interface LeaseTableOptions {
  plan: SubnetPlan;
  timebase: Timebase;
  store: LeaseStore;
  /** Does a NIC other than this one use the address without a lease, as far as is known? */
  isTaken(address: string, mac: string): boolean;
  onProblem(detail: string): void;
}

/** How long an offer keeps its address for the NIC. */
const OFFER_MS = 60_000;
/** How long an address that a guest found in use is not given again. */
const QUARANTINE_MS = 600_000;

export class LeaseTable {
  readonly #options: LeaseTableOptions;
  /** By address; expired ones stay, to be given back to their NIC. */
  readonly #leases = new Map<string, Lease>();
  readonly #offers = new Map<string, Lease>();
  /** Address to the end of its quarantine. */
  readonly #declined = new Map<string, number>();
  #saved: Promise<void> = Promise.resolve();
  #unanswered = 0;

  private constructor(options: LeaseTableOptions) {
    this.#options = options;
  }

  /** A store that cannot be read is reported, and replaced by an empty one. */
  static async open(options: LeaseTableOptions): Promise<LeaseTable> {
    const table = new LeaseTable(options);
    try {
      for (const lease of decodeLeases(await options.store.load())) table.#leases.set(lease.address, lease);
    } catch (error) {
      options.onProblem(`The DHCP leases could not be read, new ones are given: ${(error as Error).message}`);
    }
    return table;
  }

  /** Those that have not expired. */
  get current(): Lease[] {
    return [...this.#leases.values()].filter((lease) => !this.#isPast(lease));
  }

  /** Addresses of the pool, and how many of them a NIC that comes new could be given. */
  get room(): { size: number; free: number } {
    const { plan } = this.#options;
    const all = [...addressesOf(plan)];
    return { size: all.length, free: all.filter((address) => this.#isFree(address, '')).length };
  }

  /** Requests for an address that found all taken. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** An address for the NIC, kept for it for a minute; undefined if all are taken, which is counted. */
  offer(mac: string, wish?: string): string | undefined {
    const address = [this.#addressOf(mac), wish, ...this.#pool()].find((a) => a !== undefined && this.#isFree(a, mac));
    if (address === undefined) this.#unanswered++;
    else this.#offers.set(address, { mac, address, expiresAt: this.#now() + OFFER_MS });
    return address;
  }

  /** Leases the address to the NIC, or renews. False if it cannot have it. */
  claim(mac: string, address: string): boolean {
    if (!this.#isFree(address, mac)) return false;
    this.withdrawOffer(mac);
    // One lease for each NIC.
    let former: Lease | undefined;
    for (const lease of [...this.#leases.values()]) {
      if (lease.mac !== mac) continue;
      former = lease;
      this.#leases.delete(lease.address);
    }
    const expiresAt = this.#now() + this.#options.plan.leaseSeconds * 1000;
    this.#leases.set(address, { ...former, mac, address, expiresAt });
    this.#save();
    return true;
  }

  /** A host says that it has the card. @param seen as Lease.holderSeen */
  noteHolder(mac: string, holder: string, seen: boolean): void {
    const lease = this.current.find((one) => one.mac === mac);
    if (!lease || (lease.holder === holder && (lease.holderSeen || !seen))) return;
    lease.holder = holder;
    lease.holderSeen = seen;
    this.#save();
  }

  /** The NIC chose another server's offer. */
  withdrawOffer(mac: string): void {
    for (const offer of [...this.#offers.values()]) if (offer.mac === mac) this.#offers.delete(offer.address);
  }

  /** The NIC gives the address back. */
  release(mac: string, address: string): void {
    const lease = this.#leases.get(address);
    if (lease?.mac !== mac) return;
    lease.expiresAt = this.#now();
    this.#save();
  }

  /** The NIC found that another one has the address that it was given. */
  decline(mac: string, address: string): void {
    if (this.#leases.get(address)?.mac !== mac) return;
    this.#leases.delete(address);
    this.#declined.set(address, this.#now() + QUARANTINE_MS);
    this.#save();
  }

  /** Resolves when everything is in the store. */
  get saved(): Promise<void> {
    return this.#saved;
  }

  #now(): number {
    return this.#options.timebase.now();
  }

  #isPast(lease: Lease): boolean {
    return lease.expiresAt <= this.#now();
  }

  #addressOf(mac: string): string | undefined {
    const known = [...this.#offers.values(), ...this.#leases.values()];
    return known.find((lease) => lease.mac === mac)?.address;
  }

  /** Never leased ones first, then the one that expired longest ago. */
  *#pool(): Generator<string> {
    for (const address of addressesOf(this.#options.plan)) if (!this.#leases.has(address)) yield address;
    const expired = [...this.#leases.values()].sort((a, b) => a.expiresAt - b.expiresAt);
    for (const { address } of expired) yield address;
  }

  #isFree(address: string, mac: string): boolean {
    const { plan, isTaken } = this.#options;
    const [number, first, last] = [address, ...plan.pool].map(ipv4Number);
    if (number < first || number > last || address === plan.address) return false;
    if ((this.#declined.get(address) ?? 0) > this.#now()) return false;
    for (const lease of [this.#leases.get(address), this.#offers.get(address)]) {
      if (lease && lease.mac !== mac && !this.#isPast(lease)) return false;
    }
    return !isTaken(address, mac);
  }

  #save(): void {
    const leases = [...this.#leases.values()].map((lease) => ({ ...lease }));
    this.#saved = this.#saved
      .then(() => this.#options.store.save(leases))
      .catch((error: Error) => this.#options.onProblem(`The DHCP leases could not be kept: ${error.message}`));
  }
}

/** What the pool holds; the responder's own address is not given out. */
function* addressesOf({ pool, address }: SubnetPlan): Generator<string> {
  const [first, last, own] = [...pool, address].map(ipv4Number);
  for (let number = first; number <= last; number++) if (number !== own) yield ipv4FromNumber(number);
}

function decodeLeases(value: unknown): Lease[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new DecodeError('not a list of leases');
  return value.map((item) => {
    const { mac, address, expiresAt, holder, holderSeen } = fields(item);
    const lease: Lease = {
      mac: text(mac, 'mac'),
      address: text(address, 'address'),
      expiresAt: count(Math.floor(Number(expiresAt)), 'expiresAt'),
      ...(holder !== undefined && { holder: text(holder, 'holder') }),
      ...(holderSeen !== undefined && { holderSeen: flag(holderSeen, 'holderSeen') }),
    };
    macBytes(lease.mac);
    ipv4Number(lease.address);
    return lease;
  });
}
