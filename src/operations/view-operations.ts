// Changes to what is on the screen.
import { prefer, update, useConsole } from '../state/store.ts';
import {
  type ContextMenuRef,
  closeTab as closeTabIn,
  type DialogRef,
  openContextMenu as openContextMenuIn,
  openDialog as openDialogIn,
  openPalette as openPaletteIn,
  openTab as openTabIn,
  type TabRef,
  type VmSection,
} from '../state/view.ts';

export function openTab(tab: TabRef, section?: VmSection): void {
  update('view', (view) => openTabIn(view, tab, section));
}

export function closeTab(key: string): void {
  update('view', (view) => closeTabIn(view, key));
}

export function selectTab(key: string): void {
  update('view', (view) => ({ ...view, active: key }));
}

export function openDialog(dialog: DialogRef | undefined): void {
  update('view', (view) => openDialogIn(view, dialog));
}

export function openContextMenu(contextMenu: ContextMenuRef | undefined): void {
  update('view', (view) => openContextMenuIn(view, contextMenu));
}

export function openPalette(paletteOpen: boolean): void {
  update('view', (view) => openPaletteIn(view, paletteOpen));
}

/** The VM that hangs on the pointer; undefined when it was dropped. */
export function setDraggedVm(draggedVm: string | undefined): void {
  update('view', (view) => ({ ...view, draggedVm }));
}

export function showTasks(): void {
  update('view', (view) => ({
    ...view,
    drawerList: 'tasks',
    eventsSeenAt: view.drawerList === 'events' ? Date.now() : view.eventsSeenAt,
  }));
  prefer({ drawerOpen: true });
}

/** Opens the drawer at what happened. */
export function showEvents(): void {
  update('view', (view) => ({ ...view, drawerList: 'events', eventsSeenAt: Date.now() }));
  prefer({ drawerOpen: true });
}

export function switchTheme(): void {
  prefer({ theme: useConsole.getState().preferences.theme === 'dark' ? 'light' : 'dark' });
}

/** Opens a browser tab that runs nothing but a host. */
export function openHostTab(): void {
  const url = new URL(location.href);
  url.searchParams.set('host', '');
  window.open(url.href.replace('host=', 'host'), '_blank', 'noopener');
}
