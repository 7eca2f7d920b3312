// What the subnet's router says in IPv6: it answers for its own addresses and advertises the prefix from which hosts make
// theirs (RFC 4861, section 6.2; RFC 4862). It routes nowhere, so it does not offer itself as a default router.

import { ipv6Bytes, ipv6Text, linkLocalOf } from '../packet/address.ts';
import type { IcmpMessage } from '../packet/icmp.ts';
import {
  ALL_NODES,
  decodeNeighbour,
  encodeNeighbourAdvertisement,
  encodeNeighbourSolicitation,
  encodeRouterAdvertisement,
  ICMPV6_TYPE,
} from '../packet/icmpv6.ts';
import type { AddressBook } from './address-book.ts';
import type { AddressConflicts } from './address-conflicts.ts';
import { address6Of, type SubnetPlan } from './subnet-plan.ts';

export interface Icmpv6Reply {
  message: IcmpMessage;
  source: string;
  destination: string;
}

/** Seconds for which prefix and resolver hold: three times the interval of the advertisements and more. */
const PREFIX_LIFETIME = 7200;
const UNSPECIFIED = '::';

export class NeighbourServer {
  readonly addresses: readonly string[];
  readonly #plan: SubnetPlan;
  readonly #book: AddressBook;
  readonly #conflicts: AddressConflicts;
  readonly #linkLocal: string;

  constructor(plan: SubnetPlan, book: AddressBook, conflicts: AddressConflicts) {
    this.#plan = plan;
    this.#book = book;
    this.#conflicts = conflicts;
    this.#linkLocal = linkLocalOf(plan.mac);
    this.addresses = [this.#linkLocal, address6Of(plan)];
  }

  /** @param mac who sent it. @param source from which address; `::` if it has none yet. */
  handle(message: IcmpMessage, mac: string, source: string): Icmpv6Reply | undefined {
    switch (message.type) {
      case ICMPV6_TYPE.routerSolicitation:
        return this.advertisement();
      case ICMPV6_TYPE.neighbourSolicitation:
        return this.#solicited(message, mac, source);
      case ICMPV6_TYPE.neighbourAdvertisement: {
        const target = decodeNeighbour(message.body)?.target;
        if (target !== undefined) this.#heard(mac, target);
        return undefined;
      }
      default:
        return undefined;
    }
  }

  /** Asks all NICs who has the address. */
  question(address: string): Icmpv6Reply {
    const message = encodeNeighbourSolicitation({ target: address, linkAddress: this.#plan.mac });
    return { message, source: this.#linkLocal, destination: solicitedNodeOf(address) };
  }

  /** To all nodes. */
  advertisement(): Icmpv6Reply {
    const { mac, mtu, prefix6 } = this.#plan;
    const message = encodeRouterAdvertisement({
      linkAddress: mac,
      mtu,
      prefix: prefix6,
      dnsServers: [address6Of(this.#plan)],
      lifetime: PREFIX_LIFETIME,
      routerLifetime: 0,
    });
    return { message, source: this.#linkLocal, destination: ALL_NODES };
  }

  #solicited(message: IcmpMessage, mac: string, source: string): Icmpv6Reply | undefined {
    const target = decodeNeighbour(message.body)?.target;
    if (target === undefined) return undefined;
    const tentative = source === UNSPECIFIED;
    if (this.addresses.includes(target)) {
      const reply = encodeNeighbourAdvertisement({ target, linkAddress: this.#plan.mac }, !tentative);
      return { message: reply, source: target, destination: tentative ? ALL_NODES : source };
    }
    // Who asks whether an address is free is about to use it; who asks for a neighbour has the address it asks from.
    if (tentative) this.#observe(mac, target);
    else this.#heard(mac, source);
    return undefined;
  }

  #heard(mac: string, address: string): void {
    // The responder's own addresses are seen here only when another NIC claims one.
    if (this.addresses.includes(address)) this.#conflicts.heard(this.#plan.mac, address);
    this.#conflicts.heard(mac, address);
    this.#observe(mac, address);
  }

  #observe(mac: string, address: string): void {
    if (!this.addresses.includes(address)) this.#book.observe(mac, address);
  }
}

/** The group that the owner of the address listens to (RFC 4291, 2.7.1). */
function solicitedNodeOf(address: string): string {
  const bytes = ipv6Bytes('ff02::1:ff00:0');
  bytes.set(ipv6Bytes(address).subarray(13), 13);
  return ipv6Text(bytes);
}
