// The subnet's responder: gateway, DHCP server, DNS server and IPv6 router on a port of its own. It answers for the whole
// subnet from whichever host was elected (subnet-services.ts), always from the same addresses.
//
// Whatever a guest sends here costs the host time: beyond a rate it is dropped unread.

import type { Timebase } from '../../base/timebase.ts';
import { BROADCAST_MAC, ipv4Bytes, ipv6Bytes, ipv6MulticastMac, isGroupMac } from '../packet/address.ts';
import { ARP_OPERATION, decodeArp, encodeArp } from '../packet/arp.ts';
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT, decodeDhcp, encodeDhcp } from '../packet/dhcp.ts';
import { DNS_PORT, decodeDns, encodeDns } from '../packet/dns.ts';
import {
  decodeEthernet,
  ETHERTYPE,
  type EthernetFrame,
  encodeEthernet,
  type Frame,
  padded,
} from '../packet/ethernet.ts';
import { decodeIcmp, encodeIcmp, ICMP_TYPE } from '../packet/icmp.ts';
import { decodeIcmpv6, encodeIcmpv6, ICMPV6_TYPE } from '../packet/icmpv6.ts';
import { decodeIpv4, encodeIpv4, type Ipv4Packet, PROTOCOL } from '../packet/ipv4.ts';
import { decodeIpv6, encodeIpv6 } from '../packet/ipv6.ts';
import { decodeUdp, encodeUdp, udpChecksumHolds } from '../packet/udp.ts';
import { TokenBucket } from '../switch/token-bucket.ts';
import type { AddressBook } from './address-book.ts';
import { type AddressConflict, AddressConflicts } from './address-conflicts.ts';
import { DhcpServer } from './dhcp-server.ts';
import { DnsServer } from './dns-server.ts';
import type { LeaseTable } from './lease-table.ts';
import { type Icmpv6Reply, NeighbourServer } from './neighbour-server.ts';
import { isIpv4, isLocal, type SubnetPlan } from './subnet-plan.ts';

export interface ResponderOptions {
  plan: SubnetPlan;
  leases: LeaseTable;
  book: AddressBook;
  timebase: Timebase;
  transmit(frame: Frame): void;
  /** A NIC shows that it uses an address. */
  onHeard?(mac: string, address: string): void;
}

const FRAMES_PER_SECOND = 5000;
const BURST = 1000;
const TTL = 64;
const HOP_LIMIT = 255;
const BROADCAST = '255.255.255.255';
const UNSPECIFIED = '0.0.0.0';
const NO_MAC = '00:00:00:00:00:00';

export class Responder {
  readonly #options: ResponderOptions;
  readonly #plan: SubnetPlan;
  readonly #dhcp: DhcpServer;
  readonly #dns: DnsServer;
  readonly #neighbours: NeighbourServer;
  readonly #conflicts: AddressConflicts;
  readonly #allowance: TokenBucket;

  constructor(options: ResponderOptions) {
    const { plan, leases, book, timebase } = options;
    this.#options = options;
    this.#plan = plan;
    this.#dhcp = new DhcpServer(plan, leases, book);
    this.#dns = new DnsServer(plan, book);
    this.#conflicts = new AddressConflicts({ timebase, ask: (address) => this.ask(address) });
    this.#neighbours = new NeighbourServer(plan, book, this.#conflicts);
    this.#allowance = new TokenBucket(FRAMES_PER_SECOND, BURST, timebase.now());
  }

