// A guest's side of the conversation with the subnet's responder, for tests: frames out, decoded answers in.

import { BROADCAST_MAC, ipv6MulticastMac } from '../packet/address.ts';
import { ARP_OPERATION, type ArpPacket, decodeArp, encodeArp } from '../packet/arp.ts';
import {
  DHCP_CLIENT_PORT,
  DHCP_OPTION,
  DHCP_SERVER_PORT,
  DHCP_TYPE,
  type DhcpMessage,
  decodeDhcp,
  encodeDhcp,
} from '../packet/dhcp.ts';
import { DNS_PORT, type DnsMessage, decodeDns, encodeDns } from '../packet/dns.ts';
import { decodeEthernet, ETHERTYPE, type EthernetFrame, encodeEthernet, type Frame } from '../packet/ethernet.ts';
import { decodeIcmp, encodeIcmp, type IcmpMessage } from '../packet/icmp.ts';
import { decodeIcmpv6, encodeIcmpv6 } from '../packet/icmpv6.ts';
import { decodeIpv4, encodeIpv4, PROTOCOL } from '../packet/ipv4.ts';
import { decodeIpv6, encodeIpv6 } from '../packet/ipv6.ts';
import { decodeUdp } from '../packet/udp.ts';
import { udpFrame } from './frames.ts';

export interface Icmpv6Answer {
  message: IcmpMessage;
  source: string;
  destination: string;
}

export class TestGuest {
  readonly mac: string;
  readonly #transmit: (frame: Frame) => void;
  readonly #frames: EthernetFrame[] = [];

  constructor(mac: string, transmit: (frame: Frame) => void) {
    this.mac = mac;
    this.#transmit = transmit;
  }

  receive(frame: Frame): boolean {
    const ethernet = decodeEthernet(frame)!;
    if (
      ethernet.destination === this.mac ||
      ethernet.destination.startsWith('33:') ||
      ethernet.destination === BROADCAST_MAC
    ) {
      this.#frames.push(ethernet);
    }
    return true;
  }

  dhcp(type: keyof typeof DHCP_TYPE, options: [number, Uint8Array][] = [], message: Partial<DhcpMessage> = {}): void {
    const payload = encodeDhcp({
      op: 'request',
      transaction: 7,
      seconds: 0,
      broadcast: false,
      clientAddress: '0.0.0.0',
      yourAddress: '0.0.0.0',
      relayAddress: '0.0.0.0',
      clientMac: this.mac,
      options: new Map([[DHCP_OPTION.messageType, Uint8Array.of(DHCP_TYPE[type])], ...options]),
      ...message,
    });
    const ends = { fromMac: this.mac, toMac: BROADCAST_MAC, from: '0.0.0.0', to: '255.255.255.255' };
    this.#transmit(udpFrame({ ...ends, sourcePort: DHCP_CLIENT_PORT, destinationPort: DHCP_SERVER_PORT }, payload));
  }

  dns(gatewayMac: string, from: string, to: string, query: DnsMessage): void {
    const ends = { fromMac: this.mac, toMac: gatewayMac, from, to, sourcePort: 40000, destinationPort: DNS_PORT };
    this.#transmit(udpFrame(ends, encodeDns(query)));
  }

  arp(packet: Partial<ArpPacket>): void {
    const nobody = { senderIp: '0.0.0.0', targetMac: '00:00:00:00:00:00', targetIp: '0.0.0.0' };
    const payload = encodeArp({ operation: ARP_OPERATION.request, senderMac: this.mac, ...nobody, ...packet });
    this.#transmit(encodeEthernet({ source: this.mac, destination: BROADCAST_MAC, etherType: ETHERTYPE.arp, payload }));
  }

  ping(gatewayMac: string, source: string, destination: string): void {
    const body = Uint8Array.of(0, 1, 0, 2, 0xaa, 0xbb);
    const payload = encodeIpv4({
      source,
      destination,
      protocol: PROTOCOL.icmp,
      ttl: 64,
      payload: encodeIcmp({ type: 8, code: 0, body }),
    });
    this.#transmit(encodeEthernet({ source: this.mac, destination: gatewayMac, etherType: ETHERTYPE.ipv4, payload }));
  }

  icmpv6(message: IcmpMessage, source: string, destination: string, hopLimit = 255): void {
    const packet = encodeIcmpv6(message, source, destination);
    const payload = encodeIpv6({ source, destination, protocol: PROTOCOL.icmpv6, hopLimit, payload: packet });
    const mac = ipv6MulticastMac(destination);
    this.#transmit(encodeEthernet({ source: this.mac, destination: mac, etherType: ETHERTYPE.ipv6, payload }));
  }

  /** What has come since it was asked last. */
  take() {
    const frames = this.#frames.splice(0);
    const packets4 = frames.flatMap((frame) =>
      frame.etherType === ETHERTYPE.ipv4 ? [decodeIpv4(frame.payload)!] : [],
    );
    const packets6 = frames.flatMap((frame) =>
      frame.etherType === ETHERTYPE.ipv6 ? [decodeIpv6(frame.payload)!] : [],
    );
    const udp = packets4.filter(({ protocol }) => protocol === PROTOCOL.udp).map(({ payload }) => decodeUdp(payload)!);
    return {
      frames,
      arp: frames.flatMap((frame) => (frame.etherType === ETHERTYPE.arp ? [decodeArp(frame.payload)!] : [])),
      dhcp: udp.flatMap((datagram) =>
        datagram.sourcePort === DHCP_SERVER_PORT ? [decodeDhcp(datagram.payload)!] : [],
      ),
      dns: udp.flatMap((datagram) => (datagram.sourcePort === DNS_PORT ? [decodeDns(datagram.payload)!] : [])),
      icmp: packets4.flatMap((packet) => (packet.protocol === PROTOCOL.icmp ? [decodeIcmp(packet.payload)!] : [])),
      /** Those whose checksum is right. */
      icmpv6: packets6.flatMap(({ source, destination, payload }): Icmpv6Answer[] => {
        const message = decodeIcmpv6(payload, source, destination);
        return message ? [{ message, source, destination }] : [];
      }),
    };
  }
}
