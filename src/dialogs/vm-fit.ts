// Whether the VM that the dialog describes fits on the host that it names, by the reckoning that the host itself uses.
import { pagesNeeded } from '../../engine/vmkernel/memory/vm-memory.ts';
import type { HostView } from '../state/fleet.ts';

const PAGES_PER_MIB = 256;

type Room = Pick<HostView, 'memoryFreeMiB'> & { info: Pick<HostView['info'], 'name' | 'memoryMiB'> };

/** Of a VM: its memory, and what its ROMs and devices have. */
type Needs = Parameters<typeof pagesNeeded>[0];

/**
 * Why not, as a sentence; undefined if it fits, or the memory is no number that a VM can have.
 * @param powerOn it is to run at once
 */
export function fitProblem(needed: Needs, host: Room, powerOn: boolean): string | undefined {
  if (!(needed.memoryMiB > 0)) return undefined;
  return roomProblem(pagesNeeded(needed) / PAGES_PER_MIB, host, powerOn);
}

/** MiB between two proposals. */
const STEP = 16;

/** What to propose: what the guest wants, or else what fits on the host if that is at least half of it. MiB. */
export function fittingMemory(wanted: Needs, host: Room): number {
  const { memoryMiB } = wanted;
  for (let less = memoryMiB; less >= memoryMiB / 2; less -= STEP)
    if (!fitProblem({ ...wanted, memoryMiB: less }, host, true)) return less;
  return memoryMiB;
}

function roomProblem(needed: number, host: Room, powerOn: boolean): string | undefined {
  const { name, memoryMiB: all } = host.info;
  const needs = `it needs ${Math.ceil(needed)} MiB, with what it takes beside its own memory`;
  if (needed > all) return `${name} can never hold it: ${needs}, and the host has ${all} MiB.`;
  if (powerOn && needed > host.memoryFreeMiB)
    return `${name} has no room to power it on now: ${needs}, and ${Math.floor(host.memoryFreeMiB)} MiB are free.`;
  return undefined;
}
