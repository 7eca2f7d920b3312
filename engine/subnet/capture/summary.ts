// One line for a frame, for the live list of a capture: who, to whom, which protocol, what. Works on anything: what cannot be
// decoded is called so.

import { ARP_OPERATION, decodeArp } from '../packet/arp.ts';
import { decodeEthernet, ETHERTYPE, type EthernetFrame, type Frame } from '../packet/ethernet.ts';
import { decodeIpv4 } from '../packet/ipv4.ts';
import { decodeIpv6 } from '../packet/ipv6.ts';
import { transportSummary } from './transport-summary.ts';

export interface FrameSummary {
  source: string;
  destination: string;
  protocol: string;
  info: string;
}

export function summarise(frame: Frame): FrameSummary {
  const ethernet = decodeEthernet(frame);
  if (!ethernet) return { source: '', destination: '', protocol: 'Ethernet', info: `Runt of ${frame.length} bytes` };
  const summary = network(ethernet);
  if (ethernet.vlan === undefined) return summary;
  return { ...summary, info: `VLAN ${ethernet.vlan}: ${summary.info}` };
}

function network(ethernet: EthernetFrame): FrameSummary {
  const { source, destination, etherType, payload } = ethernet;
  switch (etherType) {
    case ETHERTYPE.arp:
      return { source, destination, protocol: 'ARP', info: arp(payload) };
    case ETHERTYPE.rarp:
      return { source, destination, protocol: 'RARP', info: rarp(payload) };
    case ETHERTYPE.ipv4:
      return ipv4(ethernet);
    case ETHERTYPE.ipv6:
      return ipv6(ethernet);
    default: {
      const type = etherType.toString(16).padStart(4, '0');
      return { source, destination, protocol: 'Ethernet', info: `EtherType 0x${type}, ${payload.length} bytes` };
    }
  }
}

function arp(payload: Frame): string {
  const packet = decodeArp(payload);
  if (!packet) return 'Malformed';
  const { operation, senderIp, senderMac, targetIp } = packet;
  if (operation === ARP_OPERATION.reply) return `${senderIp} is at ${senderMac}`;
  if (operation !== ARP_OPERATION.request) return `Operation ${operation}`;
  return senderIp === targetIp ? `Announcement of ${senderIp}` : `Who has ${targetIp}? Tell ${senderIp}`;
}

function rarp(payload: Frame): string {
  const packet = decodeArp(payload);
  return packet ? `Who is ${packet.targetMac}? Tell ${packet.senderMac}` : 'Malformed';
}

function ipv4({ source, destination, payload }: EthernetFrame): FrameSummary {
  const packet = decodeIpv4(payload);
  if (!packet) return { source, destination, protocol: 'IPv4', info: 'Malformed' };
  const ends = { source: packet.source, destination: packet.destination };
  if (packet.fragmentOffset > 0) return { ...ends, protocol: 'IPv4', info: `Fragment at ${packet.fragmentOffset}` };
  return { ...ends, ...transportSummary(packet, !packet.moreFragments) };
}

function ipv6({ source, destination, payload }: EthernetFrame): FrameSummary {
  const packet = decodeIpv6(payload);
  if (!packet) return { source, destination, protocol: 'IPv6', info: 'Malformed' };
  return { source: packet.source, destination: packet.destination, ...transportSummary(packet, true) };
}
