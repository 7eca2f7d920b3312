// The first tab: consolidation figures, the rack, the latest migration's report.
import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from '@patternfly/react-core';
import CubeIcon from '@patternfly/react-icons/dist/esm/icons/cube-icon';
import ServerIcon from '@patternfly/react-icons/dist/esm/icons/server-icon';
import { useShallow } from 'zustand/react/shallow';
import { useNewVmFileDrop } from '../media-drop/use-new-vm-file-drop.ts';
import { openDialog, openHostTab } from '../operations/view-operations.ts';
import { reportLog } from '../reports/report-log.ts';
import { type ConsoleState, useConsole } from '../state/store.ts';
import { stateOf } from '../state/vm-state.ts';
import { DatacenterTransactions } from '../transactions/DatacenterTransactions.tsx';
import { ConsolidationStrip } from './ConsolidationStrip.tsx';
import { DragHint, Invitation } from './Invitation.tsx';
import { MigrationReportPanel } from './MigrationReport.tsx';
import { Rack } from './Rack.tsx';
import './report.css';

export function DatacenterTab() {
  const hosts = useConsole((state) => state.fleet.hostOrder.length);
  const empty = useConsole((state) => Object.keys(state.fleet.vms).length === 0);
  const hint = useConsole(useShallow(dragHint));
  const files = useNewVmFileDrop();
  return (
    <div className={`tv-datacenter ${files.isOver ? 'tv-takes-files' : ''}`} {...files.handlers}>
      <div className="tv-datacenter-top">
        <ConsolidationStrip />
        <div className="tv-datacenter-actions">
          <Button size="sm" icon={<CubeIcon />} isDisabled={hosts === 0} onClick={() => openDialog({ kind: 'new-vm' })}>
            New VM
          </Button>
          <Button size="sm" variant="secondary" icon={<ServerIcon />} onClick={() => openDialog({ kind: 'add-host' })}>
            Add host
          </Button>
        </div>
      </div>
      {hosts > 0 && empty && <Invitation />}
      {hint.name && <DragHint name={hint.name} target={hint.target} isServing={hint.isServing} />}
      <DatacenterTransactions />
      {hosts > 0 ? <Rack /> : <NoHosts />}
      <MigrationReportPanel />
    </div>
  );
}

interface Hint {
  name?: string;
  target: string;
  isServing: boolean;
}

const NO_HINT: Hint = { target: '', isServing: false };

function dragHint(state: ConsoleState): Hint {
  const { fleet, preferences, migrations, view } = state;
  // The demo's server is the one to move; so the hint is shown even to a user who has moved a VM before.
  const server = fleet.vms[view.demo?.serverId ?? ''];
  const isServing = server?.power === 'running' && reportLog.latest(view.demo?.clientId ?? '') !== undefined;
  const running = isServing ? server : Object.values(fleet.vms).find((vm) => stateOf(vm, fleet) === 'running');
  const other = fleet.hostOrder.find((id) => id !== running?.hostId);
  if (!running || !other || migrations.byVm[running.id] || (preferences.hasMigrated && !isServing)) return NO_HINT;
  return { name: running.name, target: fleet.hosts[other].info.name, isServing };
}

function NoHosts() {
  return (
    <EmptyState titleText="No hosts on the subnet" headingLevel="h2" icon={ServerIcon}>
      <EmptyStateBody>
        A host runs VMs. Add one to this browser tab, or open another tab that is a host. If another console of this
        site is open, its hosts appear here by themselves.
      </EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <Button onClick={() => openDialog({ kind: 'add-host' })}>Add host</Button>
          <Button variant="secondary" onClick={openHostTab}>
            Open a host in another tab
          </Button>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}
