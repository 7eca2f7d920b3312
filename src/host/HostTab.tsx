// The tab of one host: what it is, its load, its VMs.
import { EmptyState, EmptyStateBody } from '@patternfly/react-core';
import ServerIcon from '@patternfly/react-icons/dist/esm/icons/server-icon';
import { useHostActions } from '../actions/use-actions.ts';
import { TimeChart } from '../charts/TimeChart.tsx';
import { ActionMenu } from '../components/ActionMenu.tsx';
import { Facts } from '../components/Facts.tsx';
import { formatCores, formatLink, formatTime, formatUsedMemory } from '../format/format.ts';
import { useHost } from '../state/hooks.ts';
import { HostVms } from './HostVms.tsx';

export function HostTab({ hostId }: { hostId: string }) {
  const host = useHost(hostId);
  const actions = useHostActions(hostId).filter((action) => action.id !== 'open-host');
  if (!host)
    return (
      <EmptyState titleText="This host is no longer there" headingLevel="h2" icon={ServerIcon}>
        <EmptyStateBody>It was removed, or its browser tab was closed.</EmptyStateBody>
      </EmptyState>
    );
  const { info, local, cpu, cpuReady, cores, memoryUsedMiB } = host;
  return (
    <div className="tv-object">
      <header className="tv-object-header">
        <h1>{info.name}</h1>
        <span className="tv-quiet">{local ? 'in this browser tab' : 'in another browser tab'}</span>
        <div className="tv-object-actions">
          <ActionMenu actions={actions} label={`Actions of ${info.name}`} />
        </div>
      </header>
      <div className="tv-object-body tv-summary">
        <Facts
          title="Host"
          facts={[
            ['Memory', formatUsedMemory(memoryUsedMiB, info.memoryMiB)],
            ['CPU', formatCores(cpu, cpuReady, cores)],
            ['Uplink', formatLink(info.link)],
            ['Started', formatTime(info.startedAt)],
            ['Identity', info.id],
          ]}
        />
        <HostVms hostId={hostId} />
        <TimeChart id={hostId} title="CPU" unit="% of a core" figure="cpu" />
        <TimeChart id={hostId} title="Memory used" unit="MiB" figure="memory" max={info.memoryMiB} />
      </div>
    </div>
  );
}
