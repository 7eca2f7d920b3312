// The subnet's DHCP server (RFC 2131, section 4.3). It is the only one, hence authoritative: a request for an address that
// the client cannot have is refused rather than passed over, and one that nothing speaks against is granted even if the
// lease is not remembered.

import { ipv4Bytes } from '../packet/address.ts';
import {
  addressOption,
  DHCP_OPTION,
  DHCP_TYPE,
  type DhcpMessage,
  dhcpTypeOf,
  seconds,
  textOption,
} from '../packet/dhcp.ts';
import type { AddressBook } from './address-book.ts';
import type { LeaseTable } from './lease-table.ts';
import { broadcastOf, maskOf, type SubnetPlan } from './subnet-plan.ts';

export interface DhcpReply {
  message: DhcpMessage;
  /** Where the reply goes (RFC 2131, section 4.1): to an IP address the client has or is given, or to all. */
  destination: string;
}

const BROADCAST = '255.255.255.255';
const UNSPECIFIED = '0.0.0.0';

export class DhcpServer {
  readonly #plan: SubnetPlan;
  readonly #leases: LeaseTable;
  readonly #book: AddressBook;

  constructor(plan: SubnetPlan, leases: LeaseTable, book: AddressBook) {
    this.#plan = plan;
    this.#leases = leases;
    this.#book = book;
    for (const { mac, address } of leases.current) book.lease(mac, address);
  }

  /** Undefined if no reply is due. Relayed messages are not served: the subnet has no relays. */
  handle(message: DhcpMessage): DhcpReply | undefined {
    if (message.op !== 'request' || message.relayAddress !== UNSPECIFIED) return undefined;
    const { clientMac } = message;
    const wish = addressOption(message, DHCP_OPTION.requestedAddress);
    switch (dhcpTypeOf(message)) {
      case DHCP_TYPE.discover: {
        const address = this.#leases.offer(clientMac, wish);
        return address === undefined ? undefined : this.#reply(message, DHCP_TYPE.offer, address);
      }
      case DHCP_TYPE.request:
        return this.#request(message, wish);
      case DHCP_TYPE.decline:
        if (wish !== undefined) this.#giveUp(() => this.#leases.decline(clientMac, wish), wish, clientMac);
        return undefined;
      case DHCP_TYPE.release:
        this.#giveUp(() => this.#leases.release(clientMac, message.clientAddress), message.clientAddress, clientMac);
        return undefined;
      case DHCP_TYPE.inform:
        return this.#reply(message, DHCP_TYPE.ack, undefined);
      default:
        return undefined;
    }
  }

  /** Selecting, after a reboot, renewing or rebinding: the client says in different fields what it wants. */
  #request(message: DhcpMessage, wish: string | undefined): DhcpReply | undefined {
    const { clientMac, clientAddress } = message;
    const server = addressOption(message, DHCP_OPTION.serverIdentifier);
    if (server !== undefined && server !== this.#plan.address) {
      this.#leases.withdrawOffer(clientMac);
      return undefined;
    }
    const address = clientAddress === UNSPECIFIED ? wish : clientAddress;
    if (address === undefined) return undefined;
    if (!this.#leases.claim(clientMac, address)) return this.#refuse(message);
    const hostName = textOption(message, DHCP_OPTION.hostName);
    if (hostName !== undefined) this.#book.suggestName(clientMac, hostName);
    this.#book.lease(clientMac, address);
    return this.#reply(message, DHCP_TYPE.ack, address);
  }

  #giveUp(change: () => void, address: string, mac: string): void {
    change();
    if (this.#book.ownerOf(address) === mac) this.#book.forgetAddress(address);
  }

  #refuse(message: DhcpMessage): DhcpReply {
    const text = new TextEncoder().encode('This address is not yours on this subnet');
    const options = new Map<number, Uint8Array>([
      [DHCP_OPTION.messageType, Uint8Array.of(DHCP_TYPE.nak)],
      [DHCP_OPTION.serverIdentifier, ipv4Bytes(this.#plan.address)],
      [DHCP_OPTION.message, text],
    ]);
    return { message: answerTo(message, UNSPECIFIED, options), destination: BROADCAST };
  }

  /** @param address what the client is given; undefined if it only asked for the options. */
  #reply(message: DhcpMessage, type: number, address: string | undefined): DhcpReply {
    const plan = this.#plan;
    const self = ipv4Bytes(plan.address);
    const options = new Map<number, Uint8Array>([
      [DHCP_OPTION.messageType, Uint8Array.of(type)],
      [DHCP_OPTION.serverIdentifier, self],
      [DHCP_OPTION.subnetMask, ipv4Bytes(maskOf(plan))],
      [DHCP_OPTION.broadcastAddress, ipv4Bytes(broadcastOf(plan))],
      [DHCP_OPTION.router, self],
      [DHCP_OPTION.dnsServer, self],
      [DHCP_OPTION.domainName, new TextEncoder().encode(plan.domain)],
    ]);
    if (address !== undefined) {
      options.set(DHCP_OPTION.leaseTime, seconds(plan.leaseSeconds));
      options.set(DHCP_OPTION.renewalTime, seconds(Math.floor(plan.leaseSeconds / 2)));
      options.set(DHCP_OPTION.rebindingTime, seconds(Math.floor((plan.leaseSeconds * 7) / 8)));
    }
    const name = this.#book.nameOf(message.clientMac);
    if (name !== undefined) options.set(DHCP_OPTION.hostName, new TextEncoder().encode(name));
    return {
      message: answerTo(message, address ?? UNSPECIFIED, options),
      destination: destinationOf(message, address),
    };
  }
}

function answerTo(message: DhcpMessage, yourAddress: string, options: Map<number, Uint8Array>): DhcpMessage {
  return { ...message, op: 'reply', seconds: 0, yourAddress, options };
}

function destinationOf({ clientAddress, broadcast }: DhcpMessage, given: string | undefined): string {
  if (clientAddress !== UNSPECIFIED) return clientAddress;
  return broadcast || given === undefined ? BROADCAST : given;
}
