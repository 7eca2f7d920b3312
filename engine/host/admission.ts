// Whether this host can take a VM: the one place that says so, for consoles that ask, for new VMs and for those that come from
// another host.

import { vmNameConflict } from '../base/object-name.ts';
import type { MachineMemory } from '../vmkernel/memory/machine-memory.ts';
import { admission as memoryAdmission, unfit } from '../vmkernel/memory/vm-memory.ts';
import { isRemovable } from '../vmkernel/spec/drive-check.ts';
import { machineSpec, memoryNeeds } from '../vmkernel/spec/machine-spec.ts';
import type { DriveOutline, DriveSpec, VmOutline } from '../vmkernel/spec/spec.ts';
import { checkVmOutline, SpecError } from '../vmkernel/spec/spec-check.ts';

/** `run`: the VM takes its memory at once, here or by a migration. `register`: it is created, powered off. */
export type AdmissionPurpose = 'run' | 'register';

/** What the answer depends on. */
export interface AdmissionFacts {
  hostName: string;
  /** HostInfo.tabId. */
  tabId: string;
  memory: MachineMemory;
  /** VMs of this host, those on their way to it included. */
  vms: readonly { id: string; name: string }[];
  /** Names the first of the port groups that is not there. */
  missingPortGroup(names: readonly (string | undefined)[]): string | undefined;
}

/**
 * Why the VM cannot be here, for the user, a sentence without its end; undefined if it can.
 * @param value from outside: a specification, with or without images
 */
export function admission(value: unknown, purpose: AdmissionPurpose, facts: AdmissionFacts): string | undefined {
  let spec: VmOutline;
  try {
    spec = checkVmOutline(value);
  } catch (error) {
    if (error instanceof SpecError) return withoutEnd(error.message);
    throw error;
  }
  const { hostName, tabId, memory, vms } = facts;
  if (vms.some(({ id }) => id === spec.id)) return `${spec.name} is on this host already`;
  const conflict = vmNameConflict(
    spec.name,
    vms.map(({ name }) => name),
  );
  if (conflict) return withoutEnd(conflict);
  const bound = boundElsewhere(spec, tabId);
  if (bound) return bound;
  const needs = memoryNeeds(machineSpec(spec));
  const never = purpose === 'register' ? unfit(memory, needs) : undefined;
  if (never) return `${hostName} can never hold ${spec.name}: ${never}`;
  const noRoom = purpose === 'run' ? memoryAdmission(memory, needs) : undefined;
  return noRoom ?? facts.missingPortGroup(spec.nics?.map(({ portGroup }) => portGroup) ?? []);
}

/** If only another tab has one of its media. */
function boundElsewhere({ name, drives = [] }: VmOutline, tabId: string): string | undefined {
  for (const { model, medium } of drives as (DriveOutline | DriveSpec)[]) {
    if (!medium) continue;
    const tab = 'source' in medium ? medium.source.kind === 'held' && medium.source.tab : medium.tab;
    if (!tab || tab === tabId) continue;
    const [what, condition] = isRemovable(model) ? ['medium', 'until it is ejected, '] : ['disk', ''];
    const where = `${name}’s ${what} ${medium.name} lies in the memory of another browser tab`;
    return `${where}: ${condition}${name} can only be on hosts of that tab`;
  }
  return undefined;
}

function withoutEnd(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
