// What the port group dialog holds, what is wrong with it, and the port group it makes.
import { nameKey, nameProblem, tidyName } from '../../engine/base/object-name.ts';
import type { PortGroup } from '../../engine/host/api.ts';
import { MAXIMUM_VLAN } from '../../engine/subnet/switch/port-group.ts';
import { rangesInWords } from '../network/port-group-words.ts';

export interface PortGroupForm {
  name: string;
  mode: 'none' | 'access' | 'trunk';
  /** As typed: the VLAN of mode access. */
  vlan: string;
  /** As typed: the VLANs of mode trunk; all if empty. */
  allowed: string;
  security: PortGroup['security'];
}

type PortGroupErrors = Partial<Record<'name' | 'vlan' | 'allowed', string>>;

export const NEW_PORT_GROUP: PortGroupForm = {
  name: '',
  mode: 'none',
  vlan: '',
  allowed: '',
  security: { promiscuous: false, macChanges: false, forgedTransmits: false },
};

export function formOf({ name, vlan, security }: PortGroup): PortGroupForm {
  const form = { ...NEW_PORT_GROUP, name, security };
  if (vlan.mode === 'trunk') return { ...form, mode: 'trunk', allowed: rangesInWords(vlan.allowed ?? []) };
  return vlan.vlan === 0 ? form : { ...form, mode: 'access', vlan: String(vlan.vlan) };
}

/** @param taken names of the other port groups */
export function checkPortGroupForm({ name, mode, vlan, allowed }: PortGroupForm, taken: string[]): PortGroupErrors {
  const errors: PortGroupErrors = {};
  const problem = nameProblem(name);
  if (problem) errors.name = problem;
  else if (taken.some((other) => nameKey(other) === nameKey(name)))
    errors.name = 'There is already a port group of that name.';
  if (mode === 'access' && !isVlan(vlan, 1)) errors.vlan = `A whole number from 1 to ${MAXIMUM_VLAN}.`;
  if (mode === 'trunk' && parseVlans(allowed) === undefined)
    errors.allowed = `Numbers and ranges from 0 (untagged) to ${MAXIMUM_VLAN}, as 0, 10-20, 30.`;
  return errors;
}

/** @param form one without errors */
export function portGroupOf({ name, mode, vlan, allowed, security }: PortGroupForm): PortGroup {
  const vlans = parseVlans(allowed);
  return {
    name: tidyName(name),
    vlan:
      mode === 'trunk'
        ? { mode, ...(vlans && vlans.length > 0 && { allowed: vlans }) }
        : { mode: 'access', vlan: mode === 'access' ? Number(vlan) : 0 },
    security,
  };
}

/** "0, 10-12" → 0, 10, 11, 12. Undefined if it is something else. */
function parseVlans(text: string): number[] | undefined {
  const vlans: number[] = [];
  for (const part of text.split(',').map((piece) => piece.trim())) {
    if (part === '' && text.trim() === '') return [];
    const [first, last = first, ...rest] = part.split(/\s*[-–]\s*/);
    if (rest.length > 0 || !isVlan(first, 0) || !isVlan(last, Number(first))) return undefined;
    for (let vlan = Number(first); vlan <= Number(last); vlan++) vlans.push(vlan);
  }
  return vlans;
}

function isVlan(text: string, least: number): boolean {
  return /^\d+$/.test(text.trim()) && Number(text) >= least && Number(text) <= MAXIMUM_VLAN;
}