  /** A frame for the responder or for all. False if there were too many. */
  receive(frame: Frame): boolean {
    if (!this.#allowance.take(this.#options.timebase.now())) return false;
    const ethernet = decodeEthernet(frame);
    if (!ethernet) return true;
    if (ethernet.etherType === ETHERTYPE.arp) this.#arp(ethernet);
    else if (ethernet.etherType === ETHERTYPE.ipv4) this.#ipv4(ethernet);
    else if (ethernet.etherType === ETHERTYPE.ipv6) this.#ipv6(ethernet);
    return true;
  }

  /** Advertises the IPv6 prefix to all nodes. */
  advertise(): void {
    this.#sendIcmpv6(this.#neighbours.advertisement(), ipv6MulticastMac);
  }

  /** Addresses that several NICs use now. */
  get conflicts(): AddressConflict[] {
    return this.#conflicts.current;
  }

  stop(): void {
    this.#conflicts.stop();
  }

  /** Asks all NICs who has the address. */
  ask(address: string): void {
    const own = address === this.#plan.address || this.#neighbours.addresses.includes(address);
    if (own) this.#conflicts.heard(this.#plan.mac, address);
    if (!isIpv4(address)) {
      this.#sendIcmpv6(this.#neighbours.question(address), ipv6MulticastMac);
      return;
    }
    const request = encodeArp({
      operation: ARP_OPERATION.request,
      senderMac: this.#plan.mac,
      // A NIC that has the responder's own address answers only a question that does not come from it (RFC 5227, 2.1.1).
      senderIp: own ? UNSPECIFIED : this.#plan.address,
      targetMac: NO_MAC,
      targetIp: address,
    });
    this.#send(BROADCAST_MAC, ETHERTYPE.arp, request);
  }

  #arp({ source, payload }: EthernetFrame): void {
    const arp = decodeArp(payload);
    if (!arp || arp.senderMac !== source) return;
    const { operation, senderMac, senderIp, targetIp } = arp;
    if (senderIp !== UNSPECIFIED && isLocal(this.#plan, senderIp)) {
      // The responder's own address is seen here only when another NIC claims it.
      if (senderIp === this.#plan.address) this.#conflicts.heard(this.#plan.mac, senderIp);
      else this.#options.book.observe(senderMac, senderIp);
      this.#conflicts.heard(senderMac, senderIp);
      this.#options.onHeard?.(senderMac, senderIp);
    }
    if (operation !== ARP_OPERATION.request) return;
    if (targetIp !== this.#plan.address) {
      if (isLocal(this.#plan, targetIp)) this.#conflicts.soughtAfter(targetIp);
      return;
    }
    const reply = encodeArp({
      operation: ARP_OPERATION.reply,
      senderMac: this.#plan.mac,
      senderIp: this.#plan.address,
      targetMac: senderMac,
      targetIp: senderIp,
    });
    this.#send(senderMac, ETHERTYPE.arp, reply);
  }

  #ipv4({ source: mac, payload }: EthernetFrame): void {
    const packet = decodeIpv4(payload);
    // Nothing that is asked of the responder is so long that it comes in fragments.
    if (!packet || packet.moreFragments || packet.fragmentOffset > 0) return;
    const { address } = this.#plan;
    if (packet.protocol === PROTOCOL.udp && this.#isForUs(packet)) this.#udp4(mac, packet);
    else if (packet.destination === address && packet.protocol === PROTOCOL.icmp) this.#echo(mac, packet);
    else if (!isLocal(this.#plan, packet.destination) && packet.destination !== BROADCAST) {
      this.#unreachable(mac, packet, payload);
    }
  }

  #isForUs({ destination }: Ipv4Packet): boolean {
    return destination === this.#plan.address || destination === BROADCAST;
  }

  #udp4(mac: string, packet: Ipv4Packet): void {
    const [from, to] = [ipv4Bytes(packet.source), ipv4Bytes(packet.destination)];
    const datagram = udpChecksumHolds(packet.payload, from, to) ? decodeUdp(packet.payload) : undefined;
    if (datagram?.destinationPort === DHCP_SERVER_PORT) this.#serveDhcp(mac, datagram.payload);
    if (datagram?.destinationPort !== DNS_PORT || packet.destination === BROADCAST) return;
    const answer = this.#answerDns(datagram.payload);
    if (answer) this.#sendUdp4(mac, packet.source, DNS_PORT, datagram.sourcePort, answer);
  }

  #serveDhcp(mac: string, payload: Frame): void {
    const message = decodeDhcp(payload);
    // A NIC asks for itself only: no guest drains the pool under invented addresses.
    if (message?.clientMac !== mac) return;
    const reply = this.#dhcp.handle(message);
    if (!reply) return;
    const to = reply.destination === BROADCAST ? BROADCAST_MAC : mac;
    this.#sendUdp4(to, reply.destination, DHCP_SERVER_PORT, DHCP_CLIENT_PORT, encodeDhcp(reply.message));
  }

  #answerDns(payload: Frame): Frame | undefined {
    const query = decodeDns(payload);
    const response = query && this.#dns.answer(query);
    return response && encodeDns(response);
  }

  #echo(mac: string, packet: Ipv4Packet): void {
    const message = decodeIcmp(packet.payload);
    if (message?.type !== ICMP_TYPE.echoRequest) return;
    this.#sendIpv4(mac, packet.source, PROTOCOL.icmp, encodeIcmp({ ...message, type: ICMP_TYPE.echoReply }));
  }

