// The inventory: Datacenter, its hosts with their VMs, the network. A row opens its object's tab; its menu is the object's list of actions.
import { type KeyboardEvent, useMemo, useState } from 'react';
import { openTab } from '../operations/view-operations.ts';
import { useConsole } from '../state/store.ts';
import { DATACENTER, NETWORK, type TabRef, tabKey } from '../state/view.ts';
import { InventoryRow } from './InventoryRow.tsx';
import { type TreeRow, treeMove } from './tree-keyboard.ts';
import './inventory.css';

interface ObjectRow extends TreeRow {
  object: TabRef;
}

export function InventoryTree() {
  const hostOrder = useConsole((state) => state.fleet.hostOrder);
  const vmsOfHost = useConsole((state) => state.fleet.vmsOfHost);
  const active = useConsole((state) => state.view.active);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [focused, setFocused] = useState('datacenter');
  const rows = useMemo(() => rowsOf(hostOrder, vmsOfHost, folded), [hostOrder, vmsOfHost, folded]);
  const focusable = rows.some((row) => row.key === focused) ? focused : 'datacenter';

  function toggle(key: string) {
    setFolded((now) => (now.has(key) ? new Set([...now].filter((k) => k !== key)) : new Set([...now, key])));
  }

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    if (event.key === 'Enter' || event.key === ' ') {
      const row = rows.find((r) => r.key === focusable);
      if (row) openTab(row.object);
      event.preventDefault();
      return;
    }
    const move = treeMove(rows, focusable, event.key);
    if (!move) return;
    event.preventDefault();
    if ('toggle' in move) return toggle(move.toggle);
    setFocused(move.focus);
    event.currentTarget.querySelector<HTMLElement>(`[data-row="${CSS.escape(move.focus)}"]`)?.focus();
  }

  return (
    // The rows carry the focus; keys bubble up from them.
    <div role="tree" aria-label="Inventory" className="tv-tree" tabIndex={-1} onKeyDown={onKeyDown}>
      {rows.map((row) => (
        <InventoryRow
          key={row.key}
          object={row.object}
          level={row.level}
          expanded={row.expanded}
          isActive={row.key === active}
          isFocusable={row.key === focusable}
          onFocus={() => setFocused(row.key)}
          onToggle={() => toggle(row.key)}
        />
      ))}
    </div>
  );
}

function rowsOf(hostOrder: string[], vmsOfHost: Record<string, string[]>, folded: ReadonlySet<string>): ObjectRow[] {
  const row = (object: TabRef, level: number, children: number): ObjectRow => {
    const key = tabKey(object);
    return { key, object, level, expanded: children > 0 ? !folded.has(key) : undefined };
  };
  const root = row(DATACENTER, 1, hostOrder.length + 1);
  if (!root.expanded) return [root];
  return [
    root,
    ...hostOrder.flatMap((id) => {
      const vms = vmsOfHost[id] ?? [];
      const host = row({ kind: 'host', id }, 2, vms.length);
      return host.expanded ? [host, ...vms.map((vmId) => row({ kind: 'vm', id: vmId }, 3, 0))] : [host];
    }),
    row(NETWORK, 2, 0),
  ];
}
