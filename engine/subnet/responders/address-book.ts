// Who has which name and which addresses on the subnet: names from the hosts that run the VMs and from DHCP, addresses from
// leases and from what NICs say of themselves (ARP, neighbour discovery), so that static ones have a name too.
//
// Invariants:
// - An address has one owner, and no NIC takes a leased one by claiming it.
// - A guest that names itself gets no label that another NIC has: it is numbered (web1-2). A name that a host gives takes its
//   label from such guests. (Hosts refuse VMs whose names make one label: object-name.ts.)
// - Bounded; the oldest goes.

import { isReservedLabel, labelOf, numberedLabel } from '../../base/object-name.ts';

const MAXIMUM_ADDRESSES = 4096;
const MAXIMUM_NAMES = 4096;

interface Owner {
  mac: string;
  leased: boolean;
}

export class AddressBook {
  readonly #names = new Map<string, { label: string; given: boolean }>();
  readonly #owners = new Map<string, Owner>();

  /** A host says which of its VMs has the NIC. */
  setName(mac: string, name: string): void {
    this.#name(mac, name, true);
  }

  /** A guest says what it is called: counts only for NICs that no host names. */
  suggestName(mac: string, name: string): void {
    if (!this.#names.get(mac)?.given) this.#name(mac, name, false);
  }

  /** The label of a NIC's VM. */
  nameOf(mac: string): string | undefined {
    return this.#names.get(mac)?.label;
  }

  /** The NIC has leased the address. */
  lease(mac: string, address: string): void {
    this.#own(address, { mac, leased: true });
  }

  /** The NIC says that the address is its own. */
  observe(mac: string, address: string): void {
    const owner = this.#owners.get(address);
    if (owner?.mac === mac || owner?.leased) return;
    this.#own(address, { mac, leased: false });
  }

  forgetAddress(address: string): void {
    this.#owners.delete(address);
  }

  ownerOf(address: string): string | undefined {
    return this.#owners.get(address)?.mac;
  }

  /** The NIC that uses the address without a lease. */
  staticOwnerOf(address: string): string | undefined {
    const owner = this.#owners.get(address);
    return owner?.leased ? undefined : owner?.mac;
  }

  /** The addresses of all NICs with this label, leased ones first. */
  addressesOf(label: string): string[] {
    const found = [...this.#owners].filter(([, { mac }]) => this.nameOf(mac) === label);
    return found.sort(([, a], [, b]) => Number(b.leased) - Number(a.leased)).map(([address]) => address);
  }

  /** Does any NIC have this label? */
  knows(label: string): boolean {
    return [...this.#names.values()].some((name) => name.label === label);
  }

  #name(mac: string, name: string, given: boolean): void {
    const wanted = labelOf(name);
    if (wanted === '') return;
    this.#names.delete(mac);
    this.#names.set(mac, { label: given ? wanted : this.#free(wanted), given });
    dropOldest(this.#names, MAXIMUM_NAMES);
    if (!given) return;
    for (const entry of this.#names.values()) {
      if (!entry.given && entry.label === wanted) entry.label = this.#free(wanted);
    }
  }

  /** The label, or its first numbered form that is free. */
  #free(wanted: string): string {
    let label = wanted;
    for (let n = 2; isReservedLabel(label) || this.knows(label); n++) label = numberedLabel(wanted, n);
    return label;
  }

  #own(address: string, owner: Owner): void {
    this.#owners.delete(address);
    this.#owners.set(address, owner);
    dropOldest(this.#owners, MAXIMUM_ADDRESSES);
  }
}

function dropOldest(map: Map<string, unknown>, limit: number): void {
  if (map.size <= limit) return;
  const [oldest] = map.keys();
  map.delete(oldest);
}
