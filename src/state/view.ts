// What is on the screen: open tabs, the dialog, menus. Plain data; tabs and dialogs are rendered by shell/ and dialogs/.

import type { FleetState } from './fleet.ts';

/** A file that the user gave to the console. */
export interface PickedFile {
  /** Where it lies in what was dropped, with slashes between; its name alone otherwise. */
  path: string;
  file: File;
}

export type TabRef =
  | { kind: 'datacenter' }
  | { kind: 'network' }
  | { kind: 'host'; id: string }
  | { kind: 'vm'; id: string };

export type DrawerList = 'tasks' | 'events';

/** Of a VM with a screen. */
export type VmConsoleKind = 'screen' | 'serial';

export type VmSection = 'summary' | 'console' | 'hardware' | 'performance' | 'network' | 'translation' | 'transactions';

export type DialogRef =
  | { kind: 'new-vm'; hostId?: string /** From which it is to be made. */; files?: readonly PickedFile[] }
  | { kind: 'add-host' }
  | { kind: 'migrate'; vmId: string }
  | { kind: 'link' }
  | { kind: 'port-group' /** Of the one to change; a new one without it. */; name?: string }
  | { kind: 'address-pool' }
  | { kind: 'help' }
  | { kind: 'confirm'; what: 'power-off' | 'reset' | 'delete-vm'; vmId: string }
  | { kind: 'confirm'; what: 'force-eject'; vmId: string; drive: number }
  | { kind: 'confirm'; what: 'remove-host'; hostId: string }
  | { kind: 'confirm'; what: 'remove-port-group'; name: string };

/** The VMs of the transaction demo that was started last. */
export interface DemoRef {
  serverId: string;
  clientId: string;
}

/** The object of a context menu and where it was asked for, CSS pixels in the viewport. */
export interface ContextMenuRef {
  target: TabRef;
  x: number;
  y: number;
}

export interface ViewState {
  tabs: TabRef[];
  active: string;
  /** Which section of a VM's tab is open, by VM. */
  sections: Record<string, VmSection>;
  /** Which console of it is in front, by VM; the screen if missing. */
  consoles: Record<string, VmConsoleKind>;
  dialog?: DialogRef;
  contextMenu?: ContextMenuRef;
  paletteOpen: boolean;
  /** The VM that hangs on the pointer, or is being carried by keyboard. */
  draggedVm?: string;
  /** Until when the events have been seen, epoch ms. */
  eventsSeenAt: number;
  /** What the drawer lists. */
  drawerList: DrawerList;
  demo?: DemoRef;
}

export function tabKey(tab: TabRef): string {
  return 'id' in tab ? `${tab.kind}:${tab.id}` : tab.kind;
}

export const DATACENTER: TabRef = { kind: 'datacenter' };
export const NETWORK: TabRef = { kind: 'network' };

export const initialView: ViewState = {
  tabs: [DATACENTER],
  active: 'datacenter',
  sections: {},
  consoles: {},
  paletteOpen: false,
  drawerList: 'tasks',
  eventsSeenAt: 0,
};

export function openTab(view: ViewState, tab: TabRef, section?: VmSection): ViewState {
  const key = tabKey(tab);
  const tabs = view.tabs.some((open) => tabKey(open) === key) ? view.tabs : [...view.tabs, tab];
  const sections = tab.kind === 'vm' && section ? { ...view.sections, [tab.id]: section } : view.sections;
  return { ...view, tabs, sections, active: key };
}

// One thing at a time lies over the console: what opens closes the others, and nothing opens over a dialog.

export function openDialog(view: ViewState, dialog: DialogRef | undefined): ViewState {
  return { ...view, dialog, ...(dialog && { paletteOpen: false, contextMenu: undefined }) };
}

/** Is what the dialog is about no longer there? It may go by the hand of another console, or with its host. */
export function isOfSomethingGone(dialog: DialogRef | undefined, { vms, hosts }: FleetState): boolean {
  if (!dialog) return false;
  if ('vmId' in dialog) return !vms[dialog.vmId];
  return dialog.kind === 'confirm' && 'hostId' in dialog && !hosts[dialog.hostId];
}

export function openPalette(view: ViewState, open: boolean): ViewState {
  if (open && view.dialog) return view;
  return { ...view, paletteOpen: open, ...(open && { contextMenu: undefined }) };
}

export function openContextMenu(view: ViewState, contextMenu: ContextMenuRef | undefined): ViewState {
  if (contextMenu && (view.dialog || view.paletteOpen || view.draggedVm)) return view;
  return { ...view, contextMenu };
}

/** The neighbour on the left becomes active; the Datacenter tab stays. */
export function closeTab(view: ViewState, key: string): ViewState {
  const index = view.tabs.findIndex((tab) => tabKey(tab) === key);
  if (index <= 0) return view;
  const active = view.active === key ? tabKey(view.tabs[index - 1]) : view.active;
  return { ...view, tabs: view.tabs.filter((_, n) => n !== index), active };
}