  /** There is nothing beyond the subnet, and the sender shall know at once (RFC 792; RFC 1122, 3.2.2, on what not to answer). */
  #unreachable(mac: string, packet: Ipv4Packet, bytes: Frame): void {
    const isError = packet.protocol === PROTOCOL.icmp && packet.payload[0] !== ICMP_TYPE.echoRequest;
    const fromOne = isLocal(this.#plan, packet.source) && packet.source !== UNSPECIFIED;
    const toOne = Number.parseInt(packet.destination, 10) < 224;
    if (isError || !fromOne || !toOne || isGroupMac(mac)) return;
    const headerBytes = (bytes[0] & 15) * 4;
    const body = new Uint8Array(4 + Math.min(packet.payload.length, 8) + headerBytes);
    body.set(bytes.subarray(0, body.length - 4), 4);
    this.#sendIpv4(mac, packet.source, PROTOCOL.icmp, encodeIcmp({ type: ICMP_TYPE.unreachable, code: 0, body }));
  }

  #ipv6({ source: mac, payload }: EthernetFrame): void {
    const packet = decodeIpv6(payload);
    if (!packet) return;
    const own = this.#neighbours.addresses.includes(packet.destination);
    if (packet.protocol === PROTOCOL.udp && own) {
      const [from, to] = [ipv6Bytes(packet.source), ipv6Bytes(packet.destination)];
      const datagram = udpChecksumHolds(packet.payload, from, to) ? decodeUdp(packet.payload) : undefined;
      const answer = datagram?.destinationPort === DNS_PORT && this.#answerDns(datagram.payload);
      if (!answer) return;
      const reply = { sourcePort: DNS_PORT, destinationPort: datagram.sourcePort, payload: answer };
      this.#sendIpv6(mac, packet.destination, packet.source, PROTOCOL.udp, encodeUdp(reply, to, from));
    }
    if (packet.protocol !== PROTOCOL.icmpv6) return;
    const message = decodeIcmpv6(packet.payload, packet.source, packet.destination);
    if (message?.type === ICMPV6_TYPE.echoRequest && own) {
      const reply = { ...message, type: ICMPV6_TYPE.echoReply };
      this.#sendIcmpv6({ message: reply, source: packet.destination, destination: packet.source }, () => mac);
    } else if (message && packet.hopLimit === HOP_LIMIT) {
      // Neighbour discovery counts only from the link itself (RFC 4861, 6.1.1 and 7.1).
      const reply = this.#neighbours.handle(message, mac, packet.source);
      if (reply) this.#sendIcmpv6(reply, (to) => (to.startsWith('ff') ? ipv6MulticastMac(to) : mac));
    }
  }

  #sendIcmpv6({ message, source, destination }: Icmpv6Reply, macOf: (address: string) => string): void {
    const payload = encodeIcmpv6(message, source, destination);
    this.#sendIpv6(macOf(destination), source, destination, PROTOCOL.icmpv6, payload);
  }

  #sendIpv6(mac: string, source: string, destination: string, protocol: number, payload: Frame): void {
    const packet = encodeIpv6({ source, destination, protocol, hopLimit: HOP_LIMIT, payload });
    this.#send(mac, ETHERTYPE.ipv6, packet);
  }

  #sendUdp4(mac: string, destination: string, sourcePort: number, destinationPort: number, payload: Frame): void {
    const [from, to] = [ipv4Bytes(this.#plan.address), ipv4Bytes(destination)];
    this.#sendIpv4(mac, destination, PROTOCOL.udp, encodeUdp({ sourcePort, destinationPort, payload }, from, to));
  }

  #sendIpv4(mac: string, destination: string, protocol: number, payload: Frame): void {
    const packet = encodeIpv4({ source: this.#plan.address, destination, protocol, ttl: TTL, payload });
    this.#send(mac, ETHERTYPE.ipv4, packet);
  }

  #send(destination: string, etherType: number, payload: Frame): void {
    this.#options.transmit(padded(encodeEthernet({ destination, source: this.#plan.mac, etherType, payload })));
  }
}
