// A host: its name, where it lives, its load, its VMs. While a card is dragged it says whether the VM fits.
import { useDroppable } from '@dnd-kit/core';
import { Button, Label } from '@patternfly/react-core';
import PlusIcon from '@patternfly/react-icons/dist/esm/icons/plus-icon';
import ServerIcon from '@patternfly/react-icons/dist/esm/icons/server-icon';
import { memo } from 'react';
import { useHostActions } from '../actions/use-actions.ts';
import { ActionMenu } from '../components/ActionMenu.tsx';
import { Meter } from '../components/Meter.tsx';
import { SilentFor } from '../components/SilentFor.tsx';
import { useContextMenu } from '../components/use-context-menu.ts';
import { formatCores, formatUsedMemory } from '../format/format.ts';
import { useNewVmFileDrop } from '../media-drop/use-new-vm-file-drop.ts';
import { openDialog, openTab } from '../operations/view-operations.ts';
import { useHost } from '../state/hooks.ts';
import { useConsole } from '../state/store.ts';
import { DropVerdict } from './DropVerdict.tsx';
import type { Verdict } from './drag-verdicts.ts';
import { VmCard } from './VmCard.tsx';

const NO_VMS: string[] = [];

interface BladeProps {
  hostId: string;
  /** About the VM that is being dragged, if one is. */
  verdict?: Verdict;
}

export const Blade = memo(function Blade({ hostId, verdict }: BladeProps) {
  const name = useConsole((state) => state.fleet.hosts[hostId].info.name);
  const local = useConsole((state) => state.fleet.hosts[hostId].local);
  const silentSince = useConsole((state) => state.fleet.hosts[hostId].silentSince);
  const vmIds = useConsole((state) => state.fleet.vmsOfHost[hostId] ?? NO_VMS);
  const actions = useHostActions(hostId);
  const contextMenu = useContextMenu({ kind: 'host', id: hostId });
  const { setNodeRef, isOver } = useDroppable({ id: hostId });
  const files = useNewVmFileDrop(hostId);
  const verdictClass = verdict ? `tv-blade-${verdict.kind}` : '';
  return (
    <section
      ref={setNodeRef}
      className={`tv-blade ${verdictClass} ${isOver ? 'tv-blade-over' : ''} ${files.isOver ? 'tv-takes-files' : ''}`}
      aria-label={name}
      data-host-id={hostId}
      {...contextMenu}
      {...files.handlers}
    >
      <header>
        <ServerIcon className="tv-blade-icon" />
        <button type="button" className="tv-link tv-blade-name" onClick={() => openTab({ kind: 'host', id: hostId })}>
          {name}
        </button>
        <Label isCompact variant="outline">
          {local ? 'this tab' : 'another tab'}
        </Label>
        <Button
          variant="plain"
          size="sm"
          icon={<PlusIcon />}
          aria-label={`New VM on ${name}`}
          onClick={() => openDialog({ kind: 'new-vm', hostId })}
        />
        <ActionMenu actions={actions} label={`Actions of ${name}`} />
      </header>
      {silentSince === undefined ? <HostLoad hostId={hostId} /> : <Silence since={silentSince} local={local} />}
      {vmIds.length === 0 && <p className="tv-quiet tv-blade-empty">No VM on this host</p>}
      <div className="tv-cards">
        {vmIds.map((vmId) => (
          <VmCard key={vmId} vmId={vmId} />
        ))}
      </div>
      {verdict && <DropVerdict verdict={verdict} isOver={isOver} />}
    </section>
  );
});

/** Instead of figures that may not be so any more. */
function Silence({ since, local }: { since: number; local: boolean }) {
  return (
    <p className="tv-blade-silence">
      <SilentFor since={since} />
      <br />
      <span className="tv-quiet">
        What its VMs do is not known.{' '}
        {local ? 'Its worker is busy or stopped.' : 'Its tab may be frozen: bring it to the front.'}
      </span>
    </p>
  );
}

function HostLoad({ hostId }: { hostId: string }) {
  const host = useHost(hostId);
  if (!host) return null;
  const { cpu, cpuReady, cores, memoryUsedMiB, info } = host;
  return (
    <div className="tv-host-load">
      <Meter
        label="CPU"
        text={formatCores(cpu, cpuReady, cores)}
        parts={[
          { kind: 'busy', value: cpu },
          { kind: 'ready', value: cpuReady },
        ]}
        total={cores}
      />
      <Meter
        label="Memory"
        text={formatUsedMemory(memoryUsedMiB, info.memoryMiB)}
        parts={[{ kind: 'used', value: memoryUsedMiB }]}
        total={info.memoryMiB}
      />
    </div>
  );
}
