// The card under the pointer while it is dragged.
import { PowerMark } from '../components/PowerState.tsx';
import { formatMiB } from '../format.ts';
import { useVm } from '../state/hooks.ts';
import { stateOf } from '../state/vm-state.ts';

export function GhostCard({ vmId }: { vmId: string }) {
  const vm = useVm(vmId);
  if (!vm) return null;
  return (
    <div className="tv-card tv-ghost">
      <header>
        <PowerMark power={stateOf(vm)} />
        <span className="tv-card-name">{vm.name}</span>
      </header>
      <div className="tv-quiet">
        {vm.guestOs} · {formatMiB(vm.memoryMiB)}
      </div>
    </div>
  );
}
