// Port groups: what the ports of a kind have in common. Access ports carry one VLAN untagged; trunk ports carry several with
// 802.1Q tags, VLAN 0 being the untagged one (vSphere's external, virtual switch and virtual guest tagging). The security
// policy is vSphere's: all three refused unless allowed.

import { DecodeError, fields, flag, oneOf } from '../../base/decode.ts';
import { objectName } from '../../base/object-name.ts';

export type VlanPolicy =
  | { mode: 'access' /** 0 = no VLAN, else 1..4094. */; vlan: number }
  | { mode: 'trunk' /** Those that may pass; all if left out. */; allowed?: readonly number[] };

export interface SecurityPolicy {
  /** The guest may see frames for others. */
  promiscuous: boolean;
  /** The guest may send from addresses that are not its own; they are learned. */
  forgedTransmits: boolean;
  /** The guest may change its own address. */
  macChanges: boolean;
}

export interface PortGroup {
  name: string;
  vlan: VlanPolicy;
  security: SecurityPolicy;
}

export const STRICT: SecurityPolicy = { promiscuous: false, forgedTransmits: false, macChanges: false };

/** The port group that NICs are in by default; the responder serves it. */
export const DEFAULT_PORT_GROUP: PortGroup = {
  name: 'VM Network',
  vlan: { mode: 'access', vlan: 0 },
  security: STRICT,
};

export const MAXIMUM_VLAN = 4094;

/** @throws RangeError for a VLAN that 802.1Q does not have (9.6: 1..4094 and none, 4095 is reserved). */
export function checkPortGroup(group: PortGroup): PortGroup {
  const vlans = group.vlan.mode === 'access' ? [group.vlan.vlan] : (group.vlan.allowed ?? []);
  for (const vlan of vlans) {
    if (!Number.isInteger(vlan) || vlan < 0 || vlan > MAXIMUM_VLAN) {
      throw new RangeError(`Port group ${group.name}: VLAN ${vlan} is not a number from 0 to ${MAXIMUM_VLAN}`);
    }
  }
  return group;
}

/**
 * Validates a port group that came from the user or over the subnet.
 * @throws RangeError for a VLAN that cannot be, DecodeError for a name that cannot be and what is no port group.
 */
export function decodePortGroup(value: unknown): PortGroup {
  const group = fields(value);
  const vlan = fields(group.vlan);
  const security = fields(group.security);
  const name = objectName(group.name, 'A port group’s name');
  const allowed = vlan.allowed as number[] | undefined;
  if (Array.isArray(allowed) && allowed.length > MAXIMUM_VLAN + 1)
    throw new DecodeError('there are not that many VLANs');
  return checkPortGroup({
    name,
    vlan:
      oneOf(vlan.mode, ['access', 'trunk'], 'mode') === 'access'
        ? { mode: 'access', vlan: Number(vlan.vlan) }
        : { mode: 'trunk', ...(Array.isArray(allowed) && { allowed: [...allowed] }) },
    security: {
      promiscuous: flag(security.promiscuous, 'promiscuous'),
      forgedTransmits: flag(security.forgedTransmits, 'forgedTransmits'),
      macChanges: flag(security.macChanges, 'macChanges'),
    },
  });
}

export function carries(policy: VlanPolicy, vlan: number): boolean {
  if (policy.mode === 'access') return policy.vlan === vlan;
  return policy.allowed?.includes(vlan) ?? true;
}

/** The VLAN of a frame with this tag that comes in from the guest; undefined if the port does not take it. */
export function classify(policy: VlanPolicy, tag: number | undefined): number | undefined {
  // A tag with VLAN 0 gives a priority, not a VLAN (802.1Q, 6.9.1).
  if (policy.mode === 'access') return tag === undefined || tag === 0 ? policy.vlan : undefined;
  const vlan = tag ?? 0;
  return vlan <= MAXIMUM_VLAN && carries(policy, vlan) ? vlan : undefined;
}
