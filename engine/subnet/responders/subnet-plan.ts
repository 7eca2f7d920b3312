// The addresses of a subnet: what its responder calls itself and what it hands out.

import { count, fields, text } from '../../base/decode.ts';
import { macBytes } from '../../base/mac-address.ts';
import { ipv4FromNumber, ipv4Number, ipv6Bytes, ipv6Text } from '../packet/address.ts';

export interface SubnetPlan {
  /** The responder's MAC address: the same whichever host answers, so that guests' caches stay right. */
  mac: string;
  /** The responder's own address: gateway, DHCP and DNS server. */
  address: string;
  prefixLength: number;
  /** First and last address that DHCP gives. */
  pool: readonly [string, string];
  leaseSeconds: number;
  /** VMs are called `<name>.<domain>`. */
  domain: string;
  /** A /64 for SLAAC; the responder's address in it ends in ::1. */
  prefix6: string;
  /** Bytes of payload in a frame. */
  mtu: number;
}

/** A private network (RFC 1918) and a unique local prefix (RFC 4193). */
export const DEFAULT_PLAN: SubnetPlan = {
  mac: '02:54:56:00:00:01',
  address: '10.0.0.1',
  prefixLength: 24,
  pool: ['10.0.0.100', '10.0.0.249'],
  leaseSeconds: 86_400,
  domain: 'lab',
  prefix6: 'fd54:5601::',
  mtu: 1500,
};

/** What the user may set of it: how large the network is, and which of its addresses DHCP gives. */
export interface AddressPool {
  prefixLength: number;
  first: string;
  last: string;
}

/** Networks from 254 to 65,534 addresses around the responder's own. */
export const POOL_PREFIXES = { least: 16, most: 24 };
export const MAXIMUM_POOL = 4096;

export function poolOf({ prefixLength, pool: [first, last] }: SubnetPlan): AddressPool {
  return { prefixLength, first, last };
}

/**
 * The plan with another pool, which came from the user or over the subnet.
 * @throws DecodeError for what is no pool, RangeError with a user-facing message for one that cannot be.
 */
export function withPool(plan: SubnetPlan, value: unknown): SubnetPlan {
  const pool = fields(value);
  const prefixLength = count(pool.prefixLength, 'prefixLength');
  const [first, last] = [text(pool.first, 'first').trim(), text(pool.last, 'last').trim()];
  const { least, most } = POOL_PREFIXES;
  if (prefixLength < least || prefixLength > most) throw new RangeError(`The prefix has ${least} to ${most} bits.`);
  const size = ipv4Number(last) - ipv4Number(first) + 1;
  if (size > MAXIMUM_POOL) throw new RangeError(`At most ${MAXIMUM_POOL} addresses are given; these are ${size}.`);
  return checkPlan({ ...plan, prefixLength, pool: [first, last] });
}

/** @throws RangeError for addresses that do not fit together. */
export function checkPlan(plan: SubnetPlan): SubnetPlan {
  macBytes(plan.mac);
  ipv6Bytes(plan.prefix6);
  if (!(plan.prefixLength >= 8 && plan.prefixLength <= 30)) throw new RangeError('A subnet’s prefix has 8 to 30 bits');
  const [first, last] = plan.pool.map(ipv4Number);
  const [lowest, highest] = [ipv4Number(networkOf(plan)) + 1, ipv4Number(broadcastOf(plan)) - 1];
  if (first > last || first < lowest || last > highest) {
    throw new RangeError(`The DHCP range ${plan.pool.join('–')} is not within ${plan.address}/${plan.prefixLength}`);
  }
  return plan;
}

export function maskOf({ prefixLength }: SubnetPlan): string {
  return ipv4FromNumber((0xffffffff << (32 - prefixLength)) >>> 0);
}

export function networkOf(plan: SubnetPlan): string {
  return ipv4FromNumber((ipv4Number(plan.address) & ipv4Number(maskOf(plan))) >>> 0);
}

export function broadcastOf(plan: SubnetPlan): string {
  return ipv4FromNumber((ipv4Number(plan.address) | ~ipv4Number(maskOf(plan))) >>> 0);
}

/** Is the address of this subnet? */
export function isLocal(plan: SubnetPlan, address: string): boolean {
  const mask = ipv4Number(maskOf(plan));
  return (ipv4Number(address) & mask) >>> 0 === ipv4Number(networkOf(plan));
}

/** The responder's global IPv6 address. */
export function address6Of({ prefix6 }: SubnetPlan): string {
  const bytes = ipv6Bytes(prefix6);
  bytes[15] = 1;
  return ipv6Text(bytes);
}

export function isIpv4(address: string): boolean {
  return !address.includes(':');
}
