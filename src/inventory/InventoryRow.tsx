// One row of the inventory.
import AngleDownIcon from '@patternfly/react-icons/dist/esm/icons/angle-down-icon';
import AngleRightIcon from '@patternfly/react-icons/dist/esm/icons/angle-right-icon';
import ClusterIcon from '@patternfly/react-icons/dist/esm/icons/cluster-icon';
import NetworkIcon from '@patternfly/react-icons/dist/esm/icons/network-icon';
import ServerIcon from '@patternfly/react-icons/dist/esm/icons/server-icon';
import { PowerMark } from '../components/PowerState.tsx';
import { useContextMenu } from '../components/use-context-menu.ts';
import { openTab } from '../operations/view-operations.ts';
import type { FleetState } from '../state/fleet.ts';
import { useConsole } from '../state/store.ts';
import { titleOf } from '../state/tab-title.ts';
import { type TabRef, tabKey } from '../state/view.ts';
import { stateOf, type VmState } from '../state/vm-state.ts';

interface InventoryRowProps {
  object: TabRef;
  level: number;
  expanded?: boolean;
  /** Its tab is in front. */
  isActive: boolean;
  isFocusable: boolean;
  onFocus(): void;
  onToggle(): void;
}

export function InventoryRow({ object, level, expanded, isActive, isFocusable, onFocus, onToggle }: InventoryRowProps) {
  const contextMenu = useContextMenu(object);
  const { text, spoken } = useRowText(object);
  return (
    <div
      role="treeitem"
      aria-level={level}
      aria-expanded={expanded}
      aria-selected={isActive}
      aria-label={spoken}
      data-row={tabKey(object)}
      tabIndex={isFocusable ? 0 : -1}
      className={`tv-row ${isActive ? 'tv-row-active' : ''}`}
      style={{ paddingInlineStart: 4 + (level - 1) * 16 }}
      onFocus={onFocus}
      onClick={() => openTab(object)}
      onKeyDown={undefined}
      {...contextMenu}
    >
      <span
        className="tv-row-fold"
        aria-hidden="true"
        onClick={(event) => {
          event.stopPropagation();
          onToggle();
        }}
      >
        {expanded === undefined ? null : expanded ? <AngleDownIcon /> : <AngleRightIcon />}
      </span>
      <RowMark object={object} />
      <span className="tv-row-text">{text}</span>
    </div>
  );
}

function RowMark({ object }: { object: TabRef }) {
  const power = useConsole(({ fleet }) => stateOfRow(object, fleet));
  if (object.kind === 'datacenter') return <ClusterIcon />;
  if (object.kind === 'network') return <NetworkIcon />;
  return object.kind === 'host' ? <ServerIcon /> : <PowerMark power={power ?? 'off'} />;
}

function useRowText(object: TabRef): { text: string; spoken: string } {
  const text = useConsole(({ fleet }) => titleOf(object, fleet) ?? '');
  const power = useConsole(({ fleet }) => stateOfRow(object, fleet));
  return { text, spoken: power ? `${text}, ${power}` : text };
}

/** Undefined for what is no VM. */
function stateOfRow(object: TabRef, fleet: FleetState): VmState | undefined {
  const vm = object.kind === 'vm' ? fleet.vms[object.id] : undefined;
  return vm && stateOf(vm, fleet);
}
