// What the address of a host's page asks for: `?host`, and `&name=` and `&memory=` (MiB) that say which host.

import { nameProblem, tidyName } from '../../engine/base/object-name.ts';
import { hostMemoryProblem } from '../../engine/subnet/presence/host-settings.ts';

const DEFAULT_MEMORY_MIB = 512;

/** `name`: undefined for the first default name that is free. `problem`: user-facing, why there cannot be such a host. */
export type HostQuery = { name: string | undefined; memoryMiB: number; problem?: undefined } | { problem: string };

export function readHostQuery(query: URLSearchParams): HostQuery {
  const name = query.get('name') ?? '';
  const memory = query.get('memory');
  if (name !== '') {
    const problem = nameProblem(name);
    if (problem) return { problem: `The address asks for a host name that cannot be. ${problem}` };
  }
  const memoryMiB = memory === null ? DEFAULT_MEMORY_MIB : memory.trim() === '' ? Number.NaN : Number(memory);
  const problem = hostMemoryProblem(memoryMiB);
  if (problem) return { problem: `The address asks for memory=${shortened(memory ?? '')}. ${problem}` };
  return { name: name === '' ? undefined : tidyName(name), memoryMiB };
}

const SHOWN = 40;

function shortened(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
