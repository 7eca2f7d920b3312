// Names for the demo's two VMs: web1 and client1, or the first number that neither has.
import { vmNameConflict } from '../../engine/base/object-name.ts';

export function demoNames(taken: readonly string[]): { server: string; client: string } {
  for (let n = 1; ; n++) {
    const names = { server: `web${n}`, client: `client${n}` };
    if (!vmNameConflict(names.server, taken) && !vmNameConflict(names.client, taken)) return names;
  }
}
