// The VMs of one host as a table.
import { PowerState } from '../components/PowerState.tsx';
import { formatActiveMemory, formatDuration, formatPercent } from '../format/format.ts';
import { openTab } from '../operations/view-operations.ts';
import { useVm, useVmState } from '../state/hooks.ts';
import { useConsole } from '../state/store.ts';

const NONE: string[] = [];

/** @param withLinks names open the VM's tab */
export function HostVms({ hostId, withLinks = true }: { hostId: string; withLinks?: boolean }) {
  const vmIds = useConsole((state) => state.fleet.vmsOfHost[hostId] ?? NONE);
  return (
    <section className="tv-panel" aria-label="VMs of this host">
      <h2>VMs</h2>
      {vmIds.length === 0 ? (
        <p className="tv-quiet">No VM on this host</p>
      ) : (
        <table className="tv-table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">State</th>
              <th scope="col">CPU</th>
              <th scope="col">Memory</th>
              <th scope="col">Uptime</th>
            </tr>
          </thead>
          <tbody>
            {vmIds.map((vmId) => (
              <VmRow key={vmId} vmId={vmId} withLink={withLinks} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function VmRow({ vmId, withLink }: { vmId: string; withLink: boolean }) {
  const vm = useVm(vmId);
  const state = useVmState(vmId);
  if (!vm) return null;
  return (
    <tr>
      <td title={vm.name}>
        {withLink ? (
          <button type="button" className="tv-link" onClick={() => openTab({ kind: 'vm', id: vmId })}>
            {vm.name}
          </button>
        ) : (
          vm.name
        )}
      </td>
      <td>
        <PowerState power={state} />
      </td>
      <td>{formatPercent(vm.cpu)}</td>
      <td>{formatActiveMemory(vm.memoryActiveMiB, vm.memoryMiB)}</td>
      <td>{vm.counters.uptimeMs > 0 ? formatDuration(vm.counters.uptimeMs) : '–'}</td>
    </tr>
  );
}
