// The card under the pointer while it is dragged.
import { PowerMark } from '../components/PowerState.tsx';
import { formatMiB } from '../format/format.ts';
import { useVm, useVmState } from '../state/hooks.ts';

export function GhostCard({ vmId }: { vmId: string }) {
  const vm = useVm(vmId);
  const state = useVmState(vmId);
  if (!vm) return null;
  return (
    <div className="tv-card tv-ghost">
      <header>
        <PowerMark power={state} />
        <span className="tv-card-name">{vm.name}</span>
      </header>
      <div className="tv-quiet">
        {vm.guestOs} · {formatMiB(vm.memoryMiB)}
      </div>
    </div>
  );
}
