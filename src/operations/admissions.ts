// Asks hosts whether they can take a VM. Each answers by itself: one that does not respond is reported and delays no other.
import type { VmOutline } from '../../engine/host/api.ts';
import { apiOf } from '../session/connections.ts';
import { silenceOf } from '../state/fleet.ts';
import { useConsole } from '../state/store.ts';

/** Host id → why the VM cannot be there, undefined where it can; missing while the answer is out. */
export type Answers = Record<string, string | undefined>;

/** Why the VM cannot run on the host, for the user; undefined if it can. */
export async function refusalOf(hostId: string, spec: VmOutline): Promise<string | undefined> {
  const silence = silenceOf(useConsole.getState().fleet, hostId);
  if (silence) return silence;
  try {
    return await apiOf(hostId).admission(spec);
  } catch (error) {
    return (error as Error).message;
  }
}

/** Asks every host but the VM's own; `onAnswer` is called with all answers so far whenever one has come. */
export function askHosts(vmId: string, onAnswer: (answers: Answers) => void): void {
  const { vms, hostOrder } = useConsole.getState().fleet;
  const vm = vms[vmId];
  if (!vm) return;
  let answers: Answers = {};
  for (const hostId of hostOrder) {
    if (hostId === vm.hostId) continue;
    void refusalOf(hostId, vm.spec).then((refusal) => {
      answers = { ...answers, [hostId]: refusal };
      onAnswer(answers);
    });
  }
}
