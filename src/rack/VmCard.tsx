// A VM as it sits in a blade. The whole card can be dragged with the pointer; its grip starts the same by keyboard.
import { useDraggable } from '@dnd-kit/core';
import GripVerticalIcon from '@patternfly/react-icons/dist/esm/icons/grip-vertical-icon';
import { memo, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { useVmActions } from '../actions/use-actions.ts';
import { ActionMenu } from '../components/ActionMenu.tsx';
import { PowerState } from '../components/PowerState.tsx';
import { QuickActions } from '../components/QuickActions.tsx';
import { TargetNotices } from '../components/TargetNotices.tsx';
import { useContextMenu } from '../components/use-context-menu.ts';
import { useVmFileDrop } from '../media-drop/use-vm-file-drop.ts';
import { openTab } from '../operations/view-operations.ts';
import { Thumbnail, useHasScreen } from '../screen/Thumbnail.tsx';
import { useConsole } from '../state/store.ts';
import { stateOf } from '../state/vm-state.ts';
import { MigrationProgress } from './MigrationProgress.tsx';
import { VmLoad } from './VmLoad.tsx';

/** A card that appears within this time of its migration's end flashes once, ms. */
const ARRIVAL_MS = 1500;

export const VmCard = memo(function VmCard({ vmId }: { vmId: string }) {
  const { name, guestOs, power, shown, moving } = useConsole(
    useShallow((state) => {
      const vm = state.fleet.vms[vmId];
      const record = state.migrations.byVm[vmId];
      return {
        name: vm?.name ?? '',
        guestOs: vm?.guestOs ?? '',
        power: vm?.power ?? 'off',
        shown: vm ? stateOf(vm, state.fleet) : 'off',
        moving: record !== undefined && record.endedAt === undefined,
      };
    }),
  );
  const hasScreen = useHasScreen(vmId);
  const [arrived] = useState(() => hasJustArrived(vmId));
  const actions = useVmActions(vmId);
  const contextMenu = useContextMenu({ kind: 'vm', id: vmId });
  const { isOver, handlers } = useVmFileDrop(vmId);
  const { setNodeRef, setActivatorNodeRef, attributes, listeners, isDragging } = useDraggable({
    id: vmId,
    disabled: !(power === 'running' || power === 'off') || shown === 'unknown',
  });
  const classes = [
    'tv-card',
    `tv-card-${power}`,
    shown !== power && `tv-card-${shown}`,
    isDragging && 'tv-card-dragged',
    moving && 'tv-card-moving',
    arrived && 'tv-card-arrived',
    isOver && 'tv-takes-files',
  ];
  return (
    <article
      ref={setNodeRef}
      className={classes.filter(Boolean).join(' ')}
      aria-label={name}
      {...listeners}
      {...contextMenu}
      {...handlers}
    >
      <header>
        <button
          type="button"
          ref={setActivatorNodeRef}
          className="tv-grip"
          {...attributes}
          aria-roledescription="draggable VM"
          aria-label={`Move ${name} to another host`}
        >
          <GripVerticalIcon />
        </button>
        <button type="button" className="tv-link tv-card-name" onClick={() => openTab({ kind: 'vm', id: vmId })}>
          {name}
        </button>
        <PowerState power={moving ? 'migrating' : shown} />
        <ActionMenu actions={actions} label={`Actions of ${name}`} />
      </header>
      <div className="tv-card-os tv-quiet">{guestOs}</div>
      {moving ? <MigrationProgress vmId={vmId} /> : shown !== 'unknown' && <VmLoad vmId={vmId} />}
      {hasScreen && power !== 'off' && shown !== 'unknown' && <Thumbnail vmId={vmId} />}
      <TargetNotices targetId={vmId} isPlain className="tv-card-notice" />
      <footer>
        <QuickActions actions={actions} />
      </footer>
    </article>
  );
});

function hasJustArrived(vmId: string): boolean {
  const record = useConsole.getState().migrations.byVm[vmId];
  const ended = record?.statistics.stage === 'completed' ? record.endedAt : undefined;
  return ended !== undefined && Date.now() - ended < ARRIVAL_MS;
}
